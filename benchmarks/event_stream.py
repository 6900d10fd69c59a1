"""Encodes event stream messages, independently of the libraries that decode them."""

from __future__ import annotations

import struct
from zlib import crc32

__all__ = ["message", "payload_part"]


def message(headers: dict[str, str], payload: bytes) -> bytes:
    """Return a message with string headers."""
    block = b"".join(
        struct.pack(f"!B{len(name)}sBH", len(name), name.encode(), 7, len(value))
        + value.encode()
        for name, value in headers.items()
    )
    # 16 bytes: two lengths and two checksums, of prelude and message
    prelude = struct.pack("!II", len(block) + len(payload) + 16, len(block))
    framed = prelude + struct.pack("!I", crc32(prelude)) + block + payload
    return framed + struct.pack("!I", crc32(framed))


def payload_part(payload: bytes) -> bytes:
    """Return the message of a PayloadPart event."""
    headers = {
        ":event-type": "PayloadPart",
        ":content-type": "application/octet-stream",
        ":message-type": "event",
    }
    return message(headers, payload)
