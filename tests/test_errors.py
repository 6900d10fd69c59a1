from __future__ import annotations

import asyncio
import copy
import copyreg
import inspect
import pickle
import re
from collections.abc import Callable
from io import BytesIO
from typing import Any, Final

import aiohttp
import pytest

from sagemaker_rt import errors
from sagemaker_rt.client import Client
from sagemaker_rt.config.config import Config
from sagemaker_rt.context import Key, Metadata
from sagemaker_rt.converters import to_dict
from sagemaker_rt.endpoint_resolvers import DefaultEndpointResolver, require_endpoint
from sagemaker_rt.errors import (
    THROTTLING_CODES,
    TRANSIENT_CODES,
    TRANSIENT_STATUSES,
    ModelError,
    ModelNotReadyException,
    ModelStreamError,
    ParamValidationError,
    SageMakerRuntimeError,
    ServiceError,
    UnknownServiceError,
)
from sagemaker_rt.http import Response
from sagemaker_rt.identity import Credentials
from sagemaker_rt.options import Options
from sagemaker_rt.sansio.delta_decoder import DeltaDecoder
from sagemaker_rt.sansio.endpoint_parameters import EndpointResolverOptions
from sagemaker_rt.sansio.eventstream import EventStreamDecoder, encode_message
from sagemaker_rt.sansio.json_decoding import parse_json
from sagemaker_rt.sansio.shared_config import parse
from sagemaker_rt.sansio.text_decoding import LineDecoder, decode_text
from sagemaker_rt.shapes import InvokeEndpointInput, InvokeEndpointOutput
from sagemaker_rt.stack import BuildInput, DeserializeInput, Stack, hook
from sagemaker_rt.transport.aiohttp_errors import AIOHTTP_ERRORS
from sagemaker_rt.transport.error_mapping import timeout_error
from sagemaker_rt.transport.request_stage import Stage
from tests.doubles import ScriptedHTTPClient, Wire, response

CALL: Final[dict[str, Any]] = {"endpoint_name": "m", "body": b"abc"}
TAG: Final[Any] = hook(BuildInput, id="Team")(lambda ctx, input: None)
CLASSES = [getattr(errors, name) for name in errors.__all__]
SERVICE_ERRORS = [kind for kind in CLASSES if issubclass(kind, ServiceError)]


def drawn_tree() -> dict[str, str]:
    """Return the parent of each class, as the docstring of the module draws it."""
    parents, path = {}, ["SageMakerRuntimeError"]
    for line in (errors.__doc__ or "").splitlines():
        drawn = re.match(r"    ([│ ]*)[├└]── (\w+)", line)
        if drawn:
            depth, name = len(drawn[1]) // 4 + 1, drawn[2]
            parents[name] = path[depth - 1]
            path[depth:] = [name]
    return parents


def public_parent(kind: type[SageMakerRuntimeError]) -> str:
    return next(base.__name__ for base in kind.__mro__[1:] if base in CLASSES)


def names(kinds: list[type[SageMakerRuntimeError]]) -> set[str]:
    return {kind.__name__ for kind in kinds}


def test_the_tree_in_the_docstring_is_correct() -> None:
    tree = {k.__name__: public_parent(k) for k in CLASSES if k != SageMakerRuntimeError}

    assert drawn_tree() == tree


@pytest.mark.parametrize(
    ("builtin", "refined"),
    [
        (
            ValueError,
            {
                "OptionsError",
                "SharedConfigError",
                "ProfileNotFoundError",
                "ParamValidationError",
                "EndpointResolutionError",
                "EndpointNotFoundError",
                "InvalidTextError",
                "InvalidJSONError",
            },
        ),
        (
            LookupError,
            {
                "ProfileNotFoundError",
                "UnknownMiddlewareError",
                "EndpointNotFoundError",
            },
        ),
        (RuntimeError, {"ClientStateError"}),
        (
            TimeoutError,
            {
                "AsyncJobTimeoutError",
                "ConnectTimeoutError",
                "PoolTimeoutError",
                "RequestTimeoutError",
            },
        ),
        (
            ConnectionError,
            {
                "ConnectError",
                "ConnectTimeoutError",
                "PoolTimeoutError",
                "CertificateError",
                "ConnectionLostError",
                "HTTP2NotSupportedError",
                "StreamRefusedError",
                "TruncatedBodyError",
                "TruncatedStreamError",
            },
        ),
        (asyncio.CancelledError, set()),
    ],
)
def test_errors_inherit_from_builtin_exceptions(
    builtin: type[BaseException], refined: set[str]
) -> None:
    assert refined == names([kind for kind in CLASSES if issubclass(kind, builtin)])


def test_all_errors_have_all_attributes(subtests: pytest.Subtests) -> None:
    for kind in CLASSES:
        with subtests.test(kind.__name__):
            error = kind("what happened")

            facts = (error.operation, error.request_id, error.response)

            assert (None, None, None) == facts
            assert {} == error.metadata
            assert error.attempts == 0
            assert error.retry_after is None
            assert "what happened" in str(error)


def test_the_retryable_errors() -> None:
    retryable = [kind for kind in CLASSES if kind("").is_retryable]

    assert {
        "ConnectError",
        "ConnectTimeoutError",
        "InternalFailure",
        "InternalServerError",
        "ModelNotReadyException",
        "PoolTimeoutError",
        "ServiceUnavailable",
        "ServiceUnavailableError",
        "StreamRefusedError",
        "ThrottlingException",
    } == names(retryable)


def test_the_errors_after_which_the_model_may_have_run() -> None:
    ambiguous = [kind for kind in CLASSES if kind("").may_have_executed]

    assert {
        "AsyncInferenceError",
        "AsyncJobTimeoutError",
        "ContainerStreamError",
        "CorruptMessageError",
        "DeserializationError",
        "EventStreamError",
        "IncompleteOutputError",
        "InternalDependencyException",
        "InternalStreamFailure",
        "InvalidJSONError",
        "InvalidTextError",
        "LineTooLongError",
        "ModelStreamError",
        "OutputDecodingError",
        "ResponseTooLargeError",
        "TruncatedBodyError",
        "TruncatedStreamError",
        "UnknownFormatError",
        "UnmodeledEventError",
    } == names(ambiguous)
    assert all(kind("").request_sent for kind in ambiguous)


def test_service_errors_follow_a_sent_request() -> None:
    assert all(kind("").request_sent for kind in SERVICE_ERRORS)


@pytest.mark.parametrize(
    ("kind", "status", "fault"),
    [
        (errors.ValidationError, 400, "client"),
        (errors.ModelError, 424, "client"),
        (errors.ModelNotReadyException, 429, "client"),
        (errors.InternalFailure, 500, "server"),
        (errors.ServiceUnavailable, 503, "server"),
        (errors.InternalDependencyException, 530, "server"),
        (errors.ModelStreamError, None, "client"),
        (errors.InternalStreamFailure, None, "server"),
    ],
)
def test_modelled_errors_have_a_code_a_status_and_a_fault(
    kind: type[ServiceError], status: int | None, fault: str
) -> None:
    error = kind()

    assert (kind.__name__, status, fault) == (
        error.code,
        error.http_status,
        error.fault,
    )


@pytest.mark.parametrize("code", sorted(THROTTLING_CODES))
def test_a_throttling_code_is_throttling(code: str) -> None:
    error = UnknownServiceError(code=code, http_status=400)

    assert error.is_throttle
    assert error.is_retryable


@pytest.mark.parametrize("code", sorted(TRANSIENT_CODES))
@pytest.mark.parametrize("status", [400, 429])
def test_a_transient_code_is_not_throttling(code: str, status: int) -> None:
    error = UnknownServiceError(code=code, http_status=status)

    assert not error.is_throttle
    assert error.is_retryable


@pytest.mark.parametrize("status", [400, 403, 404, 429, 500, 501, 502, 503, 504, 530])
def test_the_status_decides_without_a_known_code(status: int) -> None:
    error = UnknownServiceError(http_status=status)

    assert (status == 429) == error.is_throttle
    assert (status == 429 or status in TRANSIENT_STATUSES) == error.is_retryable
    assert ("server" if status >= 500 else "client") == error.fault


@pytest.mark.parametrize(
    "kind",
    [
        errors.ModelError,
        errors.InternalDependencyException,
        errors.ModelStreamError,
        errors.InternalStreamFailure,
        errors.UnmodeledEventError,
    ],
)
def test_some_errors_are_never_retried(
    kind: type[ServiceError],
) -> None:
    error = kind(http_status=503, code="Throttling")

    assert not error.is_retryable
    assert not error.is_throttle


def test_model_not_ready_is_always_throttling() -> None:
    error = ModelNotReadyException(http_status=503)

    assert error.is_throttle
    assert error.is_retryable


def test_the_text_of_a_service_error_has_its_facts() -> None:
    error = UnknownServiceError(
        "slow down", code="SlowDown", http_status=503, request_id="r-1", retry_after=2.5
    )

    assert "slow down (SlowDown, HTTP 503, request r-1)" == str(error)
    assert "slow down" == error.message
    assert error.retry_after == 2.5
    assert b"" == error.body


def test_the_text_of_a_service_error_without_facts() -> None:
    assert "no message" == str(UnknownServiceError())


def test_notes_are_not_part_of_the_text() -> None:
    error = ModelError("it broke")

    error.add_note("SageMaker Runtime InvokeEndpoint, attempt 1 of 3")

    assert "it broke (HTTP 424)" == str(error)
    assert ["SageMaker Runtime InvokeEndpoint, attempt 1 of 3"] == error.__notes__


def test_a_model_error_has_the_response_of_the_container() -> None:
    error = ModelError(
        "the container answered 500",
        details={
            "OriginalStatusCode": 500,
            "OriginalMessage": "out of memory",
            "LogStreamArn": "arn:aws:logs:…",
        },
    )

    assert error.original_status_code == 500
    assert "out of memory" == error.original_message
    assert "arn:aws:logs:…" == error.log_stream_arn


def test_details_of_a_wrong_type_are_ignored() -> None:
    error = ModelError(
        details={"OriginalStatusCode": "500", "OriginalMessage": {}, "LogStreamArn": 1}
    )

    assert error.original_status_code is None
    assert error.original_message is None
    assert error.log_stream_arn is None


MESSAGE = (
    'Received client error (400) from primary with message "CUDA out of memory". See '
    "https://us-west-2.console.aws.amazon.com/cloudwatch/home?region=us-west-2"
    "#logEventViewer:group=/aws/sagemaker/Endpoints/fish in account 123456789012 for "
    "more information."
)


def test_the_message_has_the_response_of_the_container_too() -> None:
    error = ModelError(MESSAGE)

    assert error.original_status_code == 400
    assert "CUDA out of memory" == error.original_message
    assert "primary" == error.container_name
    assert "/aws/sagemaker/Endpoints/fish" == error.log_group


@pytest.mark.parametrize(
    ("details", "expected"),
    [
        ({"OriginalStatusCode": 0}, (0, "CUDA out of memory")),
        ({"OriginalMessage": ""}, (400, "")),
    ],
)
def test_the_members_of_a_model_error_take_precedence_over_the_message(
    details: dict[str, object], expected: tuple[int, str]
) -> None:
    error = ModelError(MESSAGE, details=details)

    assert expected == (error.original_status_code, error.original_message)


def test_a_model_error_names_the_log_of_the_container() -> None:
    arn = "arn:aws:logs:us-west-2:1:log-group:/a/b:log-stream:c/d"

    error = ModelError("no", details={"LogStreamArn": arn})

    assert ("/a/b", "c/d") == (error.log_group, error.log_stream)
    assert (
        "https://us-west-2.console.aws.amazon.com/cloudwatch/home?region=us-west-2"
        "#logsV2:log-groups/log-group/$252Fa$252Fb/log-events/c$252Fd" == error.log_url
    )


def test_a_model_error_without_facts_has_no_log_and_no_reason() -> None:
    error = ModelError("no")

    assert (None, None) == (error.container_name, error.log_group)
    assert (None, None) == (error.log_stream, error.log_url)
    assert error.reason is None


@pytest.mark.parametrize(("status", "expected"), [(0, True), (500, False)])
def test_the_model_may_run_on_if_the_service_stopped_waiting(
    status: int, expected: bool
) -> None:
    error = ModelError(details={"OriginalStatusCode": status})

    assert expected == error.may_have_executed


def container_error(message: str | None, kind: str | None = None) -> Any:
    return errors.ContainerStreamError.reported(message, error_type=kind)


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (ModelError(MESSAGE), "out-of-memory"),
        (
            errors.ValidationError("has no capacity to process this request"),
            "model-loading",
        ),
        (errors.ValidationError("CUDA out of memory"), None),
        (ModelNotReadyException(), "model-loading"),
        (
            ModelStreamError(details={"ErrorCode": "ModelInvocationTimeExceeded"}),
            "model-timeout",
        ),
        (ModelStreamError("CUDA out of memory"), "out-of-memory"),
        (ModelStreamError("no"), None),
        (container_error("CUDA out of memory"), "out-of-memory"),
        (container_error("busy", "overloaded"), "overloaded"),
        (container_error(None), None),
    ],
    ids=str,
)
def test_the_reason_of_an_error(error: Any, reason: str | None) -> None:
    assert reason == error.reason


def test_the_reason_is_computed_when_it_is_read() -> None:
    error = ModelError(MESSAGE)
    assert "reason" not in vars(error)

    assert "out-of-memory" == error.reason

    assert "out-of-memory" == vars(error)["reason"]


def test_a_model_stream_error_has_the_error_code() -> None:
    error = ModelStreamError(details={"ErrorCode": "ModelInvocationTimeExceeded"})

    assert "ModelInvocationTimeExceeded" == error.error_code


def test_an_error_of_s3_has_the_facts_of_its_document() -> None:
    error = errors.S3Error(
        "no", code="NoSuchKey", details={"Region": "eu-west-1", "HostId": "h"}
    )

    assert ("eu-west-1", "h") == (error.region, error.host_id)
    assert "no (NoSuchKey)" == str(error)
    error.location = "s3://bucket/key"
    assert "s3://bucket/key: no (NoSuchKey)" == str(error)


def test_the_body_of_a_failed_inference_is_shown_as_text() -> None:
    error = errors.AsyncInferenceError("failed")
    error.body = b"out of memory \xff"

    assert "out of memory \ufffd" == error.text


def test_a_validation_error_has_all_problems() -> None:
    error = ParamValidationError("two problems", (p for p in ("a", "b")))

    assert ("a", "b") == error.problems
    assert "two problems" == str(error)


def test_errors_can_be_pickled(subtests: pytest.Subtests) -> None:
    """Except for metadata and response."""
    for kind in CLASSES:
        with subtests.test(kind.__name__):
            error = kind("what happened")
            error.operation, error.attempts = "InvokeEndpoint", 3
            error.metadata, error.response = Metadata(), response(500)
            error.add_note("attempt 3 of 3")

            again = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes

            assert type(error) is type(again)
            assert str(error) == str(again)
            assert {} == again.metadata
            assert again.response is None
            of_call = {"metadata": error.metadata, "response": error.response}
            assert vars(error) == {**vars(again), **of_call}


def test_a_copy_has_no_traceback_although_exceptions_are_pickled_with_it() -> None:
    """The library tblib registers such a function for all classes of exceptions."""

    class OwnError(errors.ServiceUnavailable):
        """An error of a caller."""

    def with_traceback(error: OwnError) -> tuple[Any, tuple[Any, ...]]:
        return error.with_traceback, (error.__traceback__,)

    copyreg.pickle(OwnError, with_traceback)
    message = "busy"
    with pytest.raises(OwnError) as raised:
        raise OwnError(message)
    raised.value.metadata[Key("fact")] = 1

    copied = copy.copy(raised.value)

    assert copied is not raised.value
    assert (OwnError, "busy") == (type(copied), copied.message)
    assert (None, {}) == (copied.__traceback__, copied.metadata)


def test_an_output_is_not_pickled_with_its_error() -> None:
    """Its body may be secret, and its metadata refer to the connection."""
    error = errors.InvalidJSONError("not JSON")
    error.set_output(InvokeEndpointOutput(body=b"<html>"))

    again = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes

    assert (None, "InvokeEndpoint") == (again.output, again.operation)


def test_a_component_error_names_the_component_and_hides_the_cause() -> None:
    class MySigner:
        pass

    error = errors.ComponentError.from_component(
        "signer", MySigner(), KeyError("secret")
    )
    function = errors.TransportError.from_component(
        "http_client", drawn_tree, KeyError("secret")
    )

    assert "signer MySigner raised KeyError" == str(error)
    assert "http_client drawn_tree raised KeyError" == str(function)
    assert ("signer", "http_client") == (error.component, function.component)
    assert isinstance(function, errors.TransportError)


def test_errors_can_be_copied() -> None:
    error = ParamValidationError("two problems", ["a", "b"])
    service = ModelError("no", request_id="r-1", details={"OriginalStatusCode": 500})

    assert error.problems == copy.copy(error).problems
    assert vars(copy.copy(service)) == vars(service)


def client(*responses: Response, **options: Any) -> Client:
    """Return a client without an environment, which receives *responses*."""
    return Client(
        region="eu-west-1",
        credentials=Credentials("AKID", "a-secret"),
        environ={},
        http_client=ScriptedHTTPClient(*responses),
        **options,
    )


async def call_of_closed_client() -> None:
    closed = client()
    await closed.aclose()
    await closed.invoke_endpoint(**CALL)


async def call_that_was_aborted() -> None:
    request = client().request("InvokeEndpoint", **CALL)
    request.abort()
    await request.send()


async def session_that_is_not_closed() -> None:
    opened = response(200, {"X-Amzn-SageMaker-New-Session-Id": "s-1"})
    closed = response(200, {"X-Amzn-SageMaker-Closed-Session-Id": "s-2"})
    session = await client(opened, closed).session("m")
    await session.aclose()


async def call_in_a_session_that_ended() -> None:
    opened = response(200, {"X-Amzn-SageMaker-New-Session-Id": "s-1"})
    session = await client(opened).session("m", closing_body=None)
    await session.aclose()
    await session.invoke(body=b"")


def stack() -> Stack:
    """Return a stack that has one middleware."""
    stack = Stack()
    stack.build.add(TAG)
    return stack


def compiled_stack() -> Stack:
    """Return a stack that cannot be edited."""
    compiled = stack()
    compiled.decorate(Wire[DeserializeInput]())
    return compiled


def corrupt_message() -> bytes:
    message = bytearray(encode_message({}, b"part"))
    message[-1] ^= 1
    return bytes(message)


def truncated_stream() -> None:
    decoder = EventStreamDecoder()
    decoder.feed(encode_message({}, b"part")[:-1])
    decoder.close()


def receive_abc(**options: Any) -> Any:
    """Return a call that receives the body ``abc``."""
    return client(response(200, {}, b"abc"), **options).invoke_endpoint(**CALL)


TEXTS: list[tuple[type[SageMakerRuntimeError], str, Callable[[], Any]]] = [
    (
        errors.OptionsError,
        "unknown option 'max_atempts'; did you mean 'max_attempts'?",
        lambda: Options(**dict[str, Any](max_atempts=2)),
    ),
    (
        errors.SharedConfigError,
        "/aws/config, line 1: a profile definition must end with ']'",
        lambda: parse("[default", kind="config", file="/aws/config"),
    ),
    (
        errors.ProfileNotFoundError,
        "profile 'team' is not in any shared file",
        lambda: Config.load(profile="team", environ={}),
    ),
    (
        errors.StackError,
        "pass either before or after, not before='Team' and after='Team'",
        lambda: stack().build.insert(TAG, before="Team", after="Team"),
    ),
    (
        errors.StackError,
        "a middleware in build has no name; pass id=",
        lambda: stack().build.add(lambda ctx, input, next: next(ctx, input)),
    ),
    (
        errors.StackError,
        "'Team' is a hook for BuildInput, not for FinalizeInput",
        lambda: stack().finalize.add(TAG),
    ),
    (
        errors.StackError,
        "build is compiled; edit it in with_api_options",
        lambda: compiled_stack().build.add(TAG),
    ),
    (
        errors.DuplicateMiddlewareError,
        (
            "build already has 'Team'; to override it, use stack.build.replace_or_add("
            "middleware, id='Team'); to have both, pass another id="
        ),
        lambda: stack().build.add(TAG),
    ),
    (
        errors.UnknownMiddlewareError,
        "build has no 'Tema'; did you mean 'Team'?",
        lambda: stack().build.get("Tema"),
    ),
    (
        errors.UnknownMiddlewareError,
        "build has no 'xyz'; it has ['Team']",
        lambda: stack().build.get("xyz"),
    ),
    (
        errors.ClientStateError,
        "the client is closed; make a new one",
        call_of_closed_client,
    ),
    (
        errors.ParamValidationError,
        (
            "InvokeEndpointInput is invalid: body or json is required; "
            "endpoint_name is required"
        ),
        lambda: client().invoke_endpoint(**dict[str, Any]()),
    ),
    (
        errors.SerializationError,
        "BytesIO cannot be in a dictionary; read the file first",
        lambda: to_dict(InvokeEndpointInput(endpoint_name="m", body=BytesIO())),
    ),
    (
        errors.CredentialsError,
        "secret_access_key is empty; set access_key_id and secret_access_key",
        lambda: Credentials("AKID", ""),
    ),
    (
        errors.CredentialsError,
        "access_key_id must be printable ASCII text",
        lambda: Credentials("É", "a-secret"),
    ),
    (
        errors.EndpointResolutionError,
        (
            "the endpoint resolver must return an Endpoint or raise "
            "EndpointNotFoundError, not return str"
        ),
        lambda: require_endpoint("example.com"),
    ),
    (
        errors.EndpointNotFoundError,
        (
            "region 'a b' is not a host label; use letters, digits and hyphens, "
            "such as 'us-east-1'"
        ),
        lambda: DefaultEndpointResolver().resolve_endpoint(
            "a b", EndpointResolverOptions()
        ),
    ),
    (
        errors.RequestAbortedError,
        "the request was aborted before it was sent",
        call_that_was_aborted,
    ),
    (
        errors.SessionNotOpenedError,
        (
            "the response to the opening request has no new session; "
            "is the model stateful?"
        ),
        lambda: client(response(200)).session("m"),
    ),
    (
        errors.SessionNotClosedError,
        (
            "the response to the closing request of session s-1 reports s-2 as closed; "
            "check closing_body"
        ),
        session_that_is_not_closed,
    ),
    (
        errors.SessionEndedError,
        "session s-1 was closed; open a new one",
        call_in_a_session_that_ended,
    ),
    (
        errors.ResponseTargetError,
        (
            "response cannot be written to '/no/such/folder/file': "
            "/no/such/folder is not a writable folder"
        ),
        lambda: receive_abc(response_target="/no/such/folder/file"),
    ),
    (
        errors.DeserializationError,
        "the response body is a list, not a JSON object",
        lambda: client(response(202, {}, b"[]")).invoke_endpoint_async(**CALL),
    ),
    (
        errors.ResponseTooLargeError,
        "response body exceeds max_response_bytes: 1",
        lambda: receive_abc(max_response_bytes=1),
    ),
    (
        errors.CorruptMessageError,
        "message checksum 0x46ee3c3f should be 0x46ee3c3e",
        lambda: EventStreamDecoder().feed(corrupt_message()),
    ),
    (
        errors.TruncatedStreamError,
        "the stream ended inside a frame, at byte 19 of at least 20",
        truncated_stream,
    ),
]


def mapped(error: Exception, stage: Stage) -> None:
    """Raise the error for an exception that aiohttp raised in *stage*."""
    failure = AIOHTTP_ERRORS.map_exception(error, stage, host="a.example")
    assert failure is not None
    raise failure


def timed_out(stage: Stage) -> None:
    """Raise the error for a timeout in *stage*."""
    raise timeout_error(stage, 5.0, host="a.example")


def decode_deltas(data: bytes) -> None:
    """Decode the whole output of a model."""
    decoder = DeltaDecoder()
    decoder.feed(data, [])
    decoder.close([])


TEXTS += [
    (
        errors.InvalidTextError,
        r"b'\xff' at byte 1 is not valid UTF-8",
        lambda: decode_text(b"a\xff"),
    ),
    (
        errors.InvalidJSONError,
        (
            "'{1' is not JSON: Expecting property name enclosed in double quotes: "
            "line 1 column 2 (char 1)"
        ),
        lambda: parse_json("{1"),
    ),
    (
        errors.LineTooLongError,
        "a line or value is longer than the limit of 2 bytes",
        lambda: LineDecoder(max_line_bytes=2).feed(b"abc", []),
    ),
    (
        errors.IncompleteOutputError,
        "the output ended without the end mark of its format",
        lambda: decode_deltas(b'{"token":{"text":"a"}}'),
    ),
    (
        errors.UnknownFormatError,
        (
            "an object with the members ['a'] has none of the formats openai, tgi, "
            "lmi-outputs, lmi-3p, triton, sglang, llama.cpp, anthropic, "
            "openai-responses"
        ),
        lambda: decode_deltas(b'{"a":1}'),
    ),
    (
        errors.ContainerStreamError,
        "the container reported an error (429): slow down",
        lambda: decode_deltas(b'{"error":{"message":"slow down","code":429}}'),
    ),
    (
        errors.ConnectError,
        "no connection to a.example: network is down",
        lambda: mapped(OSError("network is down"), Stage.CONNECT),
    ),
    (
        errors.ConnectTimeoutError,
        "connect_timeout of 5 s exceeded while connecting: a.example",
        lambda: timed_out(Stage.CONNECT),
    ),
    (
        errors.PoolTimeoutError,
        "pool_timeout of 5 s exceeded while waiting for a pooled connection: a.example",
        lambda: timed_out(Stage.POOL),
    ),
    (
        errors.CertificateError,
        "certificate of a.example was rejected: (b'a', b'b', 'a.example', 443)",
        lambda: mapped(
            aiohttp.ServerFingerprintMismatch(b"a", b"b", "a.example", 443),
            Stage.CONNECT,
        ),
    ),
    (
        errors.ConnectionLostError,
        "connection to a.example was lost before the response headers: reset by peer",
        lambda: mapped(OSError("reset by peer"), Stage.HEAD),
    ),
    (
        errors.RequestTimeoutError,
        "read_timeout of 5 s exceeded while reading the response body: a.example",
        lambda: timed_out(Stage.BODY),
    ),
    (
        errors.TruncatedBodyError,
        "response body from a.example was truncated: reset by peer",
        lambda: mapped(OSError("reset by peer"), Stage.BODY),
    ),
]


@pytest.mark.parametrize(
    ("error", "text", "fail"), TEXTS, ids=[error.__name__ for error, _, _ in TEXTS]
)
async def test_the_text_of_an_error(
    error: type[SageMakerRuntimeError], text: str, fail: Callable[[], Any]
) -> None:
    async def run() -> None:
        result = fail()
        if inspect.isawaitable(result):
            await result

    with pytest.raises(error) as caught:
        await run()

    assert (error, text) == (type(caught.value), str(caught.value))


def test_a_wrong_result_names_the_component_and_the_problem() -> None:
    error = errors.TransportError.from_result("http_client", print, "returned None")

    assert "http_client print returned None" == str(error)
    assert "http_client" == error.component
