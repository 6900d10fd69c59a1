from __future__ import annotations

import pytest

from sagemaker_rt.context import Context
from sagemaker_rt.errors import ParamValidationError
from sagemaker_rt.middleware.operation_input_validation import (
    OperationInputValidation,
)
from sagemaker_rt.operations import INVOKE_ENDPOINT, INVOKE_ENDPOINT_ASYNC
from sagemaker_rt.sansio.validation_modes import VALIDATION_MODES, ValidationMode
from sagemaker_rt.shapes import InvokeEndpointAsyncInput, InvokeEndpointInput
from sagemaker_rt.stack import InitializeInput
from tests.doubles import Wire


async def test_a_valid_input_is_passed_on() -> None:
    wire, ctx = Wire[InitializeInput](), Context("InvokeEndpoint")
    input = InitializeInput(InvokeEndpointInput(endpoint_name="m", body=b""))

    output = await OperationInputValidation(INVOKE_ENDPOINT, "required")(
        ctx, input, wire
    )

    assert ([input], [ctx]) == (wire.inputs, wire.contexts)
    assert output is wire.output


@pytest.mark.parametrize("mode", VALIDATION_MODES)
async def test_an_invalid_input_is_not_passed_on(mode: ValidationMode) -> None:
    wire, ctx = Wire[InitializeInput](), Context("InvokeEndpoint")
    input = InitializeInput(InvokeEndpointInput(endpoint_name="..", body=b""))

    with pytest.raises(ParamValidationError, match=r"endpoint_name .* must match"):
        await OperationInputValidation(INVOKE_ENDPOINT, mode)(ctx, input, wire)

    assert [] == wire.inputs


@pytest.mark.parametrize(
    ("mode", "is_refused"), [("required", True), ("strict", True), ("off", False)]
)
async def test_required_alternatives_are_checked(
    mode: ValidationMode, *, is_refused: bool
) -> None:
    wire, ctx = Wire[InitializeInput](), Context("InvokeEndpointAsync")
    input = InitializeInput(InvokeEndpointAsyncInput(endpoint_name="m"))
    middleware = OperationInputValidation(INVOKE_ENDPOINT_ASYNC, mode)

    try:
        await middleware(ctx, input, wire)
    except ParamValidationError as error:
        problems = error.problems
    else:
        problems = ()

    assert is_refused == bool(problems)
    assert ([] if is_refused else [input]) == wire.inputs
