from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from sagemaker_rt import Client, Options
from sagemaker_rt.emulator import Emulator, echo
from sagemaker_rt.errors import OptionsError
from sagemaker_rt.identity import Credentials
from sagemaker_rt.porting import Dialect, ported_options
from sagemaker_rt.porting.entries import Entries, Into, Nested
from sagemaker_rt.porting.loader import DIALECTS
from tests.porting.reading import changed

MADE_LATER = {
    "access_key_id",
    "secret_access_key",
    "session_token",
    "account_id",
    "host",
    "url",
}


def options_of(table: Entries) -> Iterator[str]:
    for entry in table.values():
        if isinstance(entry, Into):
            yield entry.option
        elif isinstance(entry, Nested):
            yield from options_of(entry.entries)


def test_no_settings_are_the_defaults() -> None:
    assert Options() == ported_options({})


@pytest.mark.parametrize("table", DIALECTS.values(), ids=DIALECTS)
def test_a_table_leads_to_options_that_there_are(table: Entries) -> None:
    assert set() == set(options_of(table)) - Options().flat().keys() - MADE_LATER


def test_a_name_that_all_understand_alike_needs_no_dialect() -> None:
    settings = {"region": "eu-west-1", "maxRetries": 2, "http_open_timeout": 5}

    options = ported_options(settings)

    assert {"region": "eu-west-1", "max_attempts": 3, "connect_timeout": 5} == changed(
        options
    )


def test_a_name_of_several_meanings_needs_a_dialect() -> None:
    with pytest.raises(OptionsError) as caught:
        ported_options({"endpoint": "a.example"})

    text = (
        "endpoint is not the same in ruby and javascript and elixir and haskell; "
        "give the dialect that is meant"
    )
    assert text == str(caught.value)


def test_a_name_of_another_dialect_is_unknown() -> None:
    with pytest.raises(OptionsError) as caught:
        ported_options({"maxAttempts": 2}, dialect="ruby")

    text = "there is no setting 'maxAttempts'; did you mean 'max_attempts'?"
    assert text == str(caught.value)


def test_an_unknown_dialect_is_refused_with_a_hint() -> None:
    dialect: Dialect = "rubi"  # type: ignore[assignment] # not every caller runs a checker

    with pytest.raises(OptionsError, match="no dialect 'rubi'; did you mean 'ruby'"):
        ported_options({}, dialect=dialect)


@pytest.mark.parametrize("dialect", [5, [], "js"])
def test_what_is_no_dialect_is_refused_with_those_that_there_are(dialect: Any) -> None:
    with pytest.raises(OptionsError, match="there are go, ruby, javascript"):
        ported_options({}, dialect=dialect)


@pytest.mark.parametrize("settings", [None, [("region", "a")], "region"])
def test_what_is_no_mapping_is_refused(settings: Any) -> None:
    with pytest.raises(OptionsError, match="give the settings as a mapping, not"):
        ported_options(settings)


@pytest.mark.parametrize("dialect", [None, "go"])
def test_what_is_no_name_is_no_setting(dialect: Any) -> None:
    settings: Any = {1: 2}

    with pytest.raises(OptionsError, match="there is no setting '1'"):
        ported_options(settings, dialect=dialect)


def test_credentials_need_no_dialect() -> None:
    keys = Credentials("AKID", "secret")

    assert {"credentials": keys} == changed(ported_options({"credentials": keys}))


def test_names_that_agree_may_say_the_same_twice() -> None:
    settings = {"max_attempts": 3, "total_max_attempts": 3}

    options = ported_options({"retries": settings | {"max_attempts": 2}})

    assert {"max_attempts": 3} == changed(options)


def test_names_that_contradict_each_other_are_refused() -> None:
    retries = {"max_attempts": 3, "total_max_attempts": 3}

    with pytest.raises(OptionsError) as caught:
        ported_options({"retries": retries}, dialect="boto3")

    text = (
        "retries.max_attempts and retries.total_max_attempts contradict each other; "
        "keep one"
    )
    assert text == str(caught.value)


async def test_a_client_calls_by_what_was_carried_over() -> None:
    async with Emulator(models={"my-endpoint": echo}) as emulator:
        keys = emulator.credentials
        settings = {
            "region": emulator.region,
            "endpoint": emulator.url,
            "accessKeyId": keys.access_key_id,
            "secretAccessKey": keys.secret_access_key,
            "sessionToken": keys.session_token,
            "maxRetries": 0,
            "httpOptions": {"timeout": 10_000, "xhrAsync": True},
            "s3ForcePathStyle": True,
        }

        async with Client(ported_options(settings, dialect="javascript")) as client:
            output = await client.invoke_endpoint(
                endpoint_name="my-endpoint", body=b"carried over"
            )

    assert b"carried over" == output.body
