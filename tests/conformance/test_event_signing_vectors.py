"""Signed events, by the chains of other SDKs and by captured sessions."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pytest

from sagemaker_rt.http import Endpoint, Headers, Request
from sagemaker_rt.identity import Credentials
from sagemaker_rt.sansio.authorization_header import parse_authorization
from sagemaker_rt.sansio.event_signing import (
    EVENT_PAYLOAD_HASH,
    EventSigner,
    EventVerifier,
    SignatureChain,
)
from sagemaker_rt.sansio.eventstream import EventStreamDecoder
from sagemaker_rt.sansio.sigv4 import SigV4
from tests.conformance.vectors import entries, vectors


def chains() -> list[Any]:
    return [
        pytest.param(chain, id=chain["name"])
        for file in entries("bidirectional", "event-signing.json")
        for chain in json.loads(file.read_text())["chains"]
    ]


def sessions() -> list[Any]:
    return [
        pytest.param(session, id=session["from"])
        for file in entries("bidirectional", "capture.json")
        for session in json.loads(file.read_text())["sessions"]
    ]


def chain_of(session: dict[str, Any]) -> SignatureChain:
    headers = dict(session["request"]["headers"])
    claim = parse_authorization(headers["authorization"])
    return SignatureChain(
        keys(), region=claim.region, service=claim.service, prior=claim.signature
    )


def keys() -> Credentials:
    file = vectors("bidirectional") / "capture.json"
    return Credentials(*json.loads(file.read_text())["credentials"].values())


@pytest.mark.parametrize("chain", chains())
def test_a_chain_has_the_published_signatures(chain: dict[str, Any]) -> None:
    credentials = Credentials("AKID", chain["credentials"]["secret_access_key"])
    signatures = SignatureChain(
        credentials,
        region=chain["region"],
        service=chain["service"],
        prior=chain["seed_signature"],
    )

    for event in chain["events"]:
        signature = signatures.next_signature(
            int(datetime.fromisoformat(event["time"]).timestamp()),
            bytes.fromhex(event["headers_hex"]),
            bytes.fromhex(event["payload_hex"]),
        )

        assert event["signature"] == signature.hex()


def test_all_chains_and_sessions_are_read() -> None:
    vectors("bidirectional")

    assert (5, 2) == (len(chains()), len(sessions()))


@pytest.mark.parametrize("session", sessions())
def test_the_frames_of_a_captured_session_are_signed_alike(
    session: dict[str, Any],
) -> None:
    signer = EventSigner(chain_of(session))

    for event in session["events"]:
        at = round(datetime.fromisoformat(event["date"]).timestamp() * 1000)
        frame = bytes.fromhex(event.get("inner_frame_hex") or "")

        assert event["frame_hex"] == signer.sign(frame, at=at).hex()


@pytest.mark.parametrize("session", sessions())
def test_the_events_of_a_captured_session_are_verified(session: dict[str, Any]) -> None:
    verifier = EventVerifier(chain_of(session))
    sent = b"".join(bytes.fromhex(event["frame_hex"]) for event in session["events"])

    inner = [verifier.verify(message) for message in EventStreamDecoder().feed(sent)]

    assert [event["inner_frame_hex"] for event in session["events"][:-1]] == [
        frame.hex() for frame in inner[:-1]
    ]
    assert b"" == inner[-1]


def test_the_request_of_the_python_client_is_signed_alike() -> None:
    vectors("bidirectional")
    session = sessions()[0].values[0]
    sent = dict(session["request"]["headers"])
    unsigned = {"x-amz-date", "x-amz-security-token", "authorization"}
    request = Request(
        "POST",
        sent[":path"].removesuffix("?"),
        headers=Headers(
            {
                name: value
                for name, value in sent.items()
                if not name.startswith(":") and name not in {*unsigned, "accept"}
            }
        ),
        endpoint=Endpoint("http://localhost:18443"),
        payload_hash=EVENT_PAYLOAD_HASH,
    )

    SigV4().sign(
        request,
        keys(),
        service="sagemaker",
        region="us-east-1",
        signing_time=datetime.fromisoformat("2026-11-27T10:00:00Z").timestamp(),
    )

    assert sent["authorization"] == request.headers["authorization"]
