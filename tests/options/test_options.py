from __future__ import annotations

import copy
import logging
import pickle
import time
from collections.abc import AsyncIterator, Iterator
from functools import partial
from typing import Any, Final

import attrs
import pytest
from attrs.exceptions import FrozenInstanceError

from sagemaker_rt.context import Key
from sagemaker_rt.credentials.environment import EnvironmentCredentials
from sagemaker_rt.credentials.static import StaticCredentials
from sagemaker_rt.errors import OptionsError
from sagemaker_rt.identity import AnonymousCredentials, Credentials
from sagemaker_rt.observability.log_mode import LogMode
from sagemaker_rt.options import (
    Option,
    Options,
    RetryOptions,
    with_api_options,
    with_options,
)
from sagemaker_rt.options.fields import OptionFields
from sagemaker_rt.sansio.validation_modes import Validation, ValidationMode
from sagemaker_rt.stack import Stack

CREDENTIALS: Final = Credentials("AKID", "a-secret", "a-token")


def edit(stack: Stack) -> None:
    """Edit nothing."""


def test_the_defaults() -> None:
    options = Options()

    assert (None, None, (), "required", None, time.time, None) == (
        options.region,
        options.credentials,
        options.api_options,
        options.validate,
        options.app_id,
        options.clock,
        options.environ,
    )


def test_flat_names_are_put_in_groups() -> None:
    options = Options(region="eu-west-1", max_attempts=2, port=8443)

    assert ("eu-west-1", 2, 8443) == (
        options.region,
        options.retry.max_attempts,
        options.endpoint.port,
    )


def test_a_whole_group_can_be_replaced_and_changed_at_once() -> None:
    group = RetryOptions(retry_mode="off", max_attempts=2)

    options = Options().replace(retry=group, max_attempts=5)

    assert RetryOptions(retry_mode="off", max_attempts=5) == options.retry


def test_replace_keeps_the_rest_of_the_group() -> None:
    options = Options(connect_timeout=1, read_timeout=2)

    replaced = options.replace(read_timeout=3, region="a")

    assert Options(connect_timeout=1, read_timeout=3, region="a") == replaced
    assert Options(connect_timeout=1, read_timeout=2) == options


def test_flat_has_all_options() -> None:
    flat = Options(region="a", max_attempts=2).flat()

    assert OptionFields.__annotations__.keys() == flat.keys()
    assert ("a", 2, None) == (flat["region"], flat["max_attempts"], flat["port"])


def test_the_options_of_connections_and_files_cannot_be_set_per_call() -> None:
    options = Options(profile="dev", max_connections=5, max_attempts=2, max_redirects=3)

    assert {
        "profile": "dev",
        "environ": None,
        "max_connections": 5,
        "max_connections_per_host": 0,
        "keepalive_timeout": 10.0,
        "tcp_keepalive": True,
        "expect_continue": False,
        "continue_timeout": 1.0,
        "proxy": None,
        "https_proxy": None,
        "http_proxy": None,
        "no_proxy": None,
        "ssl_context": None,
        "ca_bundle": None,
        "ca_directory": None,
        "client_cert": None,
        "client_key": None,
        "client_key_password": None,
        "verify_ssl": True,
        "http2_ssl_context": None,
    } == options.client_only()


def test_options_are_frozen() -> None:
    options = Options()

    with pytest.raises(FrozenInstanceError):
        options.region = "a"  # type: ignore[misc] # what is tested
    with pytest.raises(FrozenInstanceError):
        options.retry.max_attempts = 1  # type: ignore[misc] # what is tested


def test_equal_options_have_one_hash() -> None:
    first, second = (Options(region="a", api_options=[edit]) for _ in range(2))

    assert {first: "found"}[second] == "found"
    assert first != Options(region="a")


@pytest.mark.parametrize(
    "options",
    [
        Options(),
        Options(
            region="a", api_options=[edit], max_attempts=2, log_mode=LogMode.REQUEST
        ),
        Options(credentials=AnonymousCredentials(), logger=logging.getLogger("a")),
        Options(environ={"AWS_REGION": "a"}),
    ],
    ids=["defaults", "values", "anonymous", "an environment without secrets"],
)
@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_options_pickle(options: Options, protocol: int) -> None:
    assert options == pickle.loads(pickle.dumps(options, protocol))  # noqa: S301 - written in the same line


@pytest.mark.parametrize(
    "option",
    [
        with_options(region="a"),
        with_api_options(edit),
        with_options(region="a") | with_options(app_id="b"),
    ],
)
def test_functional_options_pickle(option: Option) -> None:
    assert option == pickle.loads(pickle.dumps(option))  # noqa: S301 - written in the same line


@pytest.mark.parametrize(
    ("held", "advice"),
    [
        (Options(credentials=CREDENTIALS), "credentials"),
        (
            Options(credentials=StaticCredentials(CREDENTIALS)),
            "credentials",
        ),
        (with_options(credentials=CREDENTIALS), "credentials"),
        (Options(environ={"AWS_SECRET_ACCESS_KEY": "a-secret"}), "environ"),
        (Options(environ={"AWS_SESSION_TOKEN": "a-token"}), "environ"),
        (Options(environ={"AWS_SECURITY_TOKEN": "a-token"}), "environ"),
    ],
    ids=["credentials", "provider", "functional", "key", "token", "older token"],
)
def test_options_with_a_secret_do_not_pickle(held: object, advice: str) -> None:
    with pytest.raises(TypeError, match=advice):
        pickle.dumps(held)


def test_options_with_context_values_do_not_pickle() -> None:
    with pytest.raises(TypeError, match=r"Key\('tenant'\).*does not pickle"):
        pickle.dumps(Options(context_values={Key("tenant"): "a"}))


def test_options_can_be_copied() -> None:
    options = Options(region="a", credentials=CREDENTIALS)

    assert options == copy.copy(options) == attrs.evolve(options)


def test_no_secret_is_printed() -> None:
    options = Options(
        credentials=CREDENTIALS, environ={"AWS_SECRET_ACCESS_KEY": "a-secret"}
    )

    printed = f"{options!r} {options!s}"

    assert "AKID" in printed
    assert "a-secret" not in printed
    assert "a-token" not in printed


@pytest.mark.parametrize(
    ("wrong", "hint"),
    [("regoin", "'region'"), ("max_attempt", "'max_attempts'"), ("frobnicate", "")],
)
def test_an_unknown_name_is_refused_with_a_hint(wrong: str, hint: str) -> None:
    fields: dict[str, Any] = {wrong: 1}

    for make in (Options, Options().replace):
        with pytest.raises(OptionsError) as caught:
            make(**fields)

        assert repr(wrong) in str(caught.value)
        assert hint in str(caught.value)


@pytest.mark.parametrize(
    ("name", "hint"), [("max_attempts", "options.retry"), ("nothing", "")]
)
def test_an_unknown_attribute_names_the_group(name: str, hint: str) -> None:
    with pytest.raises(AttributeError) as caught:
        getattr(Options(), name)

    assert repr(name) in str(caught.value)
    assert hint in str(caught.value)


@pytest.mark.parametrize(
    "fields",
    [
        {"region": 1},
        {"signer": "v4"},
        {"api_options": 5},
        {"validate": "very"},
        {"app_id": 1},
        {"clock": None},
        {"environ": ["A=1"]},
        {"retry": 5},
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_an_invalid_value_is_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(OptionsError) as caught:
        Options(**fields)

    name, value = next(iter(fields.items()))
    assert name in str(caught.value)
    assert repr(value) in str(caught.value)


@pytest.mark.parametrize(
    ("value", "mode"),
    [
        (True, "required"),
        (False, "off"),
        ("strict", "strict"),
        ("required", "required"),
        ("off", "off"),
        (Validation(min=True), Validation(min=True)),
    ],
)
def test_validate_accepts_modes_and_booleans(
    value: ValidationMode | Validation | bool, mode: ValidationMode | Validation
) -> None:
    assert (
        mode
        == Options(validate=value).validate
        == with_options(validate=value)(Options()).validate
    )


@pytest.mark.parametrize(
    "credentials",
    [
        None,
        CREDENTIALS,
        AnonymousCredentials(),
        StaticCredentials(CREDENTIALS),
        EnvironmentCredentials({}),
    ],
    ids=lambda value: type(value).__name__,
)
def test_credentials_come_in_several_forms(credentials: Any) -> None:
    assert credentials == Options(credentials=credentials).credentials


def test_wrong_credentials_are_not_shown() -> None:
    fields: dict[str, Any] = {"credentials": ("AKID", "a-secret")}

    with pytest.raises(OptionsError, match="tuple") as caught:
        Options(**fields)

    assert "a-secret" not in str(caught.value)


def test_api_options_must_be_callable() -> None:
    fields: dict[str, Any] = {"api_options": [5]}

    with pytest.raises(OptionsError, match="api_options"):
        Options(**fields)


async def later(*_: object) -> Any:
    """Never run: nobody awaits it."""


def generator(*_: object) -> Iterator[None]:
    yield


async def async_generator(*_: object) -> AsyncIterator[None]:
    yield


class Later:
    """A retryer whose method is async."""

    max_attempts = 3

    async def decide(self, *_: object, **__: object) -> None:
        """Never run: a retryer does not wait."""


@pytest.mark.parametrize(
    "name",
    [
        "api_options",
        "auth_scheme_resolver",
        "client_key_password",
        "clock",
        "custom_backoff",
        "retry_jitter",
    ],
)
@pytest.mark.parametrize(
    "function", [later, partial(later), generator, async_generator]
)
def test_a_function_that_would_never_run_is_refused(name: str, function: Any) -> None:
    value = [function] if name == "api_options" else function
    fields: Any = {name: value}

    with pytest.raises(OptionsError, match=rf"{name} .*plain function"):
        Options(**fields)


@pytest.mark.parametrize(
    "name", ["on_chunk_sent", "on_chunk_received", "response_target"]
)
def test_a_callback_may_be_async_and_is_no_generator(name: str) -> None:
    accepted: Any = {name: later}
    Options(**accepted)

    for function in (generator, async_generator):
        refused: Any = {name: function}
        with pytest.raises(OptionsError, match=name):
            Options(**refused)


def test_the_methods_of_a_retryer_are_plain() -> None:
    retryer: Any = Later()

    with pytest.raises(OptionsError, match=r"retryer\.decide must be a plain method"):
        Options(retryer=retryer)
