from __future__ import annotations

import asyncio
import copy
import pickle
import re

import pytest

from sagemaker_rt import errors
from sagemaker_rt.context import Metadata
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
from tests.doubles import response

CLASSES = [getattr(errors, name) for name in errors.__all__]
SERVICE_ERRORS = [kind for kind in CLASSES if issubclass(kind, ServiceError)]


def drawn_tree() -> dict[str, str]:
    """Return, from the drawing in the module's docstring, each class's parent."""
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


def test_the_tree_is_the_one_that_is_drawn() -> None:
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
            {"ConnectTimeoutError", "PoolTimeoutError", "RequestTimeoutError"},
        ),
        (
            ConnectionError,
            {
                "ConnectError",
                "ConnectTimeoutError",
                "PoolTimeoutError",
                "CertificateError",
                "ConnectionLostError",
                "TruncatedBodyError",
                "TruncatedStreamError",
            },
        ),
        (asyncio.CancelledError, set()),
    ],
)
def test_an_error_is_also_the_builtin_that_it_refines(
    builtin: type[BaseException], refined: set[str]
) -> None:
    assert refined == names([kind for kind in CLASSES if issubclass(kind, builtin)])


def test_every_error_knows_every_fact(subtests: pytest.Subtests) -> None:
    for kind in CLASSES:
        with subtests.test(kind.__name__):
            error = kind("what happened")

            facts = (error.operation, error.request_id, error.metadata, error.response)

            assert (None, None, None, None) == facts
            assert error.attempts == 0
            assert error.retry_after is None
            assert "what happened" in str(error)


def test_only_these_are_retried_at_all() -> None:
    retryable = [kind for kind in CLASSES if kind("").is_retryable]

    assert {
        "ConnectError",
        "ConnectTimeoutError",
        "InternalFailure",
        "ModelNotReadyException",
        "PoolTimeoutError",
        "ServiceUnavailable",
    } == names(retryable)


def test_only_these_may_hide_an_execution_whatever_happened() -> None:
    ambiguous = [kind for kind in CLASSES if kind("").may_have_executed]

    assert {
        "CorruptMessageError",
        "DeserializationError",
        "EventStreamError",
        "InternalDependencyException",
        "InternalStreamFailure",
        "ModelStreamError",
        "ResponseTooLargeError",
        "TruncatedBodyError",
        "TruncatedStreamError",
        "UnmodeledEventError",
    } == names(ambiguous)
    assert all(kind("").request_sent for kind in ambiguous)


def test_what_the_service_answered_was_sent() -> None:
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
def test_a_modelled_error_knows_its_code_status_and_fault(
    kind: type[ServiceError], status: int | None, fault: str
) -> None:
    error = kind()

    assert (kind.__name__, status, fault) == (
        error.code,
        error.http_status,
        error.fault,
    )


@pytest.mark.parametrize("code", sorted(THROTTLING_CODES))
def test_a_throttling_code_asks_for_fewer_requests(code: str) -> None:
    error = UnknownServiceError(code=code, http_status=400)

    assert error.is_throttle
    assert error.is_retryable


@pytest.mark.parametrize("code", sorted(TRANSIENT_CODES))
@pytest.mark.parametrize("status", [400, 429])
def test_a_transient_code_beats_the_status(code: str, status: int) -> None:
    error = UnknownServiceError(code=code, http_status=status)

    assert not error.is_throttle
    assert error.is_retryable


@pytest.mark.parametrize("status", [400, 403, 404, 429, 500, 501, 502, 503, 504, 530])
def test_without_a_listed_code_the_status_decides(status: int) -> None:
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
def test_a_model_that_ran_is_not_run_again_whatever_the_status(
    kind: type[ServiceError],
) -> None:
    error = kind(http_status=503, code="Throttling")

    assert not error.is_retryable
    assert not error.is_throttle


def test_a_model_that_is_not_ready_is_throttling_whatever_the_status() -> None:
    error = ModelNotReadyException(http_status=503)

    assert error.is_throttle
    assert error.is_retryable


def test_a_service_error_says_its_facts() -> None:
    error = UnknownServiceError(
        "slow down", code="SlowDown", http_status=503, request_id="r-1", retry_after=2.5
    )

    assert "SlowDown (HTTP 503, request r-1): slow down" == str(error)
    assert "slow down" == error.message
    assert error.retry_after == 2.5
    assert b"" == error.body


def test_a_service_error_without_facts_says_so() -> None:
    assert "Unknown: no message" == str(UnknownServiceError())


def test_notes_are_shown_after_the_text() -> None:
    error = ModelError("it broke")

    error.add_note("SageMaker Runtime InvokeEndpoint, attempt 1 of 3")

    assert "ModelError (HTTP 424): it broke" == str(error)
    assert ["SageMaker Runtime InvokeEndpoint, attempt 1 of 3"] == error.__notes__


def test_a_model_error_carries_what_its_container_said() -> None:
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


def test_details_of_the_wrong_type_are_as_if_absent() -> None:
    error = ModelError(
        details={"OriginalStatusCode": "500", "OriginalMessage": {}, "LogStreamArn": 1}
    )

    assert error.original_status_code is None
    assert error.original_message is None
    assert error.log_stream_arn is None


def test_a_model_stream_error_carries_the_containers_code() -> None:
    error = ModelStreamError(details={"ErrorCode": "ModelInvocationTimeExceeded"})

    assert "ModelInvocationTimeExceeded" == error.error_code


def test_a_validation_error_lists_every_problem() -> None:
    error = ParamValidationError("two problems", (p for p in ("a", "b")))

    assert ("a", "b") == error.problems
    assert "two problems" == str(error)


def test_an_error_survives_a_pickle(subtests: pytest.Subtests) -> None:
    """But for what belongs to the call's connection and middleware."""
    for kind in CLASSES:
        with subtests.test(kind.__name__):
            error = kind("what happened")
            error.operation, error.attempts = "InvokeEndpoint", 3
            error.metadata, error.response = Metadata(), response(500)
            error.add_note("attempt 3 of 3")

            again = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes

            assert type(error) is type(again)
            assert str(error) == str(again)
            assert {**vars(error), "metadata": None, "response": None} == vars(again)


def test_an_error_of_a_component_names_it_and_hides_the_text_of_the_cause() -> None:
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


def test_an_error_keeps_its_problems_and_facts_when_it_is_copied() -> None:
    error = ParamValidationError("two problems", ["a", "b"])
    service = ModelError("no", request_id="r-1", details={"OriginalStatusCode": 500})

    assert error.problems == copy.copy(error).problems
    assert vars(copy.copy(service)) == {
        **vars(service),
        "metadata": None,
        "response": None,
    }
