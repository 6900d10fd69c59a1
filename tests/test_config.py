from __future__ import annotations

from typing import Any, Final

import pytest

from sagemaker_rt.config import ENVIRONMENT, with_environment
from sagemaker_rt.errors import OptionsError
from sagemaker_rt.options import Options

READ: Final[list[tuple[str, str, dict[str, Any]]]] = [
    ("AWS_REGION", "eu-west-1", {"region": "eu-west-1"}),
    ("AWS_DEFAULT_REGION", "eu-west-1", {"region": "eu-west-1"}),
    (
        "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
        "true",
        {"ignore_configured_endpoint_urls": True},
    ),
    (
        "AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME",
        "https://a.example",
        {"endpoint_url": "https://a.example"},
    ),
    ("AWS_ENDPOINT_URL", "https://a.example", {"endpoint_url": "https://a.example"}),
    ("AWS_USE_FIPS_ENDPOINT", "true", {"use_fips_endpoint": True}),
    ("AWS_USE_DUALSTACK_ENDPOINT", "TRUE", {"use_dualstack_endpoint": True}),
    ("AWS_RETRY_MODE", "Adaptive", {"retry_mode": "adaptive"}),
    ("AWS_NEW_RETRIES_2026", "false", {"retry_rules": "pre-2026"}),
    ("AWS_DISABLE_CLOCK_SKEW_CORRECTION", "true", {"correct_clock_skew": False}),
    ("AWS_MAX_ATTEMPTS", "5", {"max_attempts": 5}),
    ("AWS_SDK_UA_APP_ID", "my-app", {"app_id": "my-app"}),
]
"""Each variable, a value, and the options that it makes."""

IN_CODE: Final[dict[str, Any]] = {
    "region": "us-east-1",
    "ignore_configured_endpoint_urls": False,
    "endpoint_url": "https://code.example",
    "use_fips_endpoint": False,
    "use_dualstack_endpoint": False,
    "retry_mode": "off",
    "retry_rules": "2026",
    "correct_clock_skew": True,
    "max_attempts": 1,
    "app_id": "in-code",
}


def test_every_variable_is_tested() -> None:
    names = [name for variable in ENVIRONMENT for name in variable.names]

    assert sorted(names) == sorted(name for name, _, _ in READ)


@pytest.mark.parametrize(("name", "value", "fields"), READ)
def test_a_variable_fills_what_is_unset(
    name: str, value: str, fields: dict[str, Any]
) -> None:
    assert Options(**fields) == with_environment(Options(), {name: value})


@pytest.mark.parametrize(("name", "value", "fields"), READ)
def test_what_is_set_in_code_stays(
    name: str, value: str, fields: dict[str, Any]
) -> None:
    (field,) = fields
    options = Options(**{field: IN_CODE[field]})

    assert options is with_environment(options, {name: value})


@pytest.mark.parametrize("name", [name for name, _, _ in READ])
def test_an_empty_variable_is_unset(name: str) -> None:
    options = Options()

    assert options is with_environment(options, {name: ""})


@pytest.mark.parametrize(
    ("environ", "fields"),
    [
        (
            {"AWS_DEFAULT_REGION": "a", "AWS_REGION": "b"},
            {"region": "b"},
        ),
        (
            {"AWS_DEFAULT_REGION": "a", "AWS_REGION": ""},
            {"region": "a"},
        ),
        (
            {
                "AWS_ENDPOINT_URL": "https://a.example",
                "AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME": "https://b.example",
            },
            {"endpoint_url": "https://b.example"},
        ),
        (
            {
                "AWS_ENDPOINT_URL": "https://a.example",
                "AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME": "",
            },
            {"endpoint_url": "https://a.example"},
        ),
    ],
)
def test_the_first_variable_that_is_not_empty_counts(
    environ: dict[str, str], fields: dict[str, Any]
) -> None:
    assert Options(**fields) == with_environment(Options(), environ)


def test_all_variables_are_read_together() -> None:
    environ = {name: value for name, value, _ in READ if "IGNORE" not in name}

    found = with_environment(Options(connect_timeout=1), environ)

    assert (
        Options(
            region="eu-west-1",
            endpoint_url="https://a.example",
            use_fips_endpoint=True,
            use_dualstack_endpoint=True,
            retry_mode="adaptive",
            retry_rules="pre-2026",
            correct_clock_skew=False,
            max_attempts=5,
            app_id="my-app",
            connect_timeout=1,
        )
        == found
    )


URLS: Final = {
    "AWS_ENDPOINT_URL": "https://a.example",
    "AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME": "https://b.example",
}


@pytest.mark.parametrize(
    ("options", "switch", "expected"),
    [
        (Options(), "true", None),
        (Options(), "false", "https://b.example"),
        (Options(), "", "https://b.example"),
        (Options(ignore_configured_endpoint_urls=True), "false", None),
        (Options(ignore_configured_endpoint_urls=False), "true", "https://b.example"),
        (Options(endpoint_url="https://code.example"), "true", "https://code.example"),
    ],
    ids=["on", "off", "empty", "on in code", "off in code", "a url in code"],
)
def test_urls_of_the_environment_can_be_ignored(
    options: Options, switch: str, expected: str | None
) -> None:
    environ = {**URLS, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": switch}

    assert expected == with_environment(options, environ).endpoint.endpoint_url


def test_no_attempts_means_that_the_default_counts() -> None:
    found = with_environment(Options(), {"AWS_MAX_ATTEMPTS": "0"})

    assert found.retry.max_attempts is None


@pytest.mark.parametrize(
    ("name", "value", "wanted"),
    [
        ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "yes", "true or false"),
        ("AWS_USE_FIPS_ENDPOINT", "1", "true or false"),
        ("AWS_USE_DUALSTACK_ENDPOINT", " true", "true or false"),
        ("AWS_MAX_ATTEMPTS", "many", "a number from 0"),
        ("AWS_MAX_ATTEMPTS", "2.5", "a number from 0"),
        ("AWS_MAX_ATTEMPTS", "-1", "a number from 0"),
    ],
)
def test_a_value_that_cannot_be_is_refused_by_its_variable(
    name: str, value: str, wanted: str
) -> None:
    with pytest.raises(OptionsError) as caught:
        with_environment(Options(), {name: value})

    expected = f"environment variable {name} must be {wanted}: {value!r}"
    assert expected == str(caught.value)
    assert caught.value.__cause__ is None


def test_a_wrong_value_of_what_is_set_in_code_does_not_matter() -> None:
    options = Options(max_attempts=2)

    assert options is with_environment(options, {"AWS_MAX_ATTEMPTS": "many"})


def test_other_variables_are_not_read() -> None:
    options = Options()

    assert options is with_environment(options, {"AWS_PROFILE": "a", "HOME": "/"})


def test_what_is_found_once_is_found_again() -> None:
    environ = {name: value for name, value, _ in READ}

    found = with_environment(Options(), environ)

    assert found is with_environment(found, {**environ, "AWS_REGION": "another"})


def test_every_variable_is_of_an_option() -> None:
    flat = Options().flat()

    assert [] == [v.field for v in ENVIRONMENT if v.field not in flat]
    assert all(flat[variable.field] is None for variable in ENVIRONMENT)
