"""Errors that containers report inside of their output, in any format."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sagemaker_rt.errors import ContainerStreamError
from sagemaker_rt.sansio.json_members import integer, strings, text

__all__ = ["find_error"]


def find_error(value: object, event: str) -> ContainerStreamError | None:
    """Return the error that a value reports; None if it reports none.

    Args:
        value: A JSON value; or the data of an event that is not JSON.
        event: The type of the server-sent event around the value.
    """
    if not isinstance(value, Mapping):
        is_message = event == "error" and isinstance(value, str)
        return _reported(text(value), value) if is_message else None
    error = value.get("error")
    if isinstance(error, Mapping):
        return _error_of(error, value)
    if error:
        return _reported("\n".join(strings(error)) or _message(value), value)
    if _is_error(value, event):
        return _error_of(value, value)
    return None


def _is_error(value: Mapping[str, Any], event: str) -> bool:
    """Return whether the object itself is an error, which has no member ``error``."""
    if event == "error" or "error" in (value.get("object"), value.get("type")):
        return True
    # DJL Serving, TorchServe
    return integer(value.get("code")) is not None and bool(text(value.get("message")))


def _reported(message: str, raw: object) -> ContainerStreamError:
    """Return an error of which *raw* has the message as a string."""
    members = raw if isinstance(raw, Mapping) else {}
    return ContainerStreamError.reported(
        message or None,
        error_type=text(members.get("error_type")) or None,
        error_code=_code(members),
        raw=raw,
    )


def _error_of(error: Mapping[str, Any], raw: Mapping[str, Any]) -> ContainerStreamError:
    """Return an error whose members are those of *error*."""
    kind = text(error.get("type"))
    return ContainerStreamError.reported(
        _message(error) or None,
        error_type=kind if kind and kind != "error" else None,
        error_code=_code(error),
        raw=raw,
    )


def _message(error: Mapping[str, Any]) -> str:
    names = ("message", "error_msg", "detail")  # the last is FastAPI's
    return next(filter(None, (text(error.get(name)) for name in names)), "")


def _code(error: Mapping[str, Any]) -> str | int | None:
    for name in ("code", "http_status_code", "error_code"):
        value = error.get(name)
        code = value if isinstance(value, str) else integer(value)
        if code is not None:
            return code
    return None
