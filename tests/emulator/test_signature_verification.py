from __future__ import annotations

from datetime import UTC, datetime

import pytest
from attrs import evolve

from sagemaker_rt.emulator.received_request import ReceivedRequest
from sagemaker_rt.emulator.signature_verification import (
    Audience,
    Doubt,
    SignatureRefused,
    verify,
)
from sagemaker_rt.identity import Credentials
from tests.emulator.signed_requests import KEYS, NOW, Signing, received

RUNTIME = Audience(region="us-east-1", service="sagemaker")
S3 = Audience(region="us-east-1", service="s3", is_s3=True)
TOKENED = Credentials("AKIAEXAMPLE", "not-much-of-a-secret", "token")


def signed(
    request: ReceivedRequest | None = None, signing: Signing | None = None
) -> ReceivedRequest:
    request = request or received(body=b"data")
    return evolve(request, headers=(signing or Signing()).apply(request))


def doubt_about(
    request: ReceivedRequest,
    *,
    credentials: Credentials = KEYS,
    audience: Audience = RUNTIME,
) -> tuple[Doubt, str] | None:
    """Return what verification finds wrong with *request*; None if nothing."""
    try:
        verify(request, credentials=credentials, audience=audience, now=NOW)
    except SignatureRefused as refused:
        return refused.doubt, refused.message
    return None


def without(request: ReceivedRequest, name: str) -> ReceivedRequest:
    headers = {key: value for key, value in request.headers.items() if key != name}
    return evolve(request, headers=headers)


def changed(request: ReceivedRequest, **headers: str) -> ReceivedRequest:
    renamed = {name.replace("_", "-"): value for name, value in headers.items()}
    return evolve(request, headers={**request.headers, **renamed})


def test_a_good_signature_is_accepted() -> None:
    assert doubt_about(signed()) is None


def test_a_good_signature_with_a_token_is_accepted() -> None:
    request = signed(signing=Signing(TOKENED))

    assert doubt_about(request, credentials=TOKENED) is None


def test_a_request_without_authorization_is_nobodys() -> None:
    assert (Doubt.MISSING, "Missing Authentication Token") == doubt_about(received())


@pytest.mark.parametrize(
    "value",
    [
        "Basic dXNlcjpwYXNz",
        "AWS4-HMAC-SHA256 Credential=AKIAEXAMPLE",
        "AWS4-HMAC-SHA256",
        "",
    ],
)
def test_an_authorization_that_cannot_be_read_is_incomplete(value: str) -> None:
    found = doubt_about(changed(signed(), authorization=value))

    assert found is not None
    assert Doubt.INCOMPLETE is found[0]


def test_a_request_without_date_is_incomplete() -> None:
    found = doubt_about(without(signed(), "x-amz-date"))

    assert found is not None
    assert Doubt.INCOMPLETE is found[0]
    assert "X-Amz-Date" in found[1]


@pytest.mark.parametrize("date", ["2023-11-14", "20231114T221320", "20231399T221320Z"])
def test_a_date_that_is_none_is_incomplete(date: str) -> None:
    signing = Signing(scope_date=date[:8])

    found = doubt_about(changed(signed(signing=signing), x_amz_date=date))

    assert found is not None
    assert Doubt.INCOMPLETE is found[0]


@pytest.mark.parametrize("name", ["host", "x-amz-date", "x-amz-target"])
def test_a_header_that_must_be_signed_is_missed(name: str) -> None:
    request = received(headers={"x-amz-target": "value"})

    found = doubt_about(signed(request, Signing(unsigned={name})))

    message = f"'{name}' must be a 'SignedHeader' in the AWS Authorization."
    assert (Doubt.UNSIGNED_HEADER, message) == found


def test_an_unsigned_token_is_missed() -> None:
    signing = Signing(TOKENED, unsigned={"x-amz-security-token"})

    found = doubt_about(signed(signing=signing), credentials=TOKENED)

    assert found is not None
    assert Doubt.UNSIGNED_HEADER is found[0]


def test_the_runtime_does_not_mind_an_unsigned_payload_header() -> None:
    request = received(headers={"x-amz-content-sha256": "anything"}, body=b"")
    name = "x-amz-content-sha256"
    headers = {**Signing().apply(received()), name: "anything"}

    assert doubt_about(evolve(request, headers=headers)) is None


def test_the_runtime_takes_a_payload_that_is_signed_as_unsigned() -> None:
    request = received(
        headers={"x-amz-content-sha256": "UNSIGNED-PAYLOAD"}, body=b"data"
    )

    assert doubt_about(evolve(signed(request), body=b"other")) is None


def test_the_runtime_minds_whoever_says_unsigned_without_signing_that() -> None:
    honest = signed()
    forged = changed(honest, x_amz_content_sha256="UNSIGNED-PAYLOAD")

    found = doubt_about(evolve(forged, body=b"other"))

    assert found is not None
    assert Doubt.MISMATCH is found[0]


def test_the_object_store_minds_an_unsigned_payload_header() -> None:
    request = received("/s3/b/k", headers={"x-amz-content-sha256": "UNSIGNED-PAYLOAD"})
    signing = Signing(service="s3", unsigned={"x-amz-content-sha256"})

    found = doubt_about(signed(request, signing), audience=S3)

    assert found is not None
    assert Doubt.UNSIGNED_HEADER is found[0]


def test_other_headers_may_stay_unsigned() -> None:
    request = received(headers={"x-amzn-sagemaker-target-model": "a.tar.gz"})

    signing = Signing(unsigned={"x-amzn-sagemaker-target-model"})

    assert doubt_about(signed(request, signing)) is None


def test_a_signed_header_must_be_there() -> None:
    found = doubt_about(signed(signing=Signing(claimed={"x-lost"})))

    assert found is not None
    assert Doubt.UNSIGNED_HEADER is found[0]
    assert "'x-lost' is signed, and not in the request" in found[1]


def test_a_key_that_is_not_known_is_refused() -> None:
    signing = Signing(Credentials("AKIAOTHER", KEYS.secret_access_key))

    found = doubt_about(signed(signing=signing))

    message = "The security token included in the request is invalid."
    assert (Doubt.UNKNOWN_KEY, message) == found


@pytest.mark.parametrize("token", [None, "another", "\udcff"])
def test_a_token_must_be_the_credentials_own(token: str | None) -> None:
    request = signed()
    if token is not None:
        signing = Signing(unsigned={"x-amz-security-token"})
        request = signed(signing=signing)
        names = "host;x-amz-date;x-amz-security-token"
        value = request.headers["authorization"].replace("host;x-amz-date", names)
        request = changed(request, authorization=value, x_amz_security_token=token)

    found = doubt_about(request, credentials=TOKENED)

    assert found is not None
    assert Doubt.WRONG_TOKEN is found[0]


def test_a_token_that_nobody_asked_for_is_refused() -> None:
    found = doubt_about(signed(signing=Signing(TOKENED)))

    assert found is not None
    assert Doubt.WRONG_TOKEN is found[0]


@pytest.mark.parametrize(("left", "is_good"), [(0, False), (1, True)])
def test_credentials_are_good_until_they_expire(left: int, *, is_good: bool) -> None:
    end = datetime.fromtimestamp(NOW + left, UTC)
    credentials = Credentials("AKIAEXAMPLE", KEYS.secret_access_key, expires_at=end)

    found = doubt_about(signed(), credentials=credentials)

    message = "The security token included in the request is expired"
    assert (None if is_good else (Doubt.EXPIRED_TOKEN, message)) == found


@pytest.mark.parametrize(
    ("signing", "words"),
    [
        (Signing(region="eu-west-1"), "valid region: 'us-east-1'"),
        (Signing(service="s3"), "correct service: 'sagemaker'"),
        (Signing(scope_date="20231113"), "'20231113' != '20231114'"),
    ],
)
def test_a_scope_must_be_for_here_and_now(signing: Signing, words: str) -> None:
    found = doubt_about(signed(signing=signing))

    assert found is not None
    assert Doubt.WRONG_SCOPE is found[0]
    assert words in found[1]


@pytest.mark.parametrize(("skew", "is_good"), [(300, True), (301, False)])
@pytest.mark.parametrize("sign", [1, -1])
def test_a_clock_may_be_five_minutes_off(
    skew: int, sign: int, *, is_good: bool
) -> None:
    found = doubt_about(signed(signing=Signing(now=NOW + sign * skew)))

    assert is_good == (found is None)


def test_an_old_signature_has_expired() -> None:
    found = doubt_about(signed(signing=Signing(now=NOW - 600)))

    message = (
        "Signature expired: 20231114T220320Z is now earlier than 20231114T220820Z "
        "(20231114T221320Z - 5 min.)"
    )
    assert (Doubt.SKEWED, message) == found


def test_a_signature_from_the_future_is_not_yet_current() -> None:
    found = doubt_about(signed(signing=Signing(now=NOW + 600)))

    message = (
        "Signature not yet current: 20231114T222320Z is still later than "
        "20231114T221820Z (20231114T221320Z + 5 min.)"
    )
    assert (Doubt.SKEWED, message) == found


@pytest.mark.parametrize(
    "request_",
    [
        evolve(signed(), body=b"other"),
        evolve(signed(), path="/endpoints/other/invocations"),
        evolve(signed(), query="a=b"),
        evolve(signed(), method="PUT"),
        changed(signed(received(headers={"accept": "a"})), accept="b"),
        changed(signed(received(headers={"accept": "a"})), accept="\udcff"),
        signed(signing=Signing(Credentials("AKIAEXAMPLE", "another"))),
    ],
    ids=["body", "path", "query", "method", "header", "odd header", "secret"],
)
def test_whatever_was_changed_after_signing_does_not_match(
    request_: ReceivedRequest,
) -> None:
    found = doubt_about(request_)

    assert found is not None
    assert Doubt.MISMATCH is found[0]
    assert "does not match the signature you provided" in found[1]


def test_the_order_in_which_signed_headers_are_listed_does_not_matter() -> None:
    request = signed(received(headers={"accept": "a"}))
    value = request.headers["authorization"]
    value = value.replace("accept;host", "host;accept")

    assert doubt_about(changed(request, authorization=value)) is None
