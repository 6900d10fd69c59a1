"""The types of options, which are not all imported where they are named."""

from __future__ import annotations

from collections.abc import Awaitable
from ssl import SSLContext
from typing import Any, get_type_hints

import sagemaker_rt

__all__ = ["hints_of"]


def hints_of(annotated: Any) -> dict[str, Any]:
    """Return the types of a class's members, or of a function's parameters."""
    names = {name: getattr(sagemaker_rt, name) for name in sagemaker_rt.__all__}
    elsewhere = {"Awaitable": Awaitable, "SSLContext": SSLContext}
    return get_type_hints(annotated, localns={**names, **elsewhere})
