"""The opening of a stateful session."""

from __future__ import annotations

from typing import Any

from sagemaker_rt.errors import (
    ParamValidationError,
    SerializationError,
    SessionNotOpenedError,
)
from sagemaker_rt.inference.runtime_client import RuntimeClient
from sagemaker_rt.inference.sessions import Session, with_facts
from sagemaker_rt.invocation.arguments import arguments
from sagemaker_rt.invocation.opening import Opening
from sagemaker_rt.operations import INVOKE_ENDPOINT
from sagemaker_rt.options import Option
from sagemaker_rt.sansio.request_body import to_body
from sagemaker_rt.sansio.stateful_sessions import is_session_id
from sagemaker_rt.shapes import (
    NEW_SESSION,
    BodyLike,
    InvokeEndpointInput,
    InvokeEndpointOutput,
    SessionInfo,
)

__all__ = ["open_session"]


def open_session(  # noqa: PLR0913 - the arguments of `Client.session`
    client: RuntimeClient,
    opts: tuple[Option, ...],
    members: dict[str, Any],
    *,
    opening_body: BodyLike,
    closing_body: BodyLike | None,
    content_type: str | None,
    close_timeout: float,
) -> Opening[Session]:
    """Return a call that opens a session; see `Client.session`.

    Args:
        opts: Options of all requests.
        members: Members of all requests.

    Raises:
        ParamValidationError: An argument is invalid; nothing was sent.
    """
    is_number = isinstance(close_timeout, (int, float)) and not isinstance(
        close_timeout, bool
    )
    if not (is_number and 0 < close_timeout < float("inf")):
        problem = f"close_timeout must be a positive number, not {close_timeout!r}"
        raise ParamValidationError(problem, [problem])
    if fixed := {"session_id", "body", "json"} & members.keys():
        problem = f"the session sets {', '.join(sorted(fixed))}"
        raise ParamValidationError(problem, [problem])
    opening = {"session_id": NEW_SESSION, "body": opening_body}
    shape, _ = arguments(
        INVOKE_ENDPOINT, opts, {**members, **opening, "content_type": content_type}
    )
    assert isinstance(shape, InvokeEndpointInput)  # noqa: S101 - of this operation
    closing = {"body": closing_body, "content_type": content_type}
    _require_body("opening_body", opening_body)
    _require_body("closing_body", closing_body)

    async def call() -> Session:
        output = await client.invoke_endpoint(shape, *opts)
        return Session(
            client,
            _new_session(output),
            output,
            members=members,
            closing=None if closing_body is None else closing,
            opts=opts,
            close_timeout=close_timeout,
        )

    return Opening(call())


def _require_body(name: str, body: BodyLike | None) -> None:
    """Require a body that can be sent, before there is a session to close."""
    try:
        to_body(body)
    except SerializationError as error:
        problem = f"{name} is invalid: {error}"
        raise ParamValidationError(problem, [problem]) from error


def _new_session(output: InvokeEndpointOutput) -> SessionInfo:
    """Return the session that was opened, or raise `SessionNotOpenedError`."""
    info = output.new_session
    if info is not None and is_session_id(info.id) and info.id != NEW_SESSION:
        return info
    problem = "has no new session" if info is None else "has an invalid session ID"
    message = f"the response to the opening request {problem}; is the model stateful?"
    error = SessionNotOpenedError(message)
    raise with_facts(error, output.metadata, INVOKE_ENDPOINT.name)
