"""Streams in both directions, against the HTTP/2 server of Node.js."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
from pathlib import Path
from typing import Final

import pytest

from sagemaker_rt import Client, Credentials

NODE: Final = shutil.which("node")
SERVER: Final = """
import http2 from 'node:http2';
const server = http2.createServer();
server.on('stream', (stream) => {
  stream.respond({':status': 200, 'x-amzn-invoked-production-variant': 'node'});
  let received = Buffer.alloc(0);
  stream.on('data', (data) => {
    received = Buffer.concat([received, data]);
    while (received.length >= 12) {
      const length = received.readUInt32BE(0), headers = received.readUInt32BE(4);
      if (received.length < length) break;
      const event = received.subarray(12 + headers, length - 4);
      received = received.subarray(length);
      if (event.length) stream.write(event); else stream.end();
    }
  });
  stream.on('error', () => {});
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
"""


@pytest.mark.skipif(NODE is None, reason="node is not installed")
async def test_events_of_all_sizes_are_echoed(tmp_path: Path) -> None:
    program = tmp_path / "server.mjs"
    program.write_text(SERVER)
    process = await asyncio.create_subprocess_exec(
        str(NODE), str(program), stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    port = int(await process.stdout.readline())
    try:
        async with (
            Client(
                endpoint_url=f"http://127.0.0.1:{port}",
                region="us-east-1",
                credentials=Credentials("AKIDEXAMPLE", "a-secret"),
                environ={},
            ) as client,
            client.invoke_endpoint_with_bidirectional_stream(
                endpoint_name="echo"
            ) as stream,
        ):
            messages = stream.messages()
            for size in (0, 1, 16_384, 70_000, 1 << 20):
                await stream.send_bytes(bytes(size))

                assert bytes(size) == await anext(messages)
            response = await stream.initial_response()
            await stream.close_input()
            rest = [message async for message in messages]
    finally:
        process.kill()
        await process.communicate()

    assert "node" == response.invoked_production_variant
    assert [] == rest
