"""The signatures of events, and their verification."""

from __future__ import annotations

from datetime import UTC, datetime
from hashlib import sha256
from hmac import digest

import pytest

from sagemaker_rt.errors import CorruptMessageError, SerializationError
from sagemaker_rt.identity import Credentials
from sagemaker_rt.sansio.event_signing import (
    EventSigner,
    EventVerifier,
    SignatureChain,
)
from sagemaker_rt.sansio.eventstream import (
    EventStreamDecoder,
    Message,
    encode_message,
)
from sagemaker_rt.sansio.sigv4 import signing_key

KEYS = Credentials("AKIDEXAMPLE", "a-secret")
SEED = "ab" * 32
BEFORE_MIDNIGHT = datetime(2026, 11, 27, 23, 59, 59, tzinfo=UTC)


def chain() -> SignatureChain:
    return SignatureChain(KEYS, region="eu-west-1", service="sagemaker", prior=SEED)


def milliseconds(time: datetime) -> int:
    return round(time.timestamp() * 1000)


def decoded(frame: bytes) -> Message:
    (message,) = EventStreamDecoder().feed(frame)
    return message


def test_a_signature_is_that_of_the_specification() -> None:
    key = signing_key(
        KEYS.secret_access_key, date="20261127", region="eu-west-1", service="sagemaker"
    )
    text = "\n".join(
        [
            "AWS4-HMAC-SHA256-PAYLOAD",
            "20261127T235959Z",
            "20261127/eu-west-1/sagemaker/aws4_request",
            SEED,
            sha256(b"headers").hexdigest(),
            sha256(b"payload").hexdigest(),
        ]
    )
    second = int(BEFORE_MIDNIGHT.timestamp())

    signature = chain().next_signature(second, b"headers", b"payload")

    assert digest(key, text.encode(), "sha256") == signature


def test_an_event_is_a_frame_in_a_frame() -> None:
    at = milliseconds(BEFORE_MIDNIGHT) + 123
    inner = encode_message({":event-type": "PayloadPart"}, b"hello")

    message = decoded(EventSigner(chain()).sign(inner, at=at))

    assert [":date", ":chunk-signature"] == list(message.headers)
    assert datetime.fromtimestamp(at / 1000, UTC) == message.headers[":date"]
    assert inner == message.payload


def test_a_chain_is_verified_across_midnight() -> None:
    signer, verifier = EventSigner(chain()), EventVerifier(chain())
    at = milliseconds(BEFORE_MIDNIGHT)
    frames = [b"one", b"two", b"three", b"four", b"five", b""]

    received = [
        verifier.verify(decoded(signer.sign(frame, at=at + 500 * i)))
        for i, frame in enumerate(frames)
    ]

    assert frames == received


@pytest.mark.parametrize("changed", [b"", b"other", b"event "])
def test_a_changed_event_is_refused(changed: bytes) -> None:
    message = decoded(EventSigner(chain()).sign(b"event", at=1_700_000_000_000))
    message.payload = changed

    with pytest.raises(CorruptMessageError):
        EventVerifier(chain()).verify(message)


def test_an_event_that_is_left_out_breaks_the_chain() -> None:
    signer = EventSigner(chain())
    signer.sign(b"first", at=1_700_000_000_000)

    with pytest.raises(CorruptMessageError):
        EventVerifier(chain()).verify(
            decoded(signer.sign(b"second", at=1_700_000_000_001))
        )


@pytest.mark.parametrize("name", [":date", ":chunk-signature"])
def test_an_event_without_a_signature_is_refused(name: str) -> None:
    message = decoded(EventSigner(chain()).sign(b"event", at=1_700_000_000_000))
    del message.headers[name]

    with pytest.raises(CorruptMessageError):
        EventVerifier(chain()).verify(message)


def test_an_event_that_is_too_large_is_refused() -> None:
    with pytest.raises(SerializationError):
        EventSigner(chain()).sign(bytes((24 << 20) + 1), at=0)


def test_a_chain_shows_no_secret() -> None:
    assert "<SignatureChain for sagemaker in eu-west-1>" == repr(chain())
