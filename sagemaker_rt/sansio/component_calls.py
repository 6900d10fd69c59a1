"""Calls of plain functions that a caller passed as an option."""

from __future__ import annotations

from collections.abc import Callable

from sagemaker_rt.errors import ComponentError, SageMakerRuntimeError

__all__ = ["call_component"]


def call_component(
    option: str, function: Callable[..., object], /, *arguments: object
) -> object:
    """Return the result of *function*, which *option* sets, for *arguments*.

    Raises:
        ComponentError: The function raised an exception, which is the cause.
        SageMakerRuntimeError: The function raised it.
    """
    try:
        return function(*arguments)
    except SageMakerRuntimeError:
        raise
    except Exception as error:
        raise ComponentError.from_component(option, function, error) from error
