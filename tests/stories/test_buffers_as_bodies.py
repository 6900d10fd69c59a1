"""Bodies that are buffers, signed and sent to the emulator, which verifies SigV4."""

from __future__ import annotations

import ctypes
from array import array
from typing import Final

import numpy as np
import pytest

from sagemaker_rt import Client, Credentials, ParamValidationError
from sagemaker_rt.emulator import Emulator
from sagemaker_rt.shapes import BodyLike

KEYS: Final = Credentials("AKIDEXAMPLE", "a-secret")
BODIES: Final[dict[str, BodyLike]] = {
    "array.array": array("d", range(1000)),
    "ctypes array": (ctypes.c_int32 * 3)(1, 2, 3),
    "NumPy array": np.arange(12, dtype=np.float32).reshape(3, 4),
    "NumPy array of 2 MB": np.arange(262_144, dtype=np.int64),  # hashed in a thread
    "memoryview": memoryview(array("H", [1, 2, 3])),
}


def client_of(emulator: Emulator) -> Client:
    return Client(
        region=emulator.region,
        endpoint_url=emulator.url,
        credentials=KEYS,
        environ={},
    )


async def test_the_bytes_of_a_buffer_are_signed_and_sent() -> None:
    async with (
        Emulator(credentials=KEYS) as emulator,
        client_of(emulator) as client,
    ):
        for name, body in BODIES.items():
            output = await client.invoke_endpoint(endpoint_name="echo", body=body)

            assert bytes(body) == output.body, name  # type: ignore[arg-type] # buffers


async def test_an_array_that_is_not_contiguous_is_not_sent() -> None:
    async with (
        Emulator(credentials=KEYS) as emulator,
        client_of(emulator) as client,
    ):
        with pytest.raises(ParamValidationError, match="ndarray"):
            await client.invoke_endpoint(endpoint_name="echo", body=np.zeros((2, 3)).T)

        assert not emulator.requests
