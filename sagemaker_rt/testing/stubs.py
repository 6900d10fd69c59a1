"""Stubs: an HTTP client that returns answers from memory."""

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
from sagemaker_rt.testing.http_stub import HTTPStub, copy_to_raise
from sagemaker_rt.testing.response_encoding import encode_error
from sagemaker_rt.testing.stub_answers import (
    Reply,
    StubAnswer,
    StubFunction,
    as_list,
    is_function,
    to_reply,
)
from sagemaker_rt.testing.stub_request import (
    StubRequest,
    find_operation,
    operation_of_request,
)

__all__ = ["Stubs", "with_stubs"]


@define
class _Script:
    """The answers of one operation, in order; the last one repeats."""

    latest: Reply | StubFunction
    """The answer that was used last; at first, the default."""
    pending: deque[Reply | StubFunction] = field(factory=deque)
    """The answers that were not used yet."""

    def next(self) -> Reply | StubFunction:
        """Return the answer to the next request."""
        if self.pending:
            self.latest = self.pending.popleft()
        return self.latest


class Stubs:
    """An `HTTPClient` without sockets that returns predefined answers.

    Answers are encoded as HTTP responses, so that all of the client runs: validation,
    signing, retries, error mapping and the decoding of streams. An exception that is
    not a service error is raised by `send`.

    Each request uses the next answer of its operation. The last answer repeats. An
    operation without answers returns an empty output or an empty stream.

    Pass stubs to a client with `with_stubs`. They may serve several clients, event
    loops and concurrent calls. ``total_timeout`` limits an async function; the time
    limits of an attempt do not.

    Args:
        answers: One answer or a list of answers by operation. A list of events is one
            answer of InvokeEndpointWithResponseStream.

    Raises:
        OptionsError: An operation does not exist, an answer is invalid, or *answers* is
            not a mapping.
        ParamValidationError: A dictionary has a key that is not a member of the output.
    """

    wrap_exceptions: Final = False  # tests expect the exceptions that they set

    def __init__(
        self,
        answers: Mapping[str, StubAnswer | Sequence[object]] | None = None,
    ) -> None:
        self.requests: Final[list[StubRequest]] = []
        """The received requests, oldest first. Each attempt of a call is a request."""
        self._scripts: Final = {
            operation.name: _Script(to_reply(operation, {}))
            for operation in OPERATIONS.values()
        }
        if not isinstance(answers, Mapping | None):
            message = (
                f"answers {answers!r} must be a mapping from operations to answers"
            )
            raise OptionsError(message)
        for name, values in (answers or {}).items():
            operation = find_operation(name)
            self._add(operation, as_list(operation, values))

    def add(self, operation: str, *answers: StubAnswer) -> None:
        """Append *answers* to the answers of *operation*, each for one request.

        Args:
            operation: Name of the operation, or of the method of the client.
            answers: A function is called for each request that uses it.

        Raises:
            OptionsError: The operation does not exist, or an answer is invalid.
            ParamValidationError: A dictionary has a key that is not a member of the
                output.
        """
        self._add(find_operation(operation), answers)

    def assert_no_pending(self) -> None:
        """Raise AssertionError if answers were not used.

        An answer is pending until it is used for the first time. The last answer of an
        operation, which repeats, is not pending after its first use. The default answer
        of an operation is never pending.

        Raises:
            AssertionError: Lists the operations with their number of pending answers.
        """
        pending = {
            name: len(script.pending)
            for name, script in self._scripts.items()
            if script.pending
        }
        if pending:
            message = f"answers that were not used, by operation: {pending}"
            raise AssertionError(message)

    def clear(self) -> None:
        """Remove the recorded requests; the answers stay."""
        self.requests.clear()

    async def send(self, request: Request) -> Response:
        """Return or raise the next answer of the operation of *request*.

        Raises:
            OptionsError: A function returned an invalid answer.
            SerializationError: The file of the body cannot be read.
        """
        operation = operation_of_request(request)
        if operation is None:
            return _not_found(request).response()
        # a copy, since a middleware may change the request afterwards
        copy = request.copy()
        copy.body = await _read(request.body)
        received = StubRequest(operation.name, copy)
        self.requests.append(received)
        reply = self._scripts[operation.name].next()
        if not isinstance(reply, (HTTPStub, BaseException)):
            reply = await _call_function(reply, operation, received)
        # service errors are responses by now; these are errors of the transport
        if isinstance(reply, BaseException):
            raise copy_to_raise(reply)
        return reply.response()

    async def aclose(self) -> None:
        """Do nothing: stubs open no connections."""

    def _add(self, operation: Operation, answers: Iterable[object]) -> None:
        checked = [a if is_function(a) else to_reply(operation, a) for a in answers]
        self._scripts[operation.name].pending.extend(checked)


async def _call_function(
    function: StubFunction, operation: Operation, received: StubRequest
) -> Reply:
    answer = function(received)
    return to_reply(operation, await answer if isawaitable(answer) else answer)


async def _read(body: Body) -> bytes:
    """Return *body* as bytes; a file is read in a thread."""
    if not isinstance(body, FileBody):
        return body
    try:
        return await asyncio.to_thread(lambda: b"".join(body.chunks()))
    except (OSError, ValueError) as error:
        message = f"the file of the body cannot be read: {error}"
        raise SerializationError(message) from error


def _not_found(request: Request) -> HTTPStub:
    """Return the error of the service for an unknown path."""
    message = f"unknown operation: {request.method} {request.path}"
    code = "UnknownOperationException"
    return encode_error(UnknownServiceError(message, code=code, http_status=404))


def with_stubs(stubs: Stubs) -> OptionChain:
    """Return an option that sends the calls of a client to *stubs*.

    The client has static credentials, ignores the environment and the shared files, and
    does not retry. Its options of connections are reset, as they belong to a real HTTP
    client. Its region is ``us-stubbed-1`` unless one is set. Later options override
    these, for example to test retries::

        Client(with_stubs(stubs), with_options(retry_mode="standard"))

    The option cannot be set per call.

    Raises:
        OptionsError: *stubs* is not an instance of `Stubs`.
    """
    if not isinstance(stubs, Stubs):
        message = f"stubs must be an instance of Stubs, not {type(stubs).__name__}"
        raise OptionsError(message)
    return OptionChain(
        (
            _without_connections,
            with_options(http_client=stubs),
            _ISOLATED,
            _with_default_region,
        )
    )


def _without_connections(options: Options) -> Options:
    """Reset the options of connections, which a custom HTTP client contradicts."""
    return options.replace(**Options().client_only())


def _with_default_region(options: Options) -> Options:
    """Set a region if none is set."""
    return options if options.region else options.replace(region="us-stubbed-1")


_ISOLATED: Final = with_options(
    credentials=Credentials("AKIASTUBBED", "stubbed-secret"),
    environ={},
    profile=None,
    token_provider=None,
    defaults_mode=None,  # "auto" sends a request to the instance metadata service
    client_side_monitoring=False,
    retry_mode="off",
    retryer=None,
    retry_base_delay=None,
    retry_max_delay=None,
    retry_jitter=None,
)
