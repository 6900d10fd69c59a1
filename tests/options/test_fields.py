from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

import attrs
import pytest

from sagemaker_rt import options as package
from sagemaker_rt.interfaces import HTTPAuthScheme
from sagemaker_rt.options import (
    AuthOptions,
    BodyOptions,
    EndpointOptions,
    HTTPOptions,
    LoggingOptions,
    Options,
    RetryOptions,
    TelemetryOptions,
    TimeoutOptions,
    TLSOptions,
)
from sagemaker_rt.options.fields import OptionFields
from sagemaker_rt.sansio.validation_modes import Validation, ValidationMode
from sagemaker_rt.stack import Stack
from tests.options.hints import hints_of

GROUPS: Final = {
    "auth": AuthOptions,
    "endpoint": EndpointOptions,
    "retry": RetryOptions,
    "http": HTTPOptions,
    "tls": TLSOptions,
    "timeouts": TimeoutOptions,
    "logging": LoggingOptions,
    "telemetry": TelemetryOptions,
    "bodies": BodyOptions,
}

CONVERTED: Final = {
    "auth_schemes": Iterable[HTTPAuthScheme],  # becomes a tuple
    "auth_scheme_preference": Iterable[str] | None,  # becomes a tuple
    "retry_model_errors": Iterable[int],  # becomes a frozenset
    "api_options": Iterable[Callable[[Stack], None]],  # becomes a tuple
    "validate": ValidationMode | Validation | bool,  # becomes a mode
}
"""Options that take more than they then are."""


def declared() -> dict[str, object]:
    """Return the flat names of all options, with the types that their homes say."""
    found: dict[str, object] = {}
    for home in (Options, *GROUPS.values()):
        hints = hints_of(home)
        found |= {field.name: hints[field.name] for field in attrs.fields(home)}
    return {name: kind for name, kind in found.items() if name not in GROUPS}


def test_every_group_of_the_package_is_looked_at() -> None:
    groups = {name for name in package.__all__ if name.endswith("Options")}

    assert groups - {"Options", "APIOptions"} == {
        group.__name__ for group in GROUPS.values()
    }


def test_every_option_has_one_home() -> None:
    names = [
        field.name
        for home in (Options, *GROUPS.values())
        for field in attrs.fields(home)
    ]

    assert sorted(set(names)) == sorted(names)


def test_the_list_has_every_option_and_no_other() -> None:
    assert declared().keys() == hints_of(OptionFields).keys()


def test_the_list_is_in_the_order_of_the_homes() -> None:
    assert list(declared()) == [*hints_of(OptionFields)]


@pytest.mark.parametrize("name", hints_of(OptionFields))
def test_an_option_has_one_type_in_the_list_and_at_home(name: str) -> None:
    kind = CONVERTED.get(name) or declared()[name]

    assert kind == hints_of(OptionFields)[name]


def test_none_of_the_options_must_be_given() -> None:
    assert frozenset() == OptionFields.__required_keys__
