"""Event-stream messages, as the service frames them, for whoever is to decode them."""

from __future__ import annotations

import struct
from zlib import crc32

__all__ = ["message", "payload_part"]


def message(headers: dict[str, str], payload: bytes) -> bytes:
    """Return one message: prelude, headers that are all text, payload, checksums."""
    block = b"".join(
        struct.pack(f"!B{len(name)}sBH", len(name), name.encode(), 7, len(value))
        + value.encode()
        for name, value in headers.items()
    )
    # 16 bytes: two lengths, the prelude's checksum and the message's
    prelude = struct.pack("!II", len(block) + len(payload) + 16, len(block))
    framed = prelude + struct.pack("!I", crc32(prelude)) + block + payload
    return framed + struct.pack("!I", crc32(framed))


def payload_part(payload: bytes) -> bytes:
    """Return the event that carries *payload* of a streamed answer."""
    headers = {
        ":event-type": "PayloadPart",
        ":content-type": "application/octet-stream",
        ":message-type": "event",
    }
    return message(headers, payload)
