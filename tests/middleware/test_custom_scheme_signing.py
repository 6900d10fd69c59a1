from __future__ import annotations

import asyncio
from collections.abc import Awaitable

import pytest

from sagemaker_rt.context import Context
from sagemaker_rt.errors import CredentialsError, RequestTimeoutError
from sagemaker_rt.http import Request
from sagemaker_rt.middleware.custom_scheme_signing import CustomSchemeSigning
from sagemaker_rt.stack import FinalizeInput
from tests.doubles import Wire


class APIKey:
    """A scheme whose identity is a key that changes with each question."""

    id = "example.com#apiKey"

    def __init__(self) -> None:
        self.asked = 0

    async def retrieve_identity(self) -> str:
        self.asked += 1
        return f"key-{self.asked}"

    def sign(self, request: Request, identity: str) -> Awaitable[None] | None:
        request.headers["x-api-key"] = identity
        return None


class SlowAPIKey(APIKey):
    """The same, whose signature takes its time."""

    def sign(self, request: Request, identity: str) -> Awaitable[None]:
        return self._sign(request, identity)

    async def _sign(self, request: Request, identity: str) -> None:
        await asyncio.sleep(0)
        request.headers["x-api-key"] = identity


@pytest.mark.parametrize("kind", [APIKey, SlowAPIKey])
async def test_each_attempt_is_signed_for_the_identity_of_its_time(
    kind: type[APIKey],
) -> None:
    wire, middleware = Wire[FinalizeInput](), CustomSchemeSigning(kind())

    for _ in range(2):
        await middleware(Context("A"), FinalizeInput(Request()), wire)

    sent = [input.request.headers["x-api-key"] for input in wire.inputs]
    assert ["key-1", "key-2"] == sent


async def test_without_an_identity_nothing_goes_on() -> None:
    class Empty(APIKey):
        async def retrieve_identity(self) -> str:
            message = "log in first"
            raise CredentialsError(message)

    wire = Wire[FinalizeInput]()

    with pytest.raises(CredentialsError, match="log in first"):
        await CustomSchemeSigning(Empty())(Context("A"), FinalizeInput(Request()), wire)

    assert [] == wire.inputs


async def test_a_scheme_that_hangs_is_ended_with_the_call() -> None:
    class Hanging(APIKey):
        async def retrieve_identity(self) -> str:
            await asyncio.Event().wait()
            return ""

    deadline = asyncio.get_running_loop().time() + 0.01
    wire = Wire[FinalizeInput]()

    with pytest.raises(RequestTimeoutError) as caught:
        await CustomSchemeSigning(Hanging())(
            Context("A", deadline), FinalizeInput(Request()), wire
        )

    assert "the call's total time is over: example.com#apiKey did not answer" == str(
        caught.value
    )
    assert not caught.value.request_sent


async def test_a_time_limit_of_the_schemes_own_passes_through() -> None:
    class Impatient(APIKey):
        async def retrieve_identity(self) -> str:
            message = "its own"
            raise TimeoutError(message)

    wire = Wire[FinalizeInput]()

    with pytest.raises(TimeoutError, match="its own") as caught:
        await CustomSchemeSigning(Impatient())(
            Context("A"), FinalizeInput(Request()), wire
        )

    assert not isinstance(caught.value, RequestTimeoutError)


def test_it_stands_where_signing_would() -> None:
    assert "Signing" == CustomSchemeSigning.id
