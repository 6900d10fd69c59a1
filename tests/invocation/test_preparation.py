"""What runs when a request is only prepared, and what middleware sees of it."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import Any, Final

import pytest

from sagemaker_rt.client import Client
from sagemaker_rt.context import PREPARE, Context
from sagemaker_rt.errors import CredentialsError, RequestTimeoutError
from sagemaker_rt.http import Request
from sagemaker_rt.identity import Credentials
from sagemaker_rt.invocation.preparation import (
    Preparation,
    RequestPrepared,
    without_effects,
)
from sagemaker_rt.observability.log_mode import LogMode
from sagemaker_rt.options import Option, Options, with_api_options
from sagemaker_rt.shapes import InvokeEndpointOutput
from sagemaker_rt.stack import DeserializeInput, FinalizeInput, Handler, Output
from tests.doubles import ScriptedHTTPClient, response

CALL: Final[Any] = {"endpoint_name": "m", "body": b"abc"}
STEPS: Final = ("initialize", "serialize", "build", "finalize", "deserialize")


def client(*opts: Option, **fields: Any) -> Client:
    known = {
        "region": "eu-west-1",
        "credentials": Credentials("AKID", "a-secret"),
        "environ": {},
        "http_client": ScriptedHTTPClient(response()),
    }
    return Client(Options(**{**known, **fields}), *opts)


def at_every_step(middleware: Any) -> Option:
    """Return an option that adds *middleware* as the outermost of every step."""

    def edit(stack: Any) -> None:
        for step in STEPS:
            getattr(stack, step).add(middleware, id="Team", first=True)

    return with_api_options(edit)


async def swallow(ctx: Context, input: Any, next: Handler[Any]) -> Output:
    try:
        return await next(ctx, input)
    except BaseException:  # noqa: BLE001 - what is tested
        return Output(InvokeEndpointOutput(body=b"a fallback"))


async def translate(ctx: Context, input: Any, next: Handler[Any]) -> Output:
    try:
        return await next(ctx, input)
    except BaseException as error:
        message = "the team's own error"
        raise LookupError(message) from error


async def fail_after(ctx: Context, input: Any, next: Handler[Any]) -> Output:
    try:
        return await next(ctx, input)
    finally:
        raise OSError


async def again(ctx: Context, input: Any, next: Handler[Any]) -> Output:
    try:
        return await next(ctx, input)
    except BaseException:  # noqa: BLE001 - what is tested
        return await next(ctx, input)


async def in_group(ctx: Context, input: Any, next: Handler[Any]) -> Output:
    async with asyncio.TaskGroup() as tasks:
        first, _ = (
            tasks.create_task(asyncio.wait_for(next(ctx, input), 60)) for _ in range(2)
        )
    return first.result()


async def in_task(ctx: Context, input: Any, next: Handler[Any]) -> Output:
    async def call() -> Output:
        return await next(ctx, input)

    return await asyncio.create_task(call())


@pytest.mark.parametrize(
    "middleware", [swallow, translate, fail_after, again, in_group, in_task]
)
async def test_the_request_is_returned_whatever_middleware_makes_of_the_end(
    middleware: Any,
) -> None:
    request = client(at_every_step(middleware)).request("invoke_endpoint", **CALL)

    prepared = await request.prepare()

    assert "AWS4-HMAC-SHA256 " in prepared.headers["authorization"]
    assert "X-Amz-Signature=" in await request.presign()


async def test_a_middleware_knows_that_a_call_is_only_prepared() -> None:
    seen: list[bool] = []

    async def look(ctx: Context, input: Any, next: Handler[Any]) -> Output:
        seen.append(ctx.is_prepare)
        return await next(ctx, input)

    request = client(at_every_step(look)).request("invoke_endpoint", **CALL)

    await request.prepare()
    await request.presign()
    await request.send()

    assert [*[True] * 10, *[False] * 5] == seen


async def test_the_end_passes_by_handlers_of_errors_and_runs_finally() -> None:
    seen: list[object] = []

    async def measure(ctx: Context, input: Any, next: Handler[Any]) -> Output:
        try:
            output = await next(ctx, input)
        except Exception as error:
            seen.append(error)
            raise
        except BaseException as end:
            seen.append(type(end))
            raise
        finally:
            seen.append("finally")
        seen.append(output)
        return output

    option = with_api_options(lambda stack: stack.finalize.add(measure))
    await client(option).request("invoke_endpoint", **CALL).prepare()

    assert [RequestPrepared, "finally"] == seen


async def test_an_error_before_the_end_is_raised() -> None:
    class Provider:
        """A provider without credentials."""

        async def retrieve(self) -> Credentials:
            message = "none"
            raise CredentialsError(message)

    request = client(credentials=Provider()).request("invoke_endpoint", **CALL)

    with pytest.raises(CredentialsError, match="none"):
        await request.prepare()


async def test_a_middleware_that_does_not_return_is_bounded_by_the_total_timeout() -> (
    None
):
    async def hang(
        ctx: Context, input: FinalizeInput, next: Handler[FinalizeInput]
    ) -> Output:
        await asyncio.Event().wait()
        return await next(ctx, input)

    option = with_api_options(lambda stack: stack.finalize.add(hang))
    request = client(option, total_timeout=0.01).request("invoke_endpoint", **CALL)

    with pytest.raises(RequestTimeoutError):
        await request.prepare()


async def test_a_cancellation_is_not_swallowed() -> None:
    async def hang(ctx: Context, input: Any, next: Handler[Any]) -> Output:
        try:
            return await next(ctx, input)
        finally:
            await asyncio.Event().wait()

    option = with_api_options(lambda stack: stack.finalize.add(hang))
    task = asyncio.create_task(
        client(option).request("invoke_endpoint", **CALL).prepare()
    )
    for _ in range(20):
        await asyncio.sleep(0)
    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task


async def test_nothing_is_logged_stored_or_counted(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    target = tmp_path / "missing" / "answer"
    caller = client(
        log_level="INFO",
        log_mode=LogMode.REQUEST | LogMode.RESPONSE | LogMode.RETRIES,
        retry_mode="adaptive",
        adaptive_wait=False,
        response_target=target,
    )
    request = caller.request("invoke_endpoint", **CALL)

    for _ in range(1000):
        await request.prepare()

    assert [] == caplog.records
    assert not target.parent.exists()


def test_only_the_log_of_the_signature_is_kept() -> None:
    options = without_effects(Options(log_mode=LogMode.SIGNING | LogMode.REQUEST))

    assert LogMode.SIGNING == options.logging.log_mode
    assert options.context_values[PREPARE]


async def test_the_first_request_is_kept() -> None:
    preparation, first = Preparation(), Request()

    for request in (first, Request()):
        with pytest.raises(RequestPrepared):
            await preparation.send(Context("X"), DeserializeInput(request))

    assert first is preparation.request
