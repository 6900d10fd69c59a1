"""The HTTP/2 connections of the emulator."""

from __future__ import annotations

from sagemaker_rt.emulator import Emulator
from sagemaker_rt.errors import SageMakerRuntimeError
from tests.emulator.stream_clients import talk


async def test_closing_the_emulator_ends_its_streams() -> None:
    emulator = Emulator()
    async with emulator, talk(emulator) as stream:
        await stream.response()
        await emulator.aclose()
        try:
            await stream.rest()
        except SageMakerRuntimeError as error:
            failure = error

    assert failure.may_have_executed
