from __future__ import annotations

import pytest

from sagemaker_rt.context import CREDENTIALS, Context
from sagemaker_rt.errors import CredentialsError
from sagemaker_rt.http import Request
from sagemaker_rt.identity import Credentials
from sagemaker_rt.middleware.get_identity import GetIdentity
from sagemaker_rt.stack import FinalizeInput
from tests.doubles import Wire

CONTEXT = Context("InvokeEndpoint")


class Store:
    """A `CredentialsStore` that answers in order, and has *at_hand* without waiting."""

    def __init__(
        self,
        *answers: Credentials | CredentialsError,
        at_hand: Credentials | None = None,
    ) -> None:
        self.answers = list(answers)
        self.at_hand = at_hand

    def peek(self) -> Credentials | None:
        return self.at_hand

    async def retrieve(self) -> Credentials:
        answer = self.answers.pop(0)
        if isinstance(answer, CredentialsError):
            raise answer
        return answer


async def test_every_attempt_has_the_credentials_of_its_time() -> None:
    first, second = Credentials("AKID1", "shh"), Credentials("AKID2", "hush")
    wire, middleware = Wire[FinalizeInput](), GetIdentity(Store(first, second))
    input = FinalizeInput(Request())

    await middleware(CONTEXT, input, wire)
    output = await middleware(CONTEXT, input, wire)

    assert [first, second] == [ctx[CREDENTIALS] for ctx in wire.contexts]
    assert [input, input] == wire.inputs
    assert output is wire.output
    assert CREDENTIALS not in CONTEXT


async def test_credentials_at_hand_are_not_waited_for() -> None:
    credentials = Credentials("AKID", "shh")
    wire, input = Wire[FinalizeInput](), FinalizeInput(Request())

    output = await GetIdentity(Store(at_hand=credentials))(CONTEXT, input, wire)

    assert credentials is wire.contexts[0][CREDENTIALS]
    assert [input] == wire.inputs
    assert output is wire.output


async def test_without_credentials_nothing_goes_on() -> None:
    wire, error = Wire[FinalizeInput](), CredentialsError("none found")

    with pytest.raises(CredentialsError) as caught:
        await GetIdentity(Store(error))(CONTEXT, FinalizeInput(Request()), wire)

    assert error is caught.value
    assert [] == wire.inputs
