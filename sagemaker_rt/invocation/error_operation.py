"""Sets the operation of every error that leaves a call."""

from __future__ import annotations

from sagemaker_rt.errors import SageMakerRuntimeError

__all__ = ["ErrorOperation"]


class ErrorOperation:
    """A context manager that sets *operation* on the errors that leave its block."""

    __slots__ = ("_operation",)

    def __init__(self, operation: str) -> None:
        self._operation = operation

    def __enter__(self) -> None:
        pass

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        # an error of a nested call, which a middleware passes on, keeps its operation
        if isinstance(error, SageMakerRuntimeError) and error.operation is None:
            error.operation = self._operation
