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
def test_an_input_comes_whole_or_by_its_members_and_options_after_it(
    args: tuple[Any, ...], members: dict[str, Any], opts: tuple[Any, ...]
) -> None:
    assert (INPUT, opts) == arguments(INVOKE_ENDPOINT, args, members)


@pytest.mark.parametrize(
    ("args", "members", "problems"),
    [
        ((), {}, ["body is required", "endpoint_name is required"]),
        (
            (),
            {**MEMBERS, "bodi": b""},
            ["there is no member 'bodi'; did you mean 'body'?"],
        ),
        ((), {**MEMBERS, "zzz": b""}, ["there is no member 'zzz'"]),
        (
            (INPUT,),
            {"body": b"y"},
            ["give InvokeEndpointInput or members, not both: body"],
        ),
        (
            (InvokeEndpointAsyncInput(endpoint_name="m"),),
            {},
            [
                (
                    "give InvokeEndpointInput, or its members by keyword, not "
                    "InvokeEndpointAsyncInput"
                )
            ],
        ),
    ],
)
def test_what_is_wrong_is_said_of_each_name(
    args: tuple[Any, ...], members: dict[str, Any], problems: list[str]
) -> None:
    with pytest.raises(ParamValidationError) as caught:
        arguments(INVOKE_ENDPOINT, args, members)

    assert problems == sorted(caught.value.problems)
