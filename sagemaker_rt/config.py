"""What the environment says, for whatever the options leave unset."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from attrs import frozen

from sagemaker_rt.errors import OptionsError
from sagemaker_rt.options import Options

__all__ = ["ENVIRONMENT", "Variable", "with_environment"]


_BOOLEANS: Final = {"true": True, "false": False}


def _bool(value: str) -> bool:
    return _BOOLEANS[value.lower()]


def _not_bool(value: str) -> bool:
    return not _bool(value)


_RETRY_MODES: Final = ("standard", "adaptive", "legacy", "off")


def _retry_mode(value: str) -> str:
    return _RETRY_MODES[_RETRY_MODES.index(value.lower())]


def _retry_rules(value: str) -> str:
    return "2026" if _bool(value) else "pre-2026"


def _count(value: str) -> int | None:
    """Read a number; 0 stands for unset, as in the other SDKs."""
    count = int(value)
    if count < 0:
        raise ValueError(value)
    return count or None


@frozen
class Variable:
    """An option that the environment may set."""

    field: str
    """The option's flat name."""
    names: tuple[str, ...]
    """Variables, the first that is set and not empty counting."""
    read: Callable[[str], object] = str
    wanted: str = "text"
    """What would have been right, where *read* raises KeyError or ValueError."""


# the switch over endpoint URLs comes before the URLs that it switches off
ENVIRONMENT: Final = (
    Variable("region", ("AWS_REGION", "AWS_DEFAULT_REGION")),
    Variable(
        "ignore_configured_endpoint_urls",
        ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",),
        _bool,
        "true or false",
    ),
    Variable(
        "endpoint_url", ("AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME", "AWS_ENDPOINT_URL")
    ),
    Variable("use_fips_endpoint", ("AWS_USE_FIPS_ENDPOINT",), _bool, "true or false"),
    Variable(
        "use_dualstack_endpoint",
        ("AWS_USE_DUALSTACK_ENDPOINT",),
        _bool,
        "true or false",
    ),
    Variable(
        "retry_mode",
        ("AWS_RETRY_MODE",),
        _retry_mode,
        f"one of {', '.join(_RETRY_MODES)}",
    ),
    Variable("retry_rules", ("AWS_NEW_RETRIES_2026",), _retry_rules, "true or false"),
    Variable(
        "correct_clock_skew",
        ("AWS_DISABLE_CLOCK_SKEW_CORRECTION",),
        _not_bool,
        "true or false",
    ),
    Variable("max_attempts", ("AWS_MAX_ATTEMPTS",), _count, "a number from 0"),
    Variable("app_id", ("AWS_SDK_UA_APP_ID",)),
)


def with_environment(options: Options, environ: Mapping[str, str]) -> Options:
    """Return *options* with what is unset taken from *environ*; does no I/O.

    Raises:
        OptionsError: A variable has a value that it cannot have.
    """
    flat = options.flat()
    found: dict[str, object] = {}
    for variable in ENVIRONMENT:
        if flat[variable.field] is not None:
            continue
        ignored = {**flat, **found}["ignore_configured_endpoint_urls"]
        if variable.field == "endpoint_url" and ignored:
            continue
        name = next((name for name in variable.names if environ.get(name)), None)
        if name is not None:
            found[variable.field] = _read(variable, name, environ[name])
    return options.replace(**found) if found else options


def _read(variable: Variable, name: str, value: str) -> object:
    try:
        return variable.read(value)
    except (KeyError, ValueError):
        message = f"environment variable {name} must be {variable.wanted}: {value!r}"
        raise OptionsError(message) from None
