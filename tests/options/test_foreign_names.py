from __future__ import annotations

import re
from typing import Any

import pytest

import sagemaker_rt
from sagemaker_rt import Client, OptionsError, with_options
from sagemaker_rt.options.foreign_names import _HINTS, foreign_name_hint
from sagemaker_rt.options.options import DECLARATIONS

WORD = re.compile(r"\b[a-zA-Z]+(?:_[a-z_]+|[A-Z]\w+)\b")


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("aws_access_key_id", "credentials=Credentials("),
        ("base_url", "endpoint_url"),
        ("session", "http_client=AiohttpClient(session)"),
        ("retries", "max_attempts"),
        ("region_name", "use region"),
        ("endpoint", "endpoint_url"),
        ("timeout", "total_timeout"),
    ],
)
@pytest.mark.parametrize("kind", ["Client", "with_options", "client.with_options"])
def test_an_option_of_another_sdk_gets_the_right_name(
    name: str, hint: str, kind: str
) -> None:
    fields: dict[str, object] = {name: 1}
    make: Any = {
        "Client": Client,
        "with_options": lambda **f: Client(with_options(**f)),
        "client.with_options": Client(region="us-east-1").with_options,
    }[kind]

    with pytest.raises(OptionsError, match=re.escape(hint)) as caught:
        make(**fields)

    assert repr(name) in str(caught.value)


def test_a_hint_names_what_exists() -> None:
    known = {*DECLARATIONS, *sagemaker_rt.__all__, "access_key_id", "secret_access_key"}

    assert (
        not {word for hint in _HINTS.values() for word in WORD.findall(hint)}
        - known
        - {"OpenAI"}
    )
    assert not _HINTS.keys() & DECLARATIONS.keys()


def test_other_names_have_no_hint() -> None:
    assert foreign_name_hint("nonsense") == ""
