"""Answers in the place of the service's, through all of the client but its sockets."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from inspect import isawaitable
from typing import Final

from attrs import define, field

from sagemaker_rt.errors import OptionsError, SerializationError, UnknownServiceError
from sagemaker_rt.http import Body, FileBody, Request, Response
from sagemaker_rt.identity import Credentials
from sagemaker_rt.operations import OPERATIONS, Operation
from sagemaker_rt.options import OptionChain, Options, with_options
from sagemaker_rt.testing.http_stub import HTTPStub, fresh
from sagemaker_rt.testing.response_encoding import encode_error
from sagemaker_rt.testing.stub_answers import (
    Reply,
    StubAnswer,
    StubFunction,
    is_function,
    listed,
    reply_to,
)
from sagemaker_rt.testing.stub_request import (
    StubRequest,
    operation_named,
    operation_of,
)

__all__ = ["Stubs", "with_stubs"]


@define
class _Script:
    """Answers in order, the last of which repeats."""

    latest: Reply | StubFunction
    """To begin with, the answer where there are none."""
    pending: deque[Reply | StubFunction] = field(factory=deque)

    def next(self) -> Reply | StubFunction:
        if self.pending:
            self.latest = self.pending.popleft()
        return self.latest


class Stubs:
    """An `HTTPClient` that answers without a socket, as it has been told to.

    What an operation is answered with is written as the service writes it, so that
    everything between the caller and the wire runs: validation, signature, error
    mapping, the decoding of streams. Errors of the service come over the wire, and any
    other exception is raised by `send`. The last answer of an operation repeats; one
    without answers has an empty output, or an empty stream.

    Put it in place with `with_stubs`. It may serve any number of clients and event
    loops, and calls at once. An answer that waits is ended by ``total_timeout``, and by
    no time limit of an attempt.

    Args:
        answers: By operation, one answer or a list of them. A list of events is one
            answer of the operation that streams.

    Raises:
        OptionsError: There is no such operation, or an answer is none of its; or
            *answers* are no mapping.
        ParamValidationError: A dictionary has members that the output has not.
    """

    wrap_exceptions: Final = False  # a test gets the exceptions that it set

    def __init__(
        self,
        answers: Mapping[str, StubAnswer | Sequence[object]] | None = None,
    ) -> None:
        self.requests: Final[list[StubRequest]] = []
        """What was sent, oldest first, each attempt by itself."""
        self._scripts: Final = {
            operation.name: _Script(reply_to(operation, {}))
            for operation in OPERATIONS.values()
        }
        if not isinstance(answers, Mapping | None):
            message = f"answers must be a mapping from operations: {answers!r}"
            raise OptionsError(message)
        for name, given in (answers or {}).items():
            operation = operation_named(name)
            self._add(operation, listed(operation, given))

    def add(self, operation: str, *answers: StubAnswer) -> None:
        """Answer further requests of *operation* with *answers*, one each.

        They come after those that have been added before.

        Args:
            operation: Its name in the model, or the client's method.
            answers: A function is asked at each request that it is the answer to.

        Raises:
            OptionsError: There is no such operation, or an answer is none of its.
            ParamValidationError: A dictionary has members that the output has not.
        """
        self._add(operation_named(operation), answers)

    def clear(self) -> None:
        """Forget the requests; the answers stay."""
        self.requests.clear()

    async def send(self, request: Request) -> Response:
        """Return, or raise, the next answer for *request*.

        Raises:
            OptionsError: A function gave what is no answer.
            SerializationError: The body's file cannot be read.
        """
        operation = operation_of(request)
        if operation is None:
            return _not_found(request).response()
        sent = request.copy()
        sent.body = await _read(request.body)
        received = StubRequest(operation.name, sent)
        self.requests.append(received)
        reply = self._scripts[operation.name].next()
        if not isinstance(reply, (HTTPStub, BaseException)):
            reply = await _ask(reply, operation, received)
        if isinstance(reply, BaseException):
            raise fresh(reply)
        return reply.response()

    async def aclose(self) -> None:
        """Do nothing: there is no connection to close."""

    def _add(self, operation: Operation, answers: Iterable[object]) -> None:
        checked = [a if is_function(a) else reply_to(operation, a) for a in answers]
        self._scripts[operation.name].pending.extend(checked)


async def _ask(
    function: StubFunction, operation: Operation, received: StubRequest
) -> Reply:
    given = function(received)
    return reply_to(operation, await given if isawaitable(given) else given)


async def _read(body: Body) -> bytes:
    """Return the whole of *body*; a file is read in a thread."""
    if not isinstance(body, FileBody):
        return body
    try:
        return await asyncio.to_thread(lambda: b"".join(body.chunks()))
    except (OSError, ValueError) as error:
        message = f"the body's file cannot be read: {error}"
        raise SerializationError(message) from error


def _not_found(request: Request) -> HTTPStub:
    """Return what the service says of a path that leads to no operation."""
    message = f"no operation is at {request.method} {request.path}"
    code = "UnknownOperationException"
    return encode_error(UnknownServiceError(message, code=code, http_status=404))


def with_stubs(stubs: Stubs) -> OptionChain:
    """Let a client be answered by *stubs*, and look at nothing outside of itself.

    It makes one attempt of each call, signs with credentials of its own, and reads
    neither environment nor profile. Its region is ``us-stubbed-1`` unless one is set.
    Options after this one have the last word, so that retries can be tested too::

        Client(with_stubs(stubs), with_options(retry_mode="standard"))

    It is for a client as a whole, not for a single call.

    Raises:
        OptionsError: *stubs* are none.
    """
    if not isinstance(stubs, Stubs):
        message = f"with_stubs takes Stubs, not {type(stubs).__name__}"
        raise OptionsError(message)
    return OptionChain((with_options(http_client=stubs), _APART, _somewhere))


def _somewhere(options: Options) -> Options:
    """Set a region where none is set."""
    return options if options.region else options.replace(region="us-stubbed-1")


_APART: Final = with_options(
    credentials=Credentials("AKIASTUBBED", "stubbed-secret"),
    environ={},
    profile=None,
    token_provider=None,
    defaults_mode=None,  # "auto" asks the instance metadata service for the region
    client_side_monitoring=False,
    retry_mode="off",
    retryer=None,
    retry_base_delay=None,
    retry_max_delay=None,
    retry_jitter=None,
)
