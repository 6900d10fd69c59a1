"""The address that the emulator listens on."""

from __future__ import annotations

import pytest

from sagemaker_rt.emulator.loopback import loopback_address
from sagemaker_rt.errors import OptionsError


@pytest.mark.parametrize(
    ("host", "address"),
    [("localhost", "127.0.0.1"), ("127.0.0.2", "127.0.0.2"), ("::1", "::1")],
)
def test_a_loopback_address_is_accepted(host: str, address: str) -> None:
    assert address == loopback_address(host)


@pytest.mark.parametrize("host", ["192.0.2.1", "example.com", ""])
def test_another_address_is_refused(host: str) -> None:
    with pytest.raises(OptionsError):
        loopback_address(host)
