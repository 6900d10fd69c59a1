"""The address that the emulator listens on."""

from __future__ import annotations

from ipaddress import ip_address

from sagemaker_rt.errors import OptionsError

__all__ = ["loopback_address"]


def loopback_address(host: str) -> str:
    """Return *host* as a loopback address.

    Raises:
        OptionsError: It is another address, or a name other than ``localhost``.
    """
    # the name may also resolve to ::1, and the URL needs one address
    if host == "localhost":
        return "127.0.0.1"
    try:
        is_loopback = ip_address(host).is_loopback
    except ValueError:
        is_loopback = False
    if not is_loopback:
        message = (
            f"host {host!r} is not a loopback address, such as 127.0.0.1; "
            "the emulator is not reachable from other machines"
        )
        raise OptionsError(message)
    return host
