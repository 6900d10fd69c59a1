"""The output of `Client.stack` and `Client.explain`, which change nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import pytest

from sagemaker_rt.client import Client
from sagemaker_rt.errors import OptionsError, StackError
from sagemaker_rt.http import Endpoint
from sagemaker_rt.identity import AnonymousCredentials, Credentials
from sagemaker_rt.observability.log_mode import LogMode
from sagemaker_rt.operations import OPERATIONS
from sagemaker_rt.options import (
    Option,
    Options,
    with_api_options,
    with_endpoint_resolver,
    with_options,
)
from sagemaker_rt.sansio.endpoint_parameters import EndpointResolverOptions
from sagemaker_rt.stack import BuildInput, Stack, hook
from tests.assembly.building import INVOKE
from tests.doubles import ScriptedHTTPClient, response


def ids_in(text: str) -> tuple[set[str], set[str]]:
    """Return the ids that `Client.explain` shows as included, and as left out."""
    included, left_out = text.split("left out\n")
    return (
        {line.strip() for line in included.splitlines() if line.startswith("  ")},
        {line.strip().partition(":")[0] for line in left_out.splitlines()[:-1]},
    )


def everywhere(region: str, options: EndpointResolverOptions) -> Endpoint:
    return Endpoint("https://example.com")


@hook(BuildInput)
def tag_team(_: object, input: BuildInput) -> None:
    input.request.headers["x-team"] = "a"


def with_tag(stack: Stack) -> None:
    stack.build.add(tag_team)


def client(*opts: Option, **fields: Any) -> Client:
    """Return a client that looks at nothing outside."""
    known = {"credentials": Credentials("AKID", "a-secret"), "environ": {}}
    return Client(Options(**{**known, **fields}), *opts)


def test_a_stack_is_printed_in_order() -> None:
    assert INVOKE == str(client().stack("InvokeEndpoint"))
    assert client().explain("InvokeEndpoint").startswith(f"{INVOKE}\nleft out\n")


@pytest.mark.parametrize(
    ("http_client", "expected"),
    [
        ("native", "NativeClient"),
        ("aiohttp", "AiohttpClient"),
        (ScriptedHTTPClient(), "ScriptedHTTPClient"),
    ],
)
def test_an_explanation_names_the_http_client(
    http_client: object, expected: str
) -> None:
    text = client(http_client=http_client).explain("InvokeEndpoint")

    assert f"sent by {expected}" == text.splitlines()[-1]


@pytest.mark.parametrize("operation", OPERATIONS)
def test_an_explanation_has_each_middleware_once(operation: str) -> None:
    included, left_out = ids_in(client().explain(operation))

    assert not included & left_out
    assert ("OperationEventStreamDeserializer" in included) == (
        operation == "InvokeEndpointWithResponseStream"
    )


ANONYMOUS: Final = {
    "ComputePayloadHash",
    "ResolveAuthScheme",
    "GetIdentity",
    "Signing",
}


@pytest.mark.parametrize(
    ("fields", "opts", "moved"),
    [
        ({"credentials": AnonymousCredentials()}, (), ANONYMOUS),
        ({}, [with_options(credentials=AnonymousCredentials())], ANONYMOUS),
        ({"environ": {"AWS_LAMBDA_FUNCTION_NAME": "f"}}, (), {"RecursionDetection"}),
        ({"log_mode": LogMode.REQUEST}, (), {"RequestResponseLogger"}),
        ({}, [with_options(log_mode=LogMode.RESPONSE)], {"RequestResponseLogger"}),
        ({"endpoint_resolver": everywhere}, (), {"ResolveEndpoint"}),
        ({}, [with_endpoint_resolver(everywhere)], {"ResolveEndpoint"}),
    ],
    ids=[
        "an anonymous client",
        "an anonymous call",
        "in Lambda",
        "a client that logs",
        "a call that is logged",
        "a client with a resolver",
        "a call with a resolver",
    ],
)
def test_options_include_and_omit_middleware(
    fields: dict[str, Any], opts: Sequence[Option], moved: set[str]
) -> None:
    included, left_out = ids_in(client(**fields).explain("InvokeEndpoint", *opts))

    usually_included, usually_left_out = ids_in(client().explain("InvokeEndpoint"))
    assert moved == included ^ usually_included == left_out ^ usually_left_out


def test_custom_middleware_is_printed() -> None:
    expected = INVOKE.replace("  UserAgent\n", "  UserAgent\n  tag_team\n")

    for stack in (
        client(with_api_options(with_tag)).stack("InvokeEndpoint"),
        client().stack("InvokeEndpoint", with_api_options(with_tag)),
        client().with_options(with_api_options(with_tag)).stack("InvokeEndpoint"),
    ):
        assert expected == str(stack)


async def test_printing_does_not_change_calls() -> None:
    http_client = ScriptedHTTPClient(response(), response(), response())
    caller = client(
        with_api_options(with_tag), region="eu-west-1", http_client=http_client
    )

    caller.stack("InvokeEndpoint").build.clear()
    await caller.invoke_endpoint(endpoint_name="m", body=b"")
    printed = caller.stack("InvokeEndpoint")
    printed.finalize.clear()
    printed.build.remove("tag_team")
    await caller.invoke_endpoint(endpoint_name="m", body=b"")
    caller.explain("InvokeEndpoint", with_options(log_mode=LogMode.REQUEST))
    await caller.invoke_endpoint(endpoint_name="m", body=b"")

    first, *others = ({*request.headers} for request in http_client.requests)
    assert {"x-team", "user-agent", "authorization"} <= first
    assert [first, first] == others


async def test_calls_do_not_change_what_is_printed() -> None:
    http_client = ScriptedHTTPClient(response())
    caller = client(region="eu-west-1", http_client=http_client)
    before = caller.explain("InvokeEndpoint")

    await caller.invoke_endpoint(
        with_api_options(with_tag), endpoint_name="m", body=b""
    )

    assert before == caller.explain("InvokeEndpoint")
    caller.stack("InvokeEndpoint").build.add(tag_team)
    assert INVOKE == str(caller.stack("InvokeEndpoint"))


def test_a_stack_is_printed_without_a_region() -> None:
    assert INVOKE == str(client().stack("InvokeEndpoint"))
    assert INVOKE == str(
        client().stack("InvokeEndpoint", with_options(region="eu-west-1"))
    )


def test_an_unknown_operation_is_refused() -> None:
    for print_stack in (client().stack, client().explain):
        with pytest.raises(OptionsError, match=r"'InvokeEndpiont'.*'InvokeEndpoint'"):
            print_stack("InvokeEndpiont")


def test_an_api_option_that_fails_is_named() -> None:
    def broken(stack: Stack) -> None:
        stack.build.remove("UserAgnet")

    caller = client(with_api_options(broken))

    for print_stack in (caller.stack, caller.explain):
        with pytest.raises(StackError) as caught:
            print_stack("InvokeEndpoint")

        assert "broken" in str(caught.value)
