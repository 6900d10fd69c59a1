"""The emulator: its endpoints, credentials, faults and record of requests."""

from __future__ import annotations

import secrets
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from ssl import SSLContext
from types import TracebackType
from typing import Final, Self
from uuid import uuid4

from sagemaker_rt.emulator import s3
from sagemaker_rt.emulator.async_jobs import AsyncJobQueue
from sagemaker_rt.emulator.authentication import authenticate
from sagemaker_rt.emulator.bidirectional_admission import admit
from sagemaker_rt.emulator.bidirectional_handler import Admission, BidirectionalHandler
from sagemaker_rt.emulator.built_in_models import BUILT_IN
from sagemaker_rt.emulator.chat_completions import ChatCompletions
from sagemaker_rt.emulator.endpoints import (
    ColdStart,
    DeployedEndpoint,
    DeployedEndpoints,
)
from sagemaker_rt.emulator.event_stream import Chunking
from sagemaker_rt.emulator.faults import Disconnect, Fault, FaultScript
from sagemaker_rt.emulator.http2_listener import Http2Listener
from sagemaker_rt.emulator.invocations import InvocationHandler
from sagemaker_rt.emulator.loopback import loopback_address
from sagemaker_rt.emulator.models import Model
from sagemaker_rt.emulator.object_store import ObjectStore
from sagemaker_rt.emulator.openai_path import CHAT_COMPLETIONS, in_openai_format
from sagemaker_rt.emulator.received_request import ReceivedRequest
from sagemaker_rt.emulator.responses import Answer, RequestRejected, StreamedAnswer
from sagemaker_rt.emulator.server import Reply, Server
from sagemaker_rt.emulator.sessions import Sessions
from sagemaker_rt.emulator.stream_faults import StreamFault
from sagemaker_rt.emulator.websocket_models import WebSocketModel, echo_messages
from sagemaker_rt.errors import ClientStateError
from sagemaker_rt.identity import Credentials
from sagemaker_rt.operations import INVOKE_ENDPOINT, INVOKE_ENDPOINT_ASYNC

__all__ = ["Emulator"]

_NO_ACCOUNT: Final = "000000000000"
_CHUNKING: Final = Chunking()


class Emulator:
    """A local SageMaker Runtime, as an async context manager.

    It has the endpoints ``echo``, ``json``, ``slow``, ``tokens``, ``chat`` and
    ``failing``, and those that are deployed. It rejects requests that are not signed
    with its credentials.

    Args:
        host: A loopback address to listen on.
        port: The port to listen on; 0 selects a free one.
        region: The region that requests must be signed for.
        credentials: The credentials that requests must be signed with; random ones by
            default.
        models: Models to deploy, by endpoint name.
        clock: Returns seconds since the epoch. Used for signatures, sessions, cold
            starts, the queue of asynchronous invocations, and the ``Date`` header.
        chunking: How streamed responses are divided.
        on_response: Called with each request, the status of its response, and the
            seconds until then; the status is None if the connection was closed instead.
        output_path: URI prefix of the output of asynchronous invocations.
        max_running_jobs: Number of asynchronous invocations that run at once.
        session_lifetime: Seconds until a stateful session expires.
        record_limit: Number of requests to record.
        websocket_models: Models of streams in both directions, by endpoint name; beside
            them there is ``echo``.
        ssl_context: The certificate, if connections are encrypted.

    Raises:
        OptionsError: *host* is not a loopback address.
    """

    faults: Final[FaultScript]
    """Faults to inject into responses."""
    objects: Final[ObjectStore]
    """Objects of S3, by URI."""
    requests: Final[deque[ReceivedRequest]]
    """The latest requests, oldest first, including rejected ones."""
    _is_started = False

    def __init__(  # noqa: PLR0913 - all are keyword-only, with defaults
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
        on_response: Callable[[ReceivedRequest, int | None, float], None] | None = None,
        websocket_models: Mapping[str, WebSocketModel] | None = None,
        ssl_context: SSLContext | None = None,
    ) -> None:
        self.region: Final = region
        self.credentials = credentials or _new_credentials()
        """The credentials that requests must be signed with; can be replaced."""
        self.faults = FaultScript()
        bucket = output_path.removeprefix("s3://").partition("/")[0]
        self.objects = ObjectStore(clock, buckets=[bucket])
        self.requests = deque(maxlen=record_limit)
        self._on_response: Final = on_response
        self._host: Final = loopback_address(host)
        self._port = port
        self._clock: Final = clock
        models = BUILT_IN | dict(models or {})
        self._endpoints: Final = DeployedEndpoints(self._account, models)
        self._invocations: Final = self._invocation_handler(
            chunking, output_path, max_running_jobs, session_lifetime
        )
        self._websocket_models = {"echo": echo_messages} | dict(websocket_models or {})
        self._scheme: Final = "http" if ssl_context is None else "https"
        streams = BidirectionalHandler(self._admit, clock)
        self._server: Final = Server(
            self._respond,
            clock=clock,
            write_bytes=chunking.write_bytes,
            http2=Http2Listener(streams.respond),
            ssl_context=ssl_context,
        )

    @property
    def url(self) -> str:
        """Base URL of the service.

        Raises:
            ClientStateError: The emulator is not started.
        """
        if not self._is_started:
            message = "the emulator is not started; use it in an async with block"
            raise ClientStateError(message)
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"{self._scheme}://{host}:{self._port}"

    @property
    def s3_url(self) -> str:
        """Base URL of S3, for clients with path-style addressing."""
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
        """Deploy *model* to an endpoint; an existing endpoint is replaced.

        Args:
            endpoint_name: The name of the endpoint.
            model: None if each request must name an inference component.
            cold_start: How long target models are not ready; an int is a number of
                requests.
            inference_components: Models by the name of their inference component.
            variants: Names of the production variants; the first is the default.

        Raises:
            OptionsError: The endpoint has no model or no variant.
        """
        if isinstance(cold_start, int):
            cold_start = ColdStart(requests=cold_start)
        self._endpoints.add(
            DeployedEndpoint(
                endpoint_name=endpoint_name,
                model=model,
                inference_components=inference_components or {},
                variants=tuple(variants),
                cold_start=cold_start,
            )
        )

    def deploy_websocket(self, endpoint_name: str, model: WebSocketModel) -> None:
        """Deploy *model*, of streams in both directions, to an endpoint.

        An existing model of such streams is replaced. The endpoint may also have a
        model of the other operations, from `deploy`.
        """
        self._websocket_models[endpoint_name] = model

    def fail_next(self, *faults: Fault) -> None:
        """Append *faults* to `faults`, each for one request."""
        for fault in faults:
            self.faults.add(fault)

    async def finish_jobs(self) -> None:
        """Wait until no asynchronous invocation is queued or running."""
        await self._invocations.jobs.finish()

    async def start(self) -> None:
        """Start listening. The caller must call `aclose`.

        Raises:
            ClientStateError: The emulator was started before.
            OptionsError: The port is not available.
        """
        if self._is_started:
            message = "the emulator was started before; create another one"
            raise ClientStateError(message)
        self._port = await self._server.start(self._host, self._port)
        self._is_started = True

    async def aclose(self) -> None:
        """Stop listening, close connections, and cancel models that run.

        Returns when all tasks of the emulator have ended.
        """
        # the server first: its requests could queue more jobs
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
        """Return the response or the fault of a request, and report both."""
        started = time.perf_counter()
        reply = await self._reply(received)
        if self._on_response is not None:
            answer = reply.answer
            status = None if isinstance(answer, Disconnect) else 200
            status = answer.status if isinstance(answer, Answer) else status
            self._on_response(received, status, time.perf_counter() - started)
        return reply

    async def _reply(self, received: ReceivedRequest) -> Reply:
        """Return the response or the fault of a request, and record the request."""
        self.requests.append(received.truncated())
        try:
            # a rejected request does not use up a fault
            authenticate(
                received,
                credentials=self.credentials,
                region=self.region,
                now=self._clock(),
            )
            fault = self.faults.take(received.operation, received.endpoint_name)
            if isinstance(fault, Answer):
                return Reply(_in_format_of(received, fault))
            if isinstance(fault, Disconnect):
                return Reply(fault)
            assert not isinstance(fault, StreamFault)  # noqa: S101 - of the other model
            return Reply(await self._answer(received), fault)
        except RequestRejected as rejected:
            return Reply(_in_format_of(received, rejected.answer))

    async def _answer(self, received: ReceivedRequest) -> Answer | StreamedAnswer:
        """Return the response to a request with a valid signature.

        Raises:
            RequestRejected: The request is invalid, or the model failed.
        """
        if received.endpoint_name is None:
            return s3.answer(received, self.objects, region=self.region)
        if received.operation == INVOKE_ENDPOINT.name:
            return await self._invocations.invoke_endpoint(received)
        if received.operation == INVOKE_ENDPOINT_ASYNC.name:
            return await self._invocations.invoke_endpoint_async(received)
        if received.operation == CHAT_COMPLETIONS:
            return await ChatCompletions(self._invocations).answer(received)
        return await self._invocations.invoke_endpoint_with_response_stream(received)

    def _invocation_handler(
        self,
        chunking: Chunking,
        output_path: str,
        max_running_jobs: int,
        session_lifetime: float,
    ) -> InvocationHandler:
        clock = self._clock
        return InvocationHandler(
            endpoints=self._endpoints,
            sessions=Sessions(clock=clock, new_id=_new_id, lifetime=session_lifetime),
            jobs=AsyncJobQueue(
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

    def _admit(self, received: ReceivedRequest) -> Admission:
        """Record the request of a stream in both directions, and decide about it."""
        self.requests.append(received)
        admission = admit(
            received,
            models=self._websocket_models,
            credentials=self.credentials,
            region=self.region,
            faults=self.faults,
            clock=self._clock,
        )
        if self._on_response is not None:
            status = admission.status if isinstance(admission, Answer) else 200
            is_cut = isinstance(admission, Disconnect)
            self._on_response(received, None if is_cut else status, 0.0)
        return admission

    def _account(self) -> str:
        """Return the id of the account that owns the endpoints."""
        return self.credentials.account_id or _NO_ACCOUNT

    def _log_stream_arn(self, endpoint_name: str) -> str:
        """Return the ARN of the log group of an endpoint."""
        group = f"log-group:/aws/sagemaker/Endpoints/{endpoint_name}"
        return f"arn:aws:logs:{self.region}:{self._account()}:{group}"


def _in_format_of(received: ReceivedRequest, answer: Answer) -> Answer:
    """Return an error in the format of the path that the request was sent to."""
    is_openai = received.operation == CHAT_COMPLETIONS
    return in_openai_format(answer) if is_openai else answer


def _new_credentials() -> Credentials:
    """Return random credentials."""
    return Credentials(f"AKIA{secrets.token_hex(8).upper()}", secrets.token_urlsafe(30))


def _new_id() -> str:
    """Return a random id for a session or an inference."""
    return str(uuid4())
