"""The three operations: from a received request to its response."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Final

from attrs import frozen

from sagemaker_rt.emulator.async_jobs import AsyncJob, AsyncJobQueue
from sagemaker_rt.emulator.endpoints import DeployedEndpoint, DeployedEndpoints
from sagemaker_rt.emulator.event_stream import encode_stream
from sagemaker_rt.emulator.models import (
    InvocationRequest,
    Model,
    ModelFailure,
    ModelResponse,
    call_model,
)
from sagemaker_rt.emulator.received_request import ReceivedRequest
from sagemaker_rt.emulator.responses import (
    Answer,
    RequestRejected,
    StreamedAnswer,
    error_answer,
    rejection,
)
from sagemaker_rt.emulator.sessions import Session, Sessions
from sagemaker_rt.shapes import NEW_SESSION

__all__ = [
    "MAX_ASYNC_BODY",
    "Invocation",
    "InvocationHandler",
    "common_headers",
    "content_type_of",
]

MAX_ASYNC_BODY: Final = 128_000
"""Maximum size of the body of an asynchronous invocation, in bytes.

Source: API reference of InvokeEndpointAsync, Body.
"""

_PREFIX: Final = "x-amzn-sagemaker-"
# as in the service model
_LOCATION: Final = re.compile(r"(https|s3)://([^/]+)/?(.*)")
# members of InvocationRequest, and the suffixes of the headers that carry them
_MEMBERS: Final = {
    "custom_attributes": "custom-attributes",
    "target_model": "target-model",
    "target_variant": "target-variant",
    "target_container_hostname": "target-container-hostname",
    "inference_id": "inference-id",
    "enable_explanations": "enable-explanations",
    "inference_component_name": "inference-component",
    "prefix_aware_id": "prefix-aware-id",
}


@frozen(kw_only=True)
class Invocation:
    """A request and the model that serves it."""

    model: Model
    request: InvocationRequest
    session: Session | None
    opens_session: bool


@frozen(kw_only=True)
class InvocationHandler:
    """Responds to requests of the three operations."""

    endpoints: DeployedEndpoints
    sessions: Sessions
    jobs: AsyncJobQueue
    clock: Callable[[], float]
    part_bytes: int
    """Size of an event if the model returns bytes."""
    log_stream_arn: Callable[[str], str]
    """Returns the ARN of the log of an endpoint."""

    async def invoke_endpoint(self, received: ReceivedRequest) -> Answer:
        """Run the model, and return its complete response.

        Raises:
            RequestRejected: The request is invalid, or the model failed.
        """
        # the other operations carry Accept in a header of SageMaker
        invocation = self.resolve(
            received, accept="accept", content_type="content-type"
        )
        try:
            response = await call_model(invocation.model, invocation.request)
            body = await response.whole()
        except ModelFailure as failure:
            self._drop_new_session(invocation)
            raise self.model_error(invocation.request, failure) from failure
        headers = {
            **common_headers(invocation.request, response),
            "Content-Type": content_type_of(invocation.request, response),
            **self._session_headers(invocation),
        }
        return Answer(200, body, headers=headers)

    async def invoke_endpoint_with_response_stream(
        self, received: ReceivedRequest
    ) -> StreamedAnswer:
        """Run the model until its first part, and return an event stream.

        Raises:
            RequestRejected: The request is invalid, or the model failed before its
                first part.
        """
        if received.headers.get(f"{_PREFIX}session-id") == NEW_SESSION:
            message = "A streaming request cannot open a session; it can join one."
            raise rejection(message)
        invocation = self.resolve(
            received, accept=f"{_PREFIX}accept", content_type="content-type"
        )
        try:
            response = await call_model(invocation.model, invocation.request)
            frames = encode_stream(response.parts(self.part_bytes))
            await anext(frames)
        except ModelFailure as failure:
            raise self.model_error(invocation.request, failure) from failure
        headers = {
            **common_headers(invocation.request, response),
            "Content-Type": "application/vnd.amazon.eventstream",
            "X-Amzn-SageMaker-Content-Type": content_type_of(
                invocation.request, response
            ),
        }
        return StreamedAnswer(headers, frames)

    async def invoke_endpoint_async(self, received: ReceivedRequest) -> Answer:
        """Queue the request, and return the locations of its output.

        Raises:
            RequestRejected: The request is invalid.
        """
        headers = received.headers
        input_location = headers.get(f"{_PREFIX}inputlocation")
        if (input_location is None) == (received.body_length == 0):
            message = "Provide exactly one of Body and InputLocation."
            raise rejection(message)
        if input_location is not None and not _LOCATION.fullmatch(input_location):
            message = f"InputLocation is not an S3 URI: {input_location!r:.1024}"
            raise rejection(message)
        if received.body_length > MAX_ASYNC_BODY:
            message = f"Body can be up to {MAX_ASYNC_BODY} bytes."
            raise rejection(message)
        invocation = self.resolve(
            received,
            accept=f"{_PREFIX}accept",
            content_type=f"{_PREFIX}content-type",
        )
        job = self.jobs.submit(
            AsyncJob(
                model=invocation.model,
                request=invocation.request,
                input_location=input_location,
                extension=headers.get(f"{_PREFIX}s3outputpathextension"),
                filename=headers.get(f"{_PREFIX}filename"),
                # defaults: API reference of InvokeEndpointAsync
                ttl=_seconds(headers, "requestttlseconds", 21_600),
                timeout=_seconds(headers, "invocationtimeoutseconds", 900),
            )
        )
        return Answer(
            202,
            json.dumps({"InferenceId": job.inference_id}).encode(),
            headers={
                "Content-Type": "application/json",
                "X-Amzn-SageMaker-OutputLocation": job.output_location,
                "X-Amzn-SageMaker-FailureLocation": job.failure_location,
            },
        )

    def resolve(
        self, received: ReceivedRequest, *, accept: str, content_type: str
    ) -> Invocation:
        """Return the model that serves a request, and its input.

        Args:
            accept: Name of the header that carries Accept.
            content_type: Name of the header that carries ContentType.

        Raises:
            RequestRejected: The endpoint, the component, the variant or the session
                does not exist, or the model is not ready.
        """
        headers = received.headers
        endpoint_name = received.endpoint_name or ""
        members = {
            name: headers.get(_PREFIX + header) for name, header in _MEMBERS.items()
        }
        endpoint = self.endpoints.find(endpoint_name)
        model = endpoint.find_model(members["inference_component_name"])
        variant = endpoint.find_variant(members["target_variant"])
        endpoint.require_loaded(members["target_model"], self.clock())
        session_id = headers.get(f"{_PREFIX}session-id")
        session = self._session(endpoint, session_id)
        return Invocation(
            model=model,
            session=session,
            opens_session=session_id == NEW_SESSION,
            request=InvocationRequest(
                operation=received.operation,
                endpoint_name=endpoint_name,
                body=received.body,
                content_type=headers.get(content_type),
                accept=headers.get(accept),
                production_variant=variant,
                session=session,
                **members,
            ),
        )

    def _session(self, endpoint: DeployedEndpoint, id: str | None) -> Session | None:
        """Return the session that a request opens or joins, if any."""
        if id is None:
            return None
        if id == NEW_SESSION:
            return self.sessions.open(endpoint.endpoint_name)
        return self.sessions.join(endpoint.endpoint_name, id)

    def _session_headers(self, invocation: Invocation) -> dict[str, str]:
        """Return the headers that report an opened or a closed session."""
        session = invocation.session
        headers: dict[str, str] = {}
        if session is None:
            return headers
        if invocation.opens_session:
            headers["X-Amzn-SageMaker-New-Session-Id"] = session.announcement
        # a model closes its session while it handles the request
        if session.is_closed:
            self.sessions.discard(session)
            headers["X-Amzn-SageMaker-Closed-Session-Id"] = session.id
        return headers

    def _drop_new_session(self, invocation: Invocation) -> None:
        """Discard a session whose id the client does not receive."""
        if invocation.session is not None and invocation.opens_session:
            self.sessions.discard(invocation.session)

    def model_error(
        self, request: InvocationRequest, failure: ModelFailure
    ) -> RequestRejected:
        """Return the ModelError response to a failure of the model."""
        return RequestRejected(
            error_answer(
                "ModelError",
                424,
                failure.summary,
                members={
                    "ErrorCode": _model_error_code(failure.status),
                    "OriginalStatusCode": failure.status,
                    "OriginalMessage": failure.message,
                    "LogStreamArn": self.log_stream_arn(request.endpoint_name),
                },
            )
        )


def _model_error_code(status: int) -> str:
    """Return the member ``ErrorCode`` of a ModelError."""
    is_rejection = 400 <= status < 500  # noqa: PLR2004 - the class of client errors
    return "CLIENT_ERROR_FROM_MODEL" if is_rejection else "INTERNAL_FAILURE_FROM_MODEL"


def common_headers(
    request: InvocationRequest, response: ModelResponse
) -> dict[str, str]:
    """Return the headers that complete and streamed responses have in common."""
    headers = {"x-Amzn-Invoked-Production-Variant": request.production_variant}
    if response.custom_attributes is not None:
        name = "X-Amzn-SageMaker-Custom-Attributes"
        headers[name] = response.custom_attributes
    return headers


def content_type_of(request: InvocationRequest, response: ModelResponse) -> str:
    """Return the MIME type of the response."""
    return response.content_type or request.accept or "application/octet-stream"


def _seconds(headers: Mapping[str, str], name: str, default: int) -> int:
    """Return the number of seconds in the header *name*, without its prefix."""
    value = headers.get(_PREFIX + name)
    if value is None:
        return default
    if not value.isdecimal():
        message = f"{name} is not a number of seconds: {value!r}"
        raise rejection(message)
    return int(value)
