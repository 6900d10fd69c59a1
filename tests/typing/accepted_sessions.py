"""Stateful sessions."""

from __future__ import annotations

from datetime import datetime
from typing import assert_type

from sagemaker_rt import (
    Client,
    InvokeEndpointOutput,
    Opening,
    ResponseStream,
    Session,
    StreamCall,
    with_options,
)


async def main(client: Client) -> None:
    """Open a session in both ways, and use it."""
    call = client.session(
        "m",
        with_options(read_timeout=5),
        opening_body="<open/>",
        closing_body=None,
        content_type="text/xml",
        close_timeout=2,
        inference_component_name="c",
    )
    assert_type(call, Opening[Session])
    async with call as session:
        assert_type(session, Session)
        assert_type(session.id, str)
        assert_type(session.expires_at, datetime | None)
        assert_type(session.is_open, bool)
        assert_type(session.opening, InvokeEndpointOutput)
        output = await session.invoke(with_options(read_timeout=5), body=b"", accept="")
        assert_type(output, InvokeEndpointOutput)
        await session.invoke(json={"text": "Hello"}, target_model="x")
        assert_type(session.stream(json=[1]), StreamCall)
        async with session.stream(body="") as stream:
            assert_type(stream, ResponseStream)
    session = await client.session("m")
    await session.aclose()
