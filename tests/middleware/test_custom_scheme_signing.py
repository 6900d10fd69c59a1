from __future__ import annotations

import asyncio
from collections.abc import Awaitable

import pytest

from sagemaker_rt.context import Context
from sagemaker_rt.errors import (
    ComponentError,
    CredentialsError,
    RequestTimeoutError,
    SerializationError,
)
from sagemaker_rt.http import Request
from sagemaker_rt.middleware.custom_scheme_signing import CustomSchemeSigning
from sagemaker_rt.stack import FinalizeInput
from tests.doubles import Wire


class APIKey:
    """A scheme whose identity is a key that changes with each question."""

    id = "example.com#apiKey"

    def __init__(self) -> None:
        self.count = 0

    async def retrieve_identity(self) -> str:
        self.count += 1
        return f"key-{self.count}"

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
async def test_the_identity_is_retrieved_in_each_attempt(
    kind: type[APIKey],
) -> None:
    wire, middleware = Wire[FinalizeInput](), CustomSchemeSigning(kind())

    for _ in range(2):
        await middleware(Context("A"), FinalizeInput(Request()), wire)

    sent = [input.request.headers["x-api-key"] for input in wire.inputs]
    assert ["key-1", "key-2"] == sent


async def test_without_an_identity_nothing_is_sent() -> None:
    class Empty(APIKey):
        async def retrieve_identity(self) -> str:
            message = "log in first"
            raise CredentialsError(message)

    wire = Wire[FinalizeInput]()

    with pytest.raises(CredentialsError, match="log in first"):
        await CustomSchemeSigning(Empty())(Context("A"), FinalizeInput(Request()), wire)

    assert [] == wire.inputs


async def test_a_scheme_that_hangs_fails_at_the_deadline() -> None:
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

    assert "example.com#apiKey" in str(caught.value)
    assert not caught.value.request_sent


async def test_a_timeout_of_the_scheme_itself_is_wrapped() -> None:
    class Impatient(APIKey):
        async def retrieve_identity(self) -> str:
            message = "its own"
            raise TimeoutError(message)

    wire = Wire[FinalizeInput]()

    with pytest.raises(CredentialsError) as caught:
        await CustomSchemeSigning(Impatient())(
            Context("A"), FinalizeInput(Request()), wire
        )

    assert isinstance(caught.value.__cause__, TimeoutError)
    assert "auth_schemes" == caught.value.component
    assert [] == wire.inputs


class Broken(APIKey):
    def sign(self, request: Request, identity: str) -> None:
        raise KeyError(identity)


class SlowBroken(SlowAPIKey):
    async def _sign(self, request: Request, identity: str) -> None:
        raise KeyError(identity)


@pytest.mark.parametrize("kind", [Broken, SlowBroken])
async def test_an_exception_while_signing_is_wrapped(kind: type[APIKey]) -> None:
    wire = Wire[FinalizeInput]()

    with pytest.raises(ComponentError) as caught:
        await CustomSchemeSigning(kind())(Context("A"), FinalizeInput(Request()), wire)

    assert isinstance(caught.value.__cause__, KeyError)
    assert "auth_schemes" == caught.value.component
    assert [] == wire.inputs


async def test_an_error_of_this_library_while_signing_propagates() -> None:
    class Refusing(APIKey):
        def sign(self, request: Request, identity: str) -> None:
            raise SerializationError

    with pytest.raises(SerializationError):
        await CustomSchemeSigning(Refusing())(
            Context("A"), FinalizeInput(Request()), Wire[FinalizeInput]()
        )


def test_its_id_is_that_of_signing() -> None:
    assert "Signing" == CustomSchemeSigning.id
