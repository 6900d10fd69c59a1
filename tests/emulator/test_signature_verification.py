from __future__ import annotations

from base64 import b64encode
from datetime import UTC, datetime

import pytest
from attrs import evolve

from sagemaker_rt.emulator.received_request import ReceivedRequest
from sagemaker_rt.emulator.signature_verification import (
    SignatureProblem,
    SignatureRejected,
    SigningScope,
    verify,
)
from sagemaker_rt.http import Endpoint, Request
from sagemaker_rt.identity import Credentials
from sagemaker_rt.sansio.presign import presign
from tests.emulator.signed_requests import KEYS, NOW, Signing, received

RUNTIME = SigningScope(region="us-east-1", service="sagemaker")
S3 = SigningScope(region="us-east-1", service="s3", is_s3=True)
TOKENED = Credentials("AKIAEXAMPLE", "not-much-of-a-secret", "token")


def signed(
    request: ReceivedRequest | None = None, signing: Signing | None = None
) -> ReceivedRequest:
    request = request or received(body=b"data")
    return evolve(request, headers=(signing or Signing()).apply(request))


def problem_of(
    request: ReceivedRequest,
    *,
    credentials: Credentials = KEYS,
    scope: SigningScope = RUNTIME,
) -> tuple[SignatureProblem, str] | None:
    """Return the problem and message that verification reports, or None."""
    try:
        verify(request, credentials=credentials, scope=scope, now=NOW)
    except SignatureRejected as rejected:
        return rejected.problem, rejected.message
    return None


def without(request: ReceivedRequest, name: str) -> ReceivedRequest:
    headers = {key: value for key, value in request.headers.items() if key != name}
    return evolve(request, headers=headers)


def changed(request: ReceivedRequest, **headers: str) -> ReceivedRequest:
    renamed = {name.replace("_", "-"): value for name, value in headers.items()}
    return evolve(request, headers={**request.headers, **renamed})


def test_a_valid_signature_is_accepted() -> None:
    assert problem_of(signed()) is None


def test_a_valid_signature_with_a_token_is_accepted() -> None:
    request = signed(signing=Signing(TOKENED))

    assert problem_of(request, credentials=TOKENED) is None


def test_a_request_without_authorization_header_is_rejected() -> None:
    assert (SignatureProblem.MISSING, "Missing Authentication Token") == problem_of(
        received()
    )


@pytest.mark.parametrize(
    "value",
    [
        "Basic dXNlcjpwYXNz",
        "AWS4-HMAC-SHA256 Credential=AKIAEXAMPLE",
        "AWS4-HMAC-SHA256",
        "",
    ],
)
def test_a_malformed_authorization_header_is_incomplete(value: str) -> None:
    found = problem_of(changed(signed(), authorization=value))

    assert found is not None
    assert SignatureProblem.INCOMPLETE is found[0]


def test_a_request_without_date_is_incomplete() -> None:
    found = problem_of(without(signed(), "x-amz-date"))

    assert found is not None
    assert SignatureProblem.INCOMPLETE is found[0]
    assert "X-Amz-Date" in found[1]


@pytest.mark.parametrize("date", ["2023-11-14", "20231114T221320", "20231399T221320Z"])
def test_an_invalid_date_is_incomplete(date: str) -> None:
    signing = Signing(scope_date=date[:8])

    found = problem_of(changed(signed(signing=signing), x_amz_date=date))

    assert found is not None
    assert SignatureProblem.INCOMPLETE is found[0]


@pytest.mark.parametrize("name", ["host", "x-amz-date", "x-amz-target"])
def test_an_unsigned_required_header_is_rejected(name: str) -> None:
    request = received(headers={"x-amz-target": "value"})

    found = problem_of(signed(request, Signing(unsigned={name})))

    message = f"'{name}' must be a 'SignedHeader' in the AWS Authorization."
    assert (SignatureProblem.UNSIGNED_HEADER, message) == found


def test_an_unsigned_token_is_rejected() -> None:
    signing = Signing(TOKENED, unsigned={"x-amz-security-token"})

    found = problem_of(signed(signing=signing), credentials=TOKENED)

    assert found is not None
    assert SignatureProblem.UNSIGNED_HEADER is found[0]


def test_the_runtime_ignores_an_unsigned_payload_header() -> None:
    request = received(headers={"x-amz-content-sha256": "anything"}, body=b"")
    name = "x-amz-content-sha256"
    headers = {**Signing().apply(received()), name: "anything"}

    assert problem_of(evolve(request, headers=headers)) is None


def test_the_runtime_accepts_a_signed_unsigned_payload_header() -> None:
    request = received(
        headers={"x-amz-content-sha256": "UNSIGNED-PAYLOAD"}, body=b"data"
    )

    assert problem_of(evolve(signed(request), body=b"other")) is None


def test_the_runtime_rejects_an_unsigned_unsigned_payload_header() -> None:
    honest = signed()
    forged = changed(honest, x_amz_content_sha256="UNSIGNED-PAYLOAD")

    found = problem_of(evolve(forged, body=b"other"))

    assert found is not None
    assert SignatureProblem.MISMATCH is found[0]


def test_s3_rejects_an_unsigned_payload_header() -> None:
    request = received("/s3/b/k", headers={"x-amz-content-sha256": "UNSIGNED-PAYLOAD"})
    signing = Signing(service="s3", unsigned={"x-amz-content-sha256"})

    found = problem_of(signed(request, signing), scope=S3)

    assert found is not None
    assert SignatureProblem.UNSIGNED_HEADER is found[0]


def test_other_headers_may_be_unsigned() -> None:
    request = received(headers={"x-amzn-sagemaker-target-model": "a.tar.gz"})

    signing = Signing(unsigned={"x-amzn-sagemaker-target-model"})

    assert problem_of(signed(request, signing)) is None


def test_a_missing_signed_header_is_rejected() -> None:
    found = problem_of(signed(signing=Signing(claimed={"x-lost"})))

    assert found is not None
    assert SignatureProblem.UNSIGNED_HEADER is found[0]
    assert "'x-lost'" in found[1]


def test_an_unknown_access_key_is_rejected() -> None:
    signing = Signing(Credentials("AKIAOTHER", KEYS.secret_access_key))

    found = problem_of(signed(signing=signing))

    message = "The security token included in the request is invalid."
    assert (SignatureProblem.UNKNOWN_KEY, message) == found


@pytest.mark.parametrize("token", [None, "another", "\udcff"])
def test_another_token_is_rejected(token: str | None) -> None:
    request = signed()
    if token is not None:
        signing = Signing(unsigned={"x-amz-security-token"})
        request = signed(signing=signing)
        names = "host;x-amz-date;x-amz-security-token"
        value = request.headers["authorization"].replace("host;x-amz-date", names)
        request = changed(request, authorization=value, x_amz_security_token=token)

    found = problem_of(request, credentials=TOKENED)

    assert found is not None
    assert SignatureProblem.WRONG_TOKEN is found[0]


def test_an_unexpected_token_is_rejected() -> None:
    found = problem_of(signed(signing=Signing(TOKENED)))

    assert found is not None
    assert SignatureProblem.WRONG_TOKEN is found[0]


@pytest.mark.parametrize(("left", "is_valid"), [(0, False), (1, True)])
def test_credentials_are_valid_until_they_expire(left: int, *, is_valid: bool) -> None:
    end = datetime.fromtimestamp(NOW + left, UTC)
    credentials = Credentials("AKIAEXAMPLE", KEYS.secret_access_key, expires_at=end)

    found = problem_of(signed(), credentials=credentials)

    message = "The security token included in the request is expired"
    assert (None if is_valid else (SignatureProblem.EXPIRED_TOKEN, message)) == found


@pytest.mark.parametrize(
    ("signing", "words"),
    [
        (Signing(region="eu-west-1"), "valid region: 'us-east-1'"),
        (Signing(service="s3"), "correct service: 'sagemaker'"),
        (Signing(scope_date="20231113"), "'20231113' != '20231114'"),
    ],
)
def test_another_region_service_or_date_is_rejected(
    signing: Signing, words: str
) -> None:
    found = problem_of(signed(signing=signing))

    assert found is not None
    assert SignatureProblem.WRONG_SCOPE is found[0]
    assert words in found[1]


@pytest.mark.parametrize(("skew", "is_valid"), [(300, True), (301, False)])
@pytest.mark.parametrize("sign", [1, -1])
def test_a_clock_skew_of_five_minutes_is_accepted(
    skew: int, sign: int, *, is_valid: bool
) -> None:
    found = problem_of(signed(signing=Signing(now=NOW + sign * skew)))

    assert is_valid == (found is None)


def test_an_old_signature_is_expired() -> None:
    found = problem_of(signed(signing=Signing(now=NOW - 600)))

    message = (
        "Signature expired: 20231114T220320Z is now earlier than 20231114T220820Z "
        "(20231114T221320Z - 5 min.)"
    )
    assert (SignatureProblem.SKEWED, message) == found


def test_a_signature_from_the_future_is_not_yet_current() -> None:
    found = problem_of(signed(signing=Signing(now=NOW + 600)))

    message = (
        "Signature not yet current: 20231114T222320Z is still later than "
        "20231114T221820Z (20231114T221320Z + 5 min.)"
    )
    assert (SignatureProblem.SKEWED, message) == found


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
def test_a_request_that_was_changed_after_signing_is_rejected(
    request_: ReceivedRequest,
) -> None:
    found = problem_of(request_)

    assert found is not None
    assert SignatureProblem.MISMATCH is found[0]
    assert "does not match the signature you provided" in found[1]


def test_signed_headers_may_be_in_any_order() -> None:
    request = signed(received(headers={"accept": "a"}))
    value = request.headers["authorization"]
    value = value.replace("accept;host", "host;accept")

    assert problem_of(changed(request, authorization=value)) is None


def presigned(*, age: float = 0, expires: int = 60) -> ReceivedRequest:
    url = presign(
        Request(
            path="/endpoints/echo/invocations", endpoint=Endpoint("https://a.example")
        ),
        KEYS,
        service="sagemaker",
        region="us-east-1",
        signing_time=NOW - age,
        expires=expires,
    )
    request = received(headers={"host": "a.example"})
    return evolve(request, query=url.partition("?")[2])


def test_a_presigned_request_is_valid_until_its_last_second() -> None:
    assert problem_of(presigned(age=60)) is None
    assert problem_of(presigned(age=3600, expires=3600)) is None


def test_an_expired_request_says_when_it_expired() -> None:
    expected = (
        "Signature expired: 20231114T221319Z is now earlier than 20231114T221320Z"
    )
    assert problem_of(presigned(age=61)) == (SignatureProblem.SKEWED, expected)


@pytest.mark.parametrize(("expires", "is_valid"), [(43200, True), (43201, False)])
def test_an_api_key_is_valid_for_12_hours_at_most(expires: int, is_valid: bool) -> None:
    url = presign(
        Request(
            query="Action=CallWithBearerToken",
            endpoint=Endpoint("https://sagemaker.amazonaws.com"),
        ),
        KEYS,
        service="sagemaker",
        region="us-east-1",
        signing_time=NOW,
        expires=expires,
    )
    text = f"{url.removeprefix('https://')}&Version=1"
    token = f"sagemaker-api-key-{b64encode(text.encode()).decode()}"

    problem = problem_of(received(headers={"authorization": f"Bearer {token}"}))

    assert (problem is None) == is_valid
    assert is_valid or (problem or (None,))[0] is SignatureProblem.INCOMPLETE
