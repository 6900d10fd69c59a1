"""The emulator itself: what is deployed, who may ask, and what is to go wrong."""

from __future__ import annotations

import secrets
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from ipaddress import ip_address
from types import TracebackType
from typing import Final, Self
from uuid import uuid4

from sagemaker_rt.emulator import s3
from sagemaker_rt.emulator.async_jobs import Jobs
from sagemaker_rt.emulator.endpoints import ColdStart, Deployment, Deployments
from sagemaker_rt.emulator.event_stream import Chunking
from sagemaker_rt.emulator.faults import Disconnect, Fault, FaultScript
from sagemaker_rt.emulator.invocations import Invocations
from sagemaker_rt.emulator.models import BUILT_IN, Model
from sagemaker_rt.emulator.object_store import ObjectStore
from sagemaker_rt.emulator.received_request import ReceivedRequest
from sagemaker_rt.emulator.responses import Answer, Refusal, StreamedAnswer, refusal
from sagemaker_rt.emulator.server import Reply, Server
from sagemaker_rt.emulator.sessions import Sessions
from sagemaker_rt.emulator.signature_verification import (
    Audience,
    Doubt,
    SignatureRefused,
    verify,
)
from sagemaker_rt.errors import ClientStateError, OptionsError
from sagemaker_rt.identity import Credentials
from sagemaker_rt.operations import (
    INVOKE_ENDPOINT,
    INVOKE_ENDPOINT_ASYNC,
    SIGNING_NAME,
)

__all__ = ["Emulator"]

_CODES: Final = {
    Doubt.MISSING: "MissingAuthenticationTokenException",
    Doubt.INCOMPLETE: "IncompleteSignatureException",
    Doubt.UNSIGNED_HEADER: "InvalidSignatureException",
    Doubt.UNKNOWN_KEY: "UnrecognizedClientException",
    Doubt.WRONG_TOKEN: "UnrecognizedClientException",
    Doubt.EXPIRED_TOKEN: "ExpiredTokenException",
    Doubt.WRONG_SCOPE: "InvalidSignatureException",
    Doubt.SKEWED: "InvalidSignatureException",
    Doubt.MISMATCH: "InvalidSignatureException",
}
"""What the service calls the failures of a signature; it answers them with 403."""

_NO_ACCOUNT: Final = "000000000000"
_CHUNKING: Final = Chunking()


class Emulator:
    """A SageMaker Runtime on a loopback address, for as long as its block lasts.

    Its endpoints are ``echo``, ``json``, ``slow``, ``tokens`` and ``failing``, and what
    is deployed. Only requests that are signed with its credentials are served.

    Args:
        host: A loopback address.
        port: 0 takes one that is free.
        region: For which requests must be signed.
        credentials: With which requests must be signed; made up if left out.
        models: Endpoints to begin with, by name.
        clock: Seconds since the epoch, for signatures, sessions, cold starts, the
            queue of asynchronous invocations, and ``Date``.
        chunking: How streams are cut.
        output_path: Where asynchronous invocations put their answers.
        max_running_jobs: How many asynchronous invocations run at once.
        session_lifetime: Seconds until a stateful session ends.
        record_limit: How many requests are remembered.

    Raises:
        OptionsError: *host* is not a loopback address, or an endpoint could not answer.
    """

    _is_started = False

    def __init__(  # noqa: PLR0913 - each is named, and has a default
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        region: str = "us-east-1",
        credentials: Credentials | None = None,
        models: Mapping[str, Model] | None = None,
        clock: Callable[[], float] = time.time,
        chunking: Chunking = _CHUNKING,
        output_path: str = "s3://emulator/output",
        max_running_jobs: int = 4,
        session_lifetime: float = 1200.0,
        record_limit: int = 1000,
    ) -> None:
        self.region: Final = region
        self.credentials = credentials or _new_credentials()
        """What requests must be signed with; set others to rotate them."""
        self.faults: Final = FaultScript()
        self.objects: Final = ObjectStore(clock)
        self.requests: Final[deque[ReceivedRequest]] = deque(maxlen=record_limit)
        """The latest requests, oldest first, refused ones too."""
        self._host: Final = _loopback(host)
        self._port = port
        self._clock: Final = clock
        self._deployments: Final = Deployments(
            self._account, BUILT_IN | dict(models or {})
        )
        self._invocations: Final = Invocations(
            deployments=self._deployments,
            sessions=Sessions(clock=clock, new_id=_new_id, lifetime=session_lifetime),
            jobs=Jobs(
                objects=self.objects,
                clock=clock,
                new_id=_new_id,
                output_path=output_path.rstrip("/"),
                max_running=max_running_jobs,
            ),
            clock=clock,
            part_bytes=chunking.part_bytes,
            log_stream_arn=self._log_stream_arn,
        )
        self._server: Final = Server(
            self._respond, clock=clock, write_bytes=chunking.write_bytes
        )

    @property
    def url(self) -> str:
        """Where the runtime is; there is a port once it is started.

        Raises:
            ClientStateError: It is not started.
        """
        if not self._is_started:
            message = "the emulator is not started; use it in an async with block"
            raise ClientStateError(message)
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{host}:{self._port}"

    @property
    def s3_url(self) -> str:
        """Where the object store is, for clients of S3 with path-style addresses."""
        return self.url + s3.PREFIX

    def deploy(
        self,
        endpoint_name: str,
        model: Model | None = None,
        *,
        cold_start: ColdStart | int = 0,
        inference_components: Mapping[str, Model] | None = None,
        variants: Sequence[str] = ("AllTraffic",),
    ) -> None:
        """Put *model* behind *endpoint_name*, in the place of what was there.

        Args:
            model: None where every request must name an inference component.
            cold_start: For how long a target model is not ready; a number is for how
                many requests.
            inference_components: Further models of the endpoint, by their names.
            variants: The production variants; the first is the one by default.

        Raises:
            OptionsError: The endpoint could not answer.
        """
        if isinstance(cold_start, int):
            cold_start = ColdStart(requests=cold_start)
        self._deployments.add(
            Deployment(
                endpoint_name=endpoint_name,
                model=model,
                inference_components=inference_components or {},
                variants=tuple(variants),
                cold_start=cold_start,
            )
        )

    def fail_next(self, *faults: Fault) -> None:
        """Let the next requests have *faults*, one each, after those in the script."""
        for fault in faults:
            self.faults.add(fault)

    async def finish_jobs(self) -> None:
        """Wait until no asynchronous invocation is queued or running."""
        await self._invocations.jobs.finish()

    async def start(self) -> None:
        """Listen; `aclose` must follow. An emulator is started once.

        Raises:
            ClientStateError: It was started before.
            OptionsError: The port cannot be had.
        """
        if self._is_started:
            message = "the emulator was started already; make another one"
            raise ClientStateError(message)
        self._port = await self._server.start(self._host, self._port)
        self._is_started = True

    async def aclose(self) -> None:
        """Stop listening; cancel models that run, and see their tasks end."""
        await self._server.aclose()
        await self._invocations.jobs.aclose()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()

    async def _respond(self, received: ReceivedRequest) -> Reply:
        """Return what a request gets."""
        self.requests.append(received.for_record())
        try:
            self._verify(received)
            fault = self.faults.take(received.operation, received.endpoint_name)
            if isinstance(fault, Answer | Disconnect):
                return Reply(fault)
            return Reply(await self._answer(received), fault)
        except Refusal as refused:
            return Reply(refused.answer)

    async def _answer(self, received: ReceivedRequest) -> Answer | StreamedAnswer:
        """Return the answer to a request that may be asked."""
        if received.endpoint_name is None:
            return s3.answer(received, self.objects)
        if received.operation == INVOKE_ENDPOINT.name:
            return await self._invocations.invoke_endpoint(received)
        if received.operation == INVOKE_ENDPOINT_ASYNC.name:
            return await self._invocations.invoke_endpoint_async(received)
        return await self._invocations.invoke_endpoint_with_response_stream(received)

    def _verify(self, received: ReceivedRequest) -> None:
        """Ask that a request is signed for the service that it goes to."""
        is_s3 = received.endpoint_name is None
        service = "s3" if is_s3 else SIGNING_NAME
        try:
            verify(
                received,
                credentials=self.credentials,
                audience=Audience(region=self.region, service=service, is_s3=is_s3),
                now=self._clock(),
            )
        except SignatureRefused as refused:
            if is_s3:
                raise Refusal(s3.signature_answer(refused)) from refused
            code = _CODES[refused.doubt]
            raise refusal(refused.message, code=code, status=403) from refused

    def _account(self) -> str:
        """Return the account that the endpoints belong to."""
        return self.credentials.account_id or _NO_ACCOUNT

    def _log_stream_arn(self, endpoint_name: str) -> str:
        """Return where the log of *endpoint_name* would be."""
        group = f"log-group:/aws/sagemaker/Endpoints/{endpoint_name}"
        return f"arn:aws:logs:{self.region}:{self._account()}:{group}"


def _loopback(host: str) -> str:
    """Return the loopback address that *host* names."""
    if host == "localhost":
        return "127.0.0.1"
    try:
        is_loopback = ip_address(host).is_loopback
    except ValueError:
        is_loopback = False
    if not is_loopback:
        message = (
            f"the emulator listens on this machine alone, and not on {host!r}; "
            "give a loopback address such as 127.0.0.1"
        )
        raise OptionsError(message)
    return host


def _new_credentials() -> Credentials:
    """Make up credentials that nothing else knows."""
    return Credentials(f"AKIA{secrets.token_hex(8).upper()}", secrets.token_urlsafe(30))


def _new_id() -> str:
    """Make up an id for a session or an inference."""
    return str(uuid4())
