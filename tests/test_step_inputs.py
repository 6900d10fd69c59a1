from __future__ import annotations

from typing import Any

import pytest

from sagemaker_rt.errors import StackError
from sagemaker_rt.http import Request
from sagemaker_rt.step_inputs import (
    BuildInput,
    DeserializeInput,
    FinalizeInput,
    InitializeInput,
    Output,
    SerializeInput,
    StepInput,
    require_output,
)


@pytest.mark.parametrize(
    "input",
    [
        SerializeInput("params", Request(path="/a")),
        BuildInput(Request(path="/a")),
        FinalizeInput(Request(path="/a")),
        DeserializeInput(Request(path="/a")),
    ],
)
def test_a_copy_of_an_input_has_a_request_of_its_own(input: Any) -> None:
    copy = input.copy()
    copy.request.headers["x"] = "y"

    assert type(input) is type(copy)
    assert ("/a", {}) == (input.request.path, input.request.headers)
    assert getattr(input, "params", None) == getattr(copy, "params", None)
    assert copy.request is input.request.as_sent


def test_a_copy_of_the_first_input_has_params_of_its_own() -> None:
    input = InitializeInput("params")
    copy = input.copy()
    copy.params = "others"

    assert "params" == input.params


def test_inputs_and_outputs_are_generic() -> None:
    input: StepInput = InitializeInput[str]("params")
    output = Output[int](5)

    assert "params" == input.copy().params
    assert 5 == output.result
    assert Output().result is None


def test_an_output_is_required() -> None:
    require_output(Output())
    with pytest.raises(StackError, match="returned NoneType"):
        require_output(None)
