from __future__ import annotations

import asyncio
import socket
from concurrent.futures import ThreadPoolExecutor

import pytest

from sagemaker_rt.transport.name_resolution import new_resolver


async def test_a_name_is_looked_up_without_the_default_executor() -> None:
    executor = ThreadPoolExecutor(1)
    executor.shutdown()  # it refuses work
    asyncio.get_running_loop().set_default_executor(executor)

    found = await new_resolver().resolve("localhost", 80)

    assert "127.0.0.1" in {each["host"] for each in found}


async def test_an_unknown_name_is_the_error_of_the_operating_system() -> None:
    with pytest.raises(socket.gaierror):
        await new_resolver().resolve("no-such-host.invalid", 80)


async def test_a_scoped_address_keeps_its_scope() -> None:
    found = await new_resolver().resolve("fe80::1%lo", 80, socket.AF_INET6)

    assert "fe80::1%lo" == found[0]["host"]
