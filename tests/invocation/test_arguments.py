from __future__ import annotations

from typing import Any

import pytest

from sagemaker_rt.errors import ParamValidationError, SerializationError
from sagemaker_rt.invocation.arguments import arguments
from sagemaker_rt.operations import INVOKE_ENDPOINT
from sagemaker_rt.options import with_options
from sagemaker_rt.shapes import InvokeEndpointAsyncInput, InvokeEndpointInput

INPUT = InvokeEndpointInput(endpoint_name="m", body=b"x")
MEMBERS: dict[str, Any] = {"endpoint_name": "m", "body": b"x"}
OPTION = with_options(region="eu-west-1")


@pytest.mark.parametrize(
    ("args", "members", "opts"),
    [
        ((), MEMBERS, ()),
        ((OPTION, OPTION), MEMBERS, (OPTION, OPTION)),
        ((INPUT,), {}, ()),
        ((INPUT, OPTION), {}, (OPTION,)),
    ],
)
def test_arguments_are_a_shape_or_members_and_options(
    args: tuple[Any, ...], members: dict[str, Any], opts: tuple[Any, ...]
) -> None:
    assert (INPUT, opts) == arguments(INVOKE_ENDPOINT, args, members)


@pytest.mark.parametrize(
    ("args", "members", "words"),
    [
        ((), {}, ["body", "endpoint_name"]),
        ((), {**MEMBERS, "bodi": b""}, ["'bodi'", "'body'"]),
        ((), {**MEMBERS, "zzz": b""}, ["'zzz'"]),
        ((), {"endpoint_name": "m", "jsn": {}}, ["'jsn'", "'json'", "body or json"]),
        ((), {"endpoint_name": "m", "json": None}, ["body or json is required"]),
        ((), {**MEMBERS, "json": {}}, ["json or body, not both"]),
        ((INPUT,), {"json": {}}, ["InvokeEndpointInput", "json"]),
        ((INPUT,), {"body": b"y"}, ["InvokeEndpointInput", "body"]),
        (
            (InvokeEndpointAsyncInput(endpoint_name="m"),),
            {},
            ["InvokeEndpointInput", "InvokeEndpointAsyncInput"],
        ),
        (("m", b"x"), {}, ["endpoint_name=…, body=…", "str"]),
    ],
    ids=[
        "missing",
        "misspelled",
        "unknown",
        "misspelled json",
        "json that is None",
        "json and a body",
        "a shape and json",
        "both",
        "another shape",
        "by position",
    ],
)
def test_each_invalid_argument_is_named(
    args: tuple[Any, ...], members: dict[str, Any], words: list[str]
) -> None:
    with pytest.raises(ParamValidationError) as caught:
        arguments(INVOKE_ENDPOINT, args, members)

    problems = "; ".join(sorted(caught.value.problems))
    assert all(word in problems for word in words)


@pytest.mark.parametrize(
    ("members", "content_type"),
    [
        ({}, "application/json"),
        ({"content_type": None, "body": None}, "application/json"),
        ({"content_type": "application/vnd.acme+json"}, "application/vnd.acme+json"),
    ],
)
def test_json_is_the_body_with_its_content_type(
    members: dict[str, Any], content_type: str
) -> None:
    members = {"endpoint_name": "m", "json": {"inputs": "é"}, **members}

    params, _ = arguments(INVOKE_ENDPOINT, (OPTION,), members)

    assert (
        InvokeEndpointInput(
            endpoint_name="m",
            body='{"inputs":"é"}'.encode(),
            content_type=content_type,
        )
        == params
    )


def test_json_that_is_none_is_unset() -> None:
    assert (INPUT, ()) == arguments(INVOKE_ENDPOINT, (), {**MEMBERS, "json": None})


def test_a_value_that_json_cannot_hold_is_named_by_its_path() -> None:
    members = {"endpoint_name": "m", "json": {"inputs": [1, {2}]}}

    with pytest.raises(SerializationError) as caught:
        arguments(INVOKE_ENDPOINT, (), members)

    assert "json['inputs'][1]" == caught.value.path
