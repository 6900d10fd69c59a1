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


class Provider:
    """A `CredentialsProvider` that answers in order."""

    def __init__(self, *answers: Credentials | CredentialsError) -> None:
        self.answers = list(answers)

    async def retrieve(self) -> Credentials:
        answer = self.answers.pop(0)
        if isinstance(answer, CredentialsError):
            raise answer
        return answer


async def test_every_attempt_has_the_credentials_of_its_time() -> None:
    first, second = Credentials("AKID1", "shh"), Credentials("AKID2", "hush")
    wire, middleware = Wire[FinalizeInput](), GetIdentity(Provider(first, second))
    input = FinalizeInput(Request())

    await middleware(CONTEXT, input, wire)
    output = await middleware(CONTEXT, input, wire)

    assert [first, second] == [ctx[CREDENTIALS] for ctx in wire.contexts]
    assert [input, input] == wire.inputs
    assert output is wire.output
    assert CREDENTIALS not in CONTEXT


async def test_without_credentials_nothing_goes_on() -> None:
    wire, error = Wire[FinalizeInput](), CredentialsError("none found")

    with pytest.raises(CredentialsError) as caught:
        await GetIdentity(Provider(error))(CONTEXT, FinalizeInput(Request()), wire)

    assert error is caught.value
    assert [] == wire.inputs
