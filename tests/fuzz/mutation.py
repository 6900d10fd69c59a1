"""Random generation and mutation of data."""

from __future__ import annotations

import random
import struct
from typing import Final
from zlib import crc32

__all__ = [
    "BrokenRuleError",
    "Chance",
    "corrupted",
    "mutated",
    "pieces",
    "reframed",
    "text",
]

INTERESTING: Final = (0, 1, 15, 16, 17, 127, 128, 255, 32767, 65535, 1 << 24, 1 << 31)
UNUSUAL: Final = (
    "\r\n",
    "\n",
    "\r",
    "\0",
    "\x7f",
    "\x85",
    "\u2028",
    "\ud800",
    "é",
    "\U0001f600",
    ":",
    "/",
    "..",
    "%",
    "%2e",
    "@",
    "#",
    "?",
    " ",
    "\t",
    '"',
    "\\",
    "Host: x",
    "HTTP/1.1",
    "a" * 1100,
)


class BrokenRuleError(AssertionError):
    """A violated rule."""


class Chance(random.Random):
    """A random generator; the same seed gives the same sequence."""

    def is_rare(self, one_in: int) -> bool:
        """Return True once in *one_in* times."""
        return self.randrange(one_in) == 0

    def some(self, maximum: int) -> int:
        """Return a number below *maximum*, small numbers more often."""
        return int(maximum * self.random() ** 3)


def text(chance: Chance, *usual: str) -> str:
    """Return one of the *usual* texts, or a random unusual one."""
    if usual and not chance.is_rare(3):
        return chance.choice(usual)
    parts = [
        chance.choice((*UNUSUAL, *usual, "x", "AB", "0-9"))
        for _ in range(1 + chance.some(5))
    ]
    return "".join(parts)


def mutated(chance: Chance, data: bytes) -> bytes:
    """Return *data* with some bytes changed, removed, repeated or inserted."""
    changed = bytearray(data)
    for _ in range(1 + chance.some(4)):
        index = chance.randrange(len(changed) + 1)
        kind = chance.randrange(6)
        if kind == 0 and index < len(changed):
            changed[index] ^= 1 << chance.randrange(8)
        elif kind == 1:
            del changed[index : index + 1 + chance.some(40)]
        elif kind == 2:
            changed[index:index] = changed[index : index + 1 + chance.some(60)]
        elif kind == 3:
            changed[index:index] = chance.randbytes(1 + chance.some(12))
        elif kind == 4:
            number = chance.choice(INTERESTING)
            size = chance.choice((1, 2, 4))
            changed[index : index + size] = (number % 256**size).to_bytes(size, "big")
        else:
            changed[index:index] = chance.choice(UNUSUAL).encode(
                "utf-8", "surrogatepass"
            )
    return bytes(changed)


def corrupted(chance: Chance, data: bytes) -> bytes:
    """Return *data* unchanged, mutated or truncated."""
    kind = chance.randrange(8)
    if kind == 0:
        return data
    if kind == 1:
        return data[: chance.randrange(len(data) + 1)]
    return mutated(chance, data)


def reframed(chance: Chance, frame: bytes) -> bytes:
    """Return a mutated event-stream *frame* with correct checksums.

    So the code after the verification of checksums is reached. The length is usually
    correct too.
    """
    inside = mutated(chance, frame[12:-4])
    headers = struct.unpack("!I", frame[4:8])[0]
    if chance.is_rare(3):
        headers = chance.choice((*INTERESTING, len(inside), max(0, headers - 1)))
    length = len(inside) + 16
    if chance.is_rare(8):
        length = chance.choice((*INTERESTING, length + 1, length - 1))
    prelude = struct.pack("!II", length % (1 << 32), headers % (1 << 32))
    head = prelude + struct.pack("!I", crc32(prelude)) + inside
    return head + struct.pack("!I", crc32(head))


def pieces(chance: Chance, data: bytes) -> list[bytes]:
    """Return *data* in pieces of any size."""
    found: list[bytes] = []
    while data:
        size = 1 + chance.some(max(1, len(data)))
        found.append(data[:size])
        data = data[size:]
    return found
