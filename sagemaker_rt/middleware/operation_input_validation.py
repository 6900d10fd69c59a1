"""Initialize: check the input against the rules of the service model."""

from __future__ import annotations

from collections.abc import Awaitable

from sagemaker_rt.bound_middleware import BoundMiddleware
from sagemaker_rt.context import Context
from sagemaker_rt.operations import Operation
from sagemaker_rt.sansio.validation import compile_validator
from sagemaker_rt.sansio.validation_modes import Validation, ValidationMode
from sagemaker_rt.stack import Handler, InitializeInput, Output

__all__ = ["OperationInputValidation"]


class OperationInputValidation(BoundMiddleware[InitializeInput]):
    """Raise `ParamValidationError` with all problems, before anything is sent."""

    def __init__(self, operation: Operation, mode: ValidationMode | Validation) -> None:
        # compiled once per stack: it runs in every call
        self._validate = compile_validator(
            operation.input, mode, one_of=operation.one_of
        )

    def bind(self, next: Handler[InitializeInput]) -> Handler[InitializeInput]:
        validate = self._validate

        # a plain function: a coroutine would cost more than the work here
        def handle(ctx: Context, input: InitializeInput) -> Awaitable[Output]:
            validate(input.params)
            return next(ctx, input)

        return handle
