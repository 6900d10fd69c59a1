"""The environment variables and profile properties of each option, and their syntax."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple

from sagemaker_rt.sansio.defaults_mode import DEFAULTS_MODES
from sagemaker_rt.sansio.proxy_environment import (
    PROXY_FORM,
    proxy_url,
    proxy_variable,
    shown_proxy,
)
from sagemaker_rt.sansio.redaction import without_user_info

__all__ = ["OPTION_SOURCES", "OptionSource"]

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
    """Return the number *value*; 0 means unset, as in the other AWS SDKs."""
    count = int(value)
    if count < 0:
        raise ValueError(value)
    return count or None


_MAX_PORT: Final = 0xFFFF


def _port(value: str) -> int:
    port = int(value)
    if not 1 <= port <= _MAX_PORT:
        raise ValueError(value)
    return port


def _names(value: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in value.split(",") if name.strip())


def _defaults_mode(value: str) -> str:
    return DEFAULTS_MODES[DEFAULTS_MODES.index(value.lower())]


def _first_set(environ: Mapping[str, str], names: Sequence[str]) -> str | None:
    return next((name for name in names if environ.get(name)), None)


class OptionSource(NamedTuple):
    """Where an unset option may come from."""

    option: str
    """The option's flat name."""
    variables: tuple[str, ...]
    """Environment variables, of which *choose_variable* picks one."""
    key: str | None
    """The property of a profile; None if there is none."""
    parse: Callable[[str], object] = str
    """Returns the value for the text of a variable or property; None means unset. It
    raises KeyError or ValueError for invalid text."""
    expected: str = "text"
    """A description of valid text, for the error message."""
    choose_variable: Callable[[Mapping[str, str], Sequence[str]], str | None] = (
        _first_set
    )
    """Returns the variable to use, if any; the default is the first that is set and not
    empty."""
    show: Callable[[str], str] = without_user_info
    """Returns the repr of invalid text, without secrets."""
    last_variables: tuple[str, ...] = ()
    """Variables that are used if neither the others nor the property are set."""


_SWITCH: Final = "true or false"
_ENDPOINT_URL: Final = "endpoint_url"

OPTION_SOURCES: Final = (
    OptionSource("region", ("AWS_REGION", "AWS_DEFAULT_REGION"), "region"),
    # must precede endpoint_url: the look-up of endpoint_url reads it
    OptionSource(
        "ignore_configured_endpoint_urls",
        ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",),
        "ignore_configured_endpoint_urls",
        _bool,
        _SWITCH,
    ),
    OptionSource(
        _ENDPOINT_URL,
        ("AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME", "AWS_ENDPOINT_URL"),
        "endpoint_url",
    ),
    OptionSource(
        "use_fips_endpoint",
        ("AWS_USE_FIPS_ENDPOINT",),
        "use_fips_endpoint",
        _bool,
        _SWITCH,
    ),
    OptionSource(
        "use_dualstack_endpoint",
        ("AWS_USE_DUALSTACK_ENDPOINT",),
        "use_dualstack_endpoint",
        _bool,
        _SWITCH,
    ),
    OptionSource(
        "retry_mode",
        ("AWS_RETRY_MODE",),
        "retry_mode",
        _retry_mode,
        f"one of {', '.join(_RETRY_MODES)}",
    ),
    OptionSource("retry_rules", ("AWS_NEW_RETRIES_2026",), None, _retry_rules, _SWITCH),
    OptionSource(
        "correct_clock_skew",
        ("AWS_DISABLE_CLOCK_SKEW_CORRECTION",),
        "disable_clock_skew_correction",
        _not_bool,
        _SWITCH,
    ),
    OptionSource(
        "max_attempts",
        ("AWS_MAX_ATTEMPTS",),
        "max_attempts",
        _count,
        "a number of at least 0",
    ),
    OptionSource(
        "defaults_mode",
        ("AWS_DEFAULTS_MODE",),
        "defaults_mode",
        _defaults_mode,
        f"one of {', '.join(DEFAULTS_MODES)}",
    ),
    OptionSource(
        "auth_scheme_preference",
        ("AWS_AUTH_SCHEME_PREFERENCE",),
        "auth_scheme_preference",
        _names,
        "a comma-separated list of names",
    ),
    OptionSource(
        "ca_bundle",
        ("AWS_CA_BUNDLE",),
        "ca_bundle",
        last_variables=("REQUESTS_CA_BUNDLE",),
    ),
    OptionSource(
        "https_proxy",
        ("https_proxy", "HTTPS_PROXY"),
        None,
        proxy_url,
        PROXY_FORM,
        proxy_variable,
        show=shown_proxy,
    ),
    OptionSource(
        "http_proxy",
        ("http_proxy", "HTTP_PROXY"),
        None,
        proxy_url,
        PROXY_FORM,
        proxy_variable,
        show=shown_proxy,
    ),
    OptionSource(
        "no_proxy", ("no_proxy", "NO_PROXY"), None, choose_variable=proxy_variable
    ),
    OptionSource("app_id", ("AWS_SDK_UA_APP_ID",), "sdk_ua_app_id"),
    OptionSource(
        "client_side_monitoring", ("AWS_CSM_ENABLED",), "csm_enabled", _bool, _SWITCH
    ),
    OptionSource("client_side_monitoring_host", ("AWS_CSM_HOST",), "csm_host"),
    OptionSource(
        "client_side_monitoring_port",
        ("AWS_CSM_PORT",),
        "csm_port",
        _port,
        "a port from 1 to 65535",
    ),
    OptionSource(
        "client_side_monitoring_client_id", ("AWS_CSM_CLIENT_ID",), "csm_client_id"
    ),
)
