from __future__ import annotations

from typing import Any

import pytest

from sagemaker_rt.errors import ParamValidationError
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
        ((INPUT,), {"body": b"y"}, ["InvokeEndpointInput", "body"]),
        (
            (InvokeEndpointAsyncInput(endpoint_name="m"),),
            {},
            ["InvokeEndpointInput", "InvokeEndpointAsyncInput"],
        ),
        (("m", b"x"), {}, ["endpoint_name=…, body=…", "str"]),
    ],
    ids=["missing", "misspelled", "unknown", "both", "another shape", "by position"],
)
def test_each_invalid_argument_is_named(
    args: tuple[Any, ...], members: dict[str, Any], words: list[str]
) -> None:
    with pytest.raises(ParamValidationError) as caught:
        arguments(INVOKE_ENDPOINT, args, members)

    problems = "; ".join(sorted(caught.value.problems))
    assert all(word in problems for word in words)
