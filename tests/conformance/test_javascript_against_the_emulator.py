"""The emulator, called by the AWS SDK for JavaScript.

The test exists only if node and the package are installed::

    npm install --prefix FOLDER @aws-sdk/client-sagemaker-runtime
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
from sagemaker_rt.emulator import (
    Emulator,
    InvocationRequest,
    ModelFailure,
    echo,
    internal_dependency,
    internal_failure,
    service_unavailable,
    throttle,
)

FOLDER: Final = os.environ.get("SAGEMAKER_RT_NODE_FOLDER")
NODE: Final = shutil.which("node")
FAULTS: Final = {
    "InternalDependencyException": (530, internal_dependency()),
    "InternalFailure": (500, internal_failure()),
    "ServiceUnavailable": (503, service_unavailable()),
    "ThrottlingException": (429, throttle()),
    "ModelNotReadyException": (429, throttle(code="ModelNotReadyException")),
}


async def breaks(_: InvocationRequest) -> AsyncIterator[bytes]:
    yield b"one"
    raise ModelFailure(500, "why")


async def results_of_node(node: str, folder: str) -> dict[str, Any]:
    """Return what the program printed."""
    async with Emulator(models={"breaks": breaks, "fault": echo}) as emulator:
        for _, fault in FAULTS.values():
            emulator.faults.add(fault, endpoint_name="fault")
        environ = {
            "PATH": os.environ["PATH"],
            "NODE_MODULES_FOLDER": folder,
            "FAULTS": str(len(FAULTS)),
            **{name: value for name, value in environment(emulator) if value},
        }
        process = await asyncio.create_subprocess_exec(
            node,
            str(Path(__file__).with_name("client.mjs")),
            stdout=asyncio.subprocess.PIPE,
            env=environ,
        )
        out, _ = await asyncio.wait_for(process.communicate(), 60)
        await emulator.finish_jobs()
    found: dict[str, Any] = json.loads(out)
    return found


if NODE is not None and FOLDER is not None:

    async def test_all_operations_and_errors_work() -> None:
        assert NODE is not None
        assert FOLDER is not None
        found = await results_of_node(NODE, FOLDER)

        assert (found["whole"], found["attributes"]) == ("hello", "c=1")
        assert found["output"].startswith("s3://emulator/output/")
        assert found["streamed"] == {"parts": ["a ", "b"]}
        assert found["failed"]["parts"] == ["one"]
        assert found["failed"]["name"] == "ModelStreamError"
        assert "why" in found["failed"]["message"]
        assert found["model"] == {
            "name": "ModelError",
            "message": (
                'Received server error (500) from primary with message "the model '
                'failed".'
            ),
            "status": 424,
            "OriginalStatusCode": 500,
            "OriginalMessage": "the model failed",
            "ErrorCode": "INTERNAL_FAILURE_FROM_MODEL",
        }
        assert found["unknown"]["name"] == "ValidationError"
        assert found["unknown"]["message"].startswith("Endpoint none of account")
        names = [(error["name"], error["status"]) for error in found["errors"]]
        assert names == [(name, status) for name, (status, _) in FAULTS.items()]
        assert all(len(error["message"]) > 5 for error in found["errors"])
