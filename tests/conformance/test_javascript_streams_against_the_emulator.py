"""Streams in both directions of the emulator, called by the AWS SDK for JavaScript.

Its packages do not have this operation, so the program gives the operation's schema to
the package of another service that has such streams. The test exists only if node and
this package are installed::

    npm install --prefix FOLDER @aws-sdk/client-bedrock-runtime
    SAGEMAKER_RT_NODE_FOLDER=FOLDER python -m pytest tests/conformance
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final

from sagemaker_rt.cli.emulator_command import environment
from sagemaker_rt.emulator import CloseWebSocket, Emulator, Incoming
from tests.transport.certificates import self_signed

FOLDER: Final = os.environ.get("SAGEMAKER_RT_NODE_FOLDER")
NODE: Final = shutil.which("node")
PACKAGE: Final = Path(FOLDER or "", "node_modules", "@aws-sdk/client-bedrock-runtime")


async def breaks(incoming: Incoming) -> AsyncIterator[str]:
    async for message in incoming:
        yield str(message)
        raise CloseWebSocket(1011, "out of memory")


async def results_of_node(node: str, folder: str, certificates: Path) -> Any:
    """Return what the program printed."""
    context, _ = self_signed(certificates, address="127.0.0.1")
    context.set_alpn_protocols(["h2"])
    async with Emulator(
        ssl_context=context, websocket_models={"breaks": breaks}
    ) as emulator:
        environ = {
            "PATH": os.environ["PATH"],
            "NODE_MODULES_FOLDER": folder,
            "NODE_EXTRA_CA_CERTS": str(certificates / "127.0.0.1.pem"),
            **{name: value for name, value in environment(emulator) if value},
        }
        process = await asyncio.create_subprocess_exec(
            node,
            str(Path(__file__).with_name("bidirectional.mjs")),
            stdout=asyncio.subprocess.PIPE,
            env=environ,
        )
        out, _ = await asyncio.wait_for(process.communicate(), 60)
    return json.loads(out)


if NODE is not None and FOLDER is not None and PACKAGE.is_dir():

    async def test_signatures_events_and_errors_agree(tmp_path: Path) -> None:
        assert NODE is not None
        assert FOLDER is not None
        found = await results_of_node(NODE, FOLDER, tmp_path)

        echoed = [[word, "UTF8"] for word in ("one", "two", "three")]
        assert {"heard": echoed, "variant": "Blue"} == found["echoed"]
        refused = found["refused"]
        assert ("InputValidationError", 400) == (refused["error"], refused["status"])
        assert [["one", "UTF8"]] == found["breaks"]["heard"]
        assert "out of memory" in found["breaks"]["message"]
