"""Signatures of the events of a request stream, ``AWS4-HMAC-SHA256-PAYLOAD``.

Each signature covers the one before it, and the first covers that of the request::

    request ──▶ signature 0
    signature n-1, time, headers, payload ──▶ string to sign ──▶ signature n

The headers are the encoded header ``:date``, and the payload is a whole encoded frame.
Both are sent in an outer frame::

    outer frame   :date, :chunk-signature, payload: the inner frame
    end           the same, with an empty payload
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Final

from sagemaker_rt.errors import CorruptMessageError
from sagemaker_rt.identity import Credentials
from sagemaker_rt.sansio.eventstream import Message, encode_frame
from sagemaker_rt.sansio.sigv4 import amz_date, credential_scope, signing_key

__all__ = [
    "EVENT_PAYLOAD_HASH",
    "EventSigner",
    "EventVerifier",
    "SignatureChain",
]

EVENT_PAYLOAD_HASH: Final = "STREAMING-AWS4-HMAC-SHA256-EVENTS"
"""The payload hash of a request whose body is a stream of signed events."""

_ALGORITHM: Final = "AWS4-HMAC-SHA256-PAYLOAD"
_BLOCK_SIZE: Final = 64
# encoded as in `eventstream_headers`: length of the name, name, type (8: timestamp)
_DATE: Final = b"\x05:date\x08"
# the same (6: bytes), and the length of the value
_SIGNATURE: Final = b"\x10:chunk-signature\x06\x00\x20"
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)


class SignatureChain:
    """The signatures of consecutive events; it is not for several threads.

    The key is derived again when the day changes.

    Args:
        prior: The signature of the request, in lower-case hex.
    """

    def __init__(
        self, credentials: Credentials, *, region: str, service: str, prior: str
    ) -> None:
        self._secret: Final = credentials.secret_access_key
        self._region: Final = region
        self._service: Final = service
        self._prior = prior
        self._day = ""
        self._second: int | None = None
        # the hash states of HMAC: see `sigv4`
        self._keyed = self._outer = self._inner = sha256()

    def next_signature(self, second: int, headers: bytes, payload: bytes) -> bytes:
        """Return the signature of an event, which the next one continues.

        Args:
            second: The signing time, in seconds since the epoch.
            headers: The encoded headers that are signed.
            payload: The encoded inner frame; empty at the end of the stream.
        """
        if second != self._second:
            self._start_second(second)
        inner, outer = self._inner.copy(), self._outer.copy()
        inner.update(
            f"{self._prior}\n{sha256(headers).hexdigest()}\n"
            f"{sha256(payload).hexdigest()}".encode()
        )
        outer.update(inner.digest())
        signature = outer.digest()
        self._prior = signature.hex()
        return signature

    def _start_second(self, second: int) -> None:
        """Hash what all strings to sign of one second start with."""
        date = amz_date(second)
        region, service = self._region, self._service
        if date[:8] != self._day:
            self._day = date[:8]
            key = signing_key(
                self._secret, date=self._day, region=region, service=service
            ).ljust(_BLOCK_SIZE, b"\0")
            # RFC 2104, section 2: ipad and opad
            self._keyed = sha256(bytes(byte ^ 0x36 for byte in key))
            self._outer = sha256(bytes(byte ^ 0x5C for byte in key))
        scope = credential_scope(date=self._day, region=region, service=service)
        self._inner = self._keyed.copy()
        self._inner.update(f"{_ALGORITHM}\n{date}\n{scope}\n".encode())
        self._second = second

    def __repr__(self) -> str:
        return f"<SignatureChain for {self._service} in {self._region}>"


class EventSigner:
    """Signs the events of one request stream, with the credentials of the request."""

    def __init__(self, chain: SignatureChain) -> None:
        self._chain: Final = chain

    def sign(self, frame: bytes, *, at: int) -> bytes:
        """Return the outer frame of an event.

        Args:
            frame: The encoded event; empty for the end of the stream.
            at: The signing time, in milliseconds since the epoch.

        Raises:
            SerializationError: *frame* is too large.
        """
        date = _DATE + at.to_bytes(8, signed=True)
        signature = self._chain.next_signature(at // 1000, date, frame)
        return encode_frame(date + _SIGNATURE + signature, frame)


class EventVerifier:
    """Verifies the signatures of a request stream, as a server does."""

    def __init__(self, chain: SignatureChain) -> None:
        self._chain: Final = chain

    def verify(self, message: Message) -> bytes:
        """Return the inner frame of an event; empty at the end of the stream.

        Raises:
            CorruptMessageError: The event is not signed, or its signature is wrong.
        """
        date = message.headers.get(":date")
        signature = message.headers.get(":chunk-signature")
        if not isinstance(date, datetime) or not isinstance(signature, bytes):
            text = "the event has no :date and :chunk-signature"
            raise CorruptMessageError(text)
        at = (date - _EPOCH) // _MILLISECOND
        encoded = _DATE + at.to_bytes(8, signed=True)
        if signature != self._chain.next_signature(
            at // 1000, encoded, message.payload
        ):
            text = "the signature of the event does not match"
            raise CorruptMessageError(text)
        return message.payload
