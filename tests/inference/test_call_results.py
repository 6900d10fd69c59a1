from __future__ import annotations

import attrs
import pytest

from sagemaker_rt.errors import ModelError
from sagemaker_rt.inference.call_results import CallProgress, CallResult


def test_a_successful_call_has_an_output() -> None:
    result = CallResult(3, b"in", b"out")

    assert (3, b"in", b"out", True, None) == (
        result.index,
        result.input,
        result.output,
        result.succeeded,
        result.error,
    )


def test_the_output_may_be_none() -> None:
    result = CallResult[str, None](0, "in", None)

    assert (None, True) == (result.output, result.succeeded)


def test_the_output_of_a_failed_call_is_its_error() -> None:
    error = ModelError("no")
    result = CallResult[bytes, bytes](0, b"in", error=error)

    assert not result.succeeded
    with pytest.raises(ModelError) as raised:
        _ = result.output
    assert raised.value is error


def test_the_representation_omits_input_and_output() -> None:
    succeeded = CallResult(3, b"secret in", "secret out")
    failed = CallResult[bytes, str](4, b"secret in", error=ValueError("no"))

    assert "CallResult(index=3, input=<bytes>, output=<str>)" == repr(succeeded)
    assert "CallResult(index=4, input=<bytes>, error=ValueError('no'))" == repr(failed)


@pytest.mark.parametrize(
    ("value", "name"),
    [(CallResult(0, 1, 2), "error"), (CallProgress(1, 0, 2, None), "done")],
)
def test_values_are_frozen(value: object, name: str) -> None:
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        setattr(value, name, 3)
