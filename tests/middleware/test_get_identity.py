from __future__ import annotations

import asyncio

import pytest

from sagemaker_rt.context import CREDENTIALS, AttemptResult, Context
from sagemaker_rt.errors import (
    REJECTED_CREDENTIALS_CODES,
    ConnectError,
    CredentialsError,
    InternalFailure,
    RequestTimeoutError,
    SageMakerRuntimeError,
    UnknownServiceError,
)
from sagemaker_rt.http import Request
from sagemaker_rt.identity import Credentials
from sagemaker_rt.interfaces import CredentialsStore
from sagemaker_rt.middleware.get_identity import GetIdentity
from sagemaker_rt.stack import FinalizeInput
from tests.doubles import Scripted, Wire

CONTEXT = Context("InvokeEndpoint")


class Store:
    """A `CredentialsStore` that answers in order; `peek` returns *cached*."""

    def __init__(
        self,
        *answers: Credentials | CredentialsError,
        cached: Credentials | None = None,
        renewed: Credentials | Exception | None = None,
    ) -> None:
        self.answers = list(answers)
        self.cached = cached
        self.rejected: list[Credentials] = []
        self.can_renew = renewed is not None
        self._renewed = renewed

    async def renew(self, rejected: Credentials) -> Credentials | None:
        self.rejected.append(rejected)
        if isinstance(self._renewed, Exception):
            raise self._renewed
        is_same = self._renewed == rejected
        return None if is_same else self._renewed

    def peek(self) -> Credentials | None:
        return self.cached

    async def retrieve(self) -> Credentials:
        answer = self.answers.pop(0)
        if isinstance(answer, CredentialsError):
            raise answer
        return answer


async def test_the_credentials_are_retrieved_in_each_attempt() -> None:
    first, second = Credentials("AKID1", "shh"), Credentials("AKID2", "hush")
    wire, middleware = (
        Wire[FinalizeInput](),
        GetIdentity(Store(first, second), CREDENTIALS),
    )
    input = FinalizeInput(Request())

    await middleware(CONTEXT, input, wire)
    output = await middleware(CONTEXT, input, wire)

    assert [first, second] == [ctx[CREDENTIALS] for ctx in wire.contexts]
    assert [input, input] == wire.inputs
    assert output is wire.output
    assert CREDENTIALS not in CONTEXT


async def test_cached_credentials_need_no_coroutine() -> None:
    credentials = Credentials("AKID", "shh")
    wire, input = Wire[FinalizeInput](), FinalizeInput(Request())

    output = await GetIdentity(Store(cached=credentials), CREDENTIALS)(
        CONTEXT, input, wire
    )

    assert credentials is wire.contexts[0][CREDENTIALS]
    assert [input] == wire.inputs
    assert output is wire.output


async def test_without_credentials_nothing_is_sent() -> None:
    wire, error = Wire[FinalizeInput](), CredentialsError("none found")

    with pytest.raises(CredentialsError) as caught:
        await GetIdentity(Store(error), CREDENTIALS)(
            CONTEXT, FinalizeInput(Request()), wire
        )

    assert error is caught.value
    assert [] == wire.inputs


OLD, NEW = Credentials("AKID1", "shh"), Credentials("AKID2", "hush")


def expired(code: str = "ExpiredTokenException") -> UnknownServiceError:
    return UnknownServiceError(code=code, http_status=403)


async def refused(
    store: CredentialsStore, error: SageMakerRuntimeError, ctx: Context = CONTEXT
) -> SageMakerRuntimeError:
    """Return *error* after an attempt that failed with it."""
    with pytest.raises(type(error)) as caught:
        await GetIdentity(store, CREDENTIALS)(
            ctx, FinalizeInput(Request()), Scripted[FinalizeInput](error)
        )
    assert error is caught.value
    return error


@pytest.mark.parametrize("code", sorted(REJECTED_CREDENTIALS_CODES))
async def test_rejected_credentials_are_renewed(code: str) -> None:
    store = Store(cached=OLD, renewed=NEW)

    error = await refused(store, expired(code))

    assert error.is_retryable
    assert [OLD] == store.rejected


async def test_the_same_credentials_again_are_not_worth_a_retry() -> None:
    store = Store(cached=OLD, renewed=OLD)

    error = await refused(store, expired())

    assert not error.is_retryable
    assert [OLD] == store.rejected


async def test_a_call_renews_its_credentials_once() -> None:
    store = Store(cached=OLD, renewed=NEW)
    past = (AttemptResult(1, expired(), 0.0), AttemptResult(2, InternalFailure(), 0.0))

    error = await refused(store, expired(), CONTEXT.with_past(past))

    assert not error.is_retryable
    assert [] == store.rejected


@pytest.mark.parametrize(
    "error",
    [UnknownServiceError(code="AccessDeniedException"), ConnectError("refused")],
    ids=str,
)
async def test_other_errors_do_not_renew_the_credentials(
    error: SageMakerRuntimeError,
) -> None:
    store = Store(cached=OLD, renewed=NEW)

    await refused(store, error)

    assert [] == store.rejected


async def test_a_failed_renewal_is_noted_on_the_error() -> None:
    store = Store(cached=OLD, renewed=CredentialsError("no answer"))

    error = await refused(store, expired())

    assert not error.is_retryable
    assert "no answer" in error.__notes__[0]


class Hanging:
    """A `CredentialsStore` that never answers."""

    can_renew = True

    def __init__(self, cached: Credentials | None = None) -> None:
        self._cached = cached

    def peek(self) -> Credentials | None:
        return self._cached

    async def retrieve(self) -> Credentials:
        await asyncio.Event().wait()
        return OLD

    async def renew(self, rejected: Credentials) -> Credentials | None:
        await asyncio.Event().wait()
        return None


async def test_retrieval_ends_at_the_deadline() -> None:
    deadline = asyncio.get_running_loop().time() + 0.02
    wire = Wire[FinalizeInput]()

    with pytest.raises(RequestTimeoutError, match="total_timeout") as caught:
        await GetIdentity(Hanging(), CREDENTIALS)(
            Context("InvokeEndpoint", deadline), FinalizeInput(Request()), wire
        )

    assert not caught.value.request_sent
    assert not caught.value.is_retryable
    assert [] == wire.inputs


async def test_renewal_ends_at_the_deadline() -> None:
    deadline = asyncio.get_running_loop().time() + 0.02

    error = await refused(Hanging(OLD), expired(), Context("InvokeEndpoint", deadline))

    assert "TimeoutError" in error.__notes__[0]


async def test_a_timeout_of_the_provider_itself_propagates() -> None:
    class Impatient(Hanging):
        async def retrieve(self) -> Credentials:
            message = "the source of mine"
            raise TimeoutError(message)

    with pytest.raises(TimeoutError, match="the source of mine"):
        await GetIdentity(Impatient(), CREDENTIALS)(
            CONTEXT, FinalizeInput(Request()), Wire[FinalizeInput]()
        )
