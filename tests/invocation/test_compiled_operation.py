from __future__ import annotations

import asyncio
from typing import Any

import pytest

from sagemaker_rt.context import Context
from sagemaker_rt.errors import (
    ComponentError,
    RequestTimeoutError,
    SageMakerRuntimeError,
)
from sagemaker_rt.http import Response
from sagemaker_rt.identity import Credentials
from sagemaker_rt.operations import INVOKE_ENDPOINT
from sagemaker_rt.options import Options
from sagemaker_rt.stack import BuildInput, Handler, InitializeInput, Output, Stack
from tests.doubles import (
    ScriptedHTTPClient,
    response,
)
from tests.invocation.compiling import CREDENTIALS, INPUT, compiler_of, options


async def test_a_compiled_call_runs_any_number_of_times() -> None:
    http_client = ScriptedHTTPClient(*(response(200, {}, b"a") for _ in range(3)))
    given = options(http_client=http_client, total_timeout=9)
    call = compiler_of(given).compile(INVOKE_ENDPOINT, given)

    outputs = await asyncio.gather(
        *(
            call.handler(Context("InvokeEndpoint"), InitializeInput(INPUT))
            for _ in range(3)
        )
    )

    assert [b"a"] * 3 == [output.result.body for output in outputs]
    assert 3 == len({r.headers["amz-sdk-invocation-id"] for r in http_client.requests})
    assert 9 == call.total_timeout


def throttled() -> Response:
    return response(429, {"x-amzn-errortype": "ThrottlingException"})


async def failed(given: Options, *answers: Response) -> SageMakerRuntimeError:
    """Return the error of a call that is answered so."""
    http_client = ScriptedHTTPClient(*answers)
    changed = given.replace(http_client=http_client)
    with pytest.raises(SageMakerRuntimeError) as caught:
        await compiler_of(given).compile(INVOKE_ENDPOINT, changed).run(INPUT)
    return caught.value


class Hanging:
    """A provider, signer and middleware that does not return."""

    async def retrieve(self) -> Credentials:
        await asyncio.Event().wait()
        return CREDENTIALS

    async def sign(self, *_: object, **__: object) -> None:
        await asyncio.Event().wait()

    async def __call__(
        self, ctx: Context, input: BuildInput, next: Handler[BuildInput]
    ) -> Output:
        await asyncio.Event().wait()
        return Output()


def hang_in_build(stack: Stack) -> None:
    stack.build.add(Hanging())


@pytest.mark.parametrize(
    ("fields", "may_have_executed"),
    [
        ({"credentials": Hanging()}, False),
        ({"signer": Hanging()}, True),
        ({"api_options": [hang_in_build]}, True),
    ],
    ids=["provider", "signer", "middleware"],
)
async def test_a_call_ends_at_its_deadline_even_if_a_component_hangs(
    fields: Any, may_have_executed: bool
) -> None:
    """For what is not known it is assumed that something was sent."""
    error = await failed(options(total_timeout=0.02, **fields))

    assert isinstance(error, RequestTimeoutError)
    assert may_have_executed == error.may_have_executed == error.request_sent


async def test_a_timeout_of_a_component_is_not_taken_for_the_deadline() -> None:
    class Impatient:
        async def sign(self, *_: object, **__: object) -> None:
            raise TimeoutError

    given = options(
        total_timeout=9, signer=Impatient(), http_client=ScriptedHTTPClient()
    )

    with pytest.raises(ComponentError) as caught:
        await compiler_of(given).compile(INVOKE_ENDPOINT, given).run(INPUT)

    assert "signer" == caught.value.component
