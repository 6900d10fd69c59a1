"""Which requests for streams are accepted."""

from __future__ import annotations

import pytest

from sagemaker_rt.emulator import Emulator
from tests.emulator.stream_clients import signed, talk


async def test_a_signed_request_is_accepted_and_recorded() -> None:
    seen: list[tuple[str | None, int | None]] = []

    async with (
        Emulator(on_response=lambda r, s, _: seen.append((r.endpoint_name, s))) as e,
        talk(e) as stream,
    ):
        response = await stream.response()

    assert 200 == response.status
    assert "AllTraffic" == response.headers["x-amzn-invoked-production-variant"]
    assert [("echo", 200)] == seen
    assert "InvokeEndpointWithBidirectionalStream" == e.requests[0].operation


async def test_an_unknown_endpoint_is_rejected() -> None:
    async with Emulator() as e, talk(e, signed(e, "missing")) as stream:
        response = await stream.response()

    assert 400 == response.status
    assert "InputValidationError" == response.headers["x-amzn-errortype"]


@pytest.mark.parametrize("header", ["x-amz-date", "x-amz-content-sha256"])
async def test_a_changed_request_is_rejected(header: str) -> None:
    async with Emulator() as e:
        request = signed(e)
        request.headers[header] = "20000101T000000Z"
        async with talk(e, request) as stream:
            assert 403 == (await stream.response()).status
