from __future__ import annotations

from uuid import RFC_4122, UUID

from hypothesis import given
from hypothesis import strategies as st

from sagemaker_rt.context import Context
from sagemaker_rt.http import Headers, Request
from sagemaker_rt.middleware.client_request_id import ClientRequestID
from sagemaker_rt.stack import BuildInput
from tests.doubles import Wire

CONTEXT = Context("InvokeEndpoint")


async def sent_with(number: int, **headers: str) -> str:
    """Return the id that is sent if the random bits are *number*."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    wire, counts = Wire[BuildInput](), list[int]()

    def random_bits(count: int) -> int:
        counts.append(count)
        return number

    request = Request(headers=Headers(named))
    await ClientRequestID(random_bits)(CONTEXT, BuildInput(request), wire)

    assert counts == ([] if named else [128])
    return wire.inputs[0].request.headers["amz-sdk-invocation-id"]


@given(number=st.integers(0, 2**128 - 1))
async def test_the_id_is_a_random_uuid(number: int) -> None:
    text = await sent_with(number)

    id = UUID(text)
    assert (RFC_4122, 4) == (id.variant, id.version)
    assert str(id) == text


async def test_all_bits_outside_the_format_are_random() -> None:
    sent = {await sent_with(1 << bit) for bit in range(128)}

    assert "00000000-0000-4000-8000-000000000000" == await sent_with(0)
    assert 120 < len(sent)


async def test_an_existing_id_is_kept() -> None:
    assert "mine" == await sent_with(0, amz_sdk_invocation_id="mine")
