from __future__ import annotations

import io
from collections.abc import Awaitable

import pytest

from sagemaker_rt import Client, Credentials, OptionsError, with_options
from sagemaker_rt.context import Context
from sagemaker_rt.emulator import Emulator
from sagemaker_rt.http import Endpoint, Request
from sagemaker_rt.middleware.unsigned_payload import UnsignedPayload
from sagemaker_rt.stack import FinalizeInput, Output
from tests.doubles import Wire

CONTEXT = Context("InvokeEndpoint")
KEYS = Credentials("AKIDEXAMPLE", "a-secret", "a-token")


class Unread(io.BytesIO):
    """A file that counts how often it is read from its start."""

    count = 0

    def read(self, size: int | None = -1, /) -> bytes:
        self.count += bool(size) and self.tell() == 0
        return super().read(size)


def run(url: str, wire: Wire[FinalizeInput]) -> Awaitable[Output]:
    request = Request(endpoint=Endpoint(url), body=b"{}")
    return UnsignedPayload()(CONTEXT, FinalizeInput(request), wire)


@pytest.mark.parametrize(
    "url",
    ["https://a.example", "http://127.0.0.1:1", "http://[::1]", "http://localhost"],
)
async def test_the_body_is_left_out_of_the_signature(url: str) -> None:
    wire = Wire[FinalizeInput]()

    output = await run(url, wire)

    (input,) = wire.inputs
    assert "UNSIGNED-PAYLOAD" == input.request.payload_hash
    assert "UNSIGNED-PAYLOAD" == input.request.headers["x-amz-content-sha256"]
    assert output is wire.output


async def test_an_unsigned_body_needs_https() -> None:
    wire = Wire[FinalizeInput]()

    with pytest.raises(OptionsError, match=r"payload_signing.*'http://a\.example'"):
        await run("http://a.example", wire)

    assert [] == wire.inputs


@pytest.mark.parametrize("kind", ["bytes", "file"])
async def test_the_emulator_accepts_it_and_a_file_is_read_once(kind: str) -> None:
    file = Unread(bytes(range(256)) * 4096)
    async with (
        Emulator(credentials=KEYS) as emulator,
        Client(
            region=emulator.region,
            endpoint_url=emulator.url,
            credentials=KEYS,
            environ={},
            payload_signing="unsigned",
        ) as client,
    ):
        body = file if kind == "file" else file.getvalue()

        answer = await client.invoke_endpoint(endpoint_name="echo", body=body)
        if kind == "file":
            assert 1 == file.count
        again = await client.invoke_endpoint(
            with_options(payload_signing="signed"), endpoint_name="echo", body=b"signed"
        )

    assert file.getvalue() == answer.body
    assert b"signed" == again.body
