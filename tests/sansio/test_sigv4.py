from __future__ import annotations

import copy
import hmac
import io
import pickle
import traceback
from collections.abc import Callable
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagemaker_rt.errors import EndpointResolutionError, SerializationError
from sagemaker_rt.http import Endpoint, FileBody, Headers, Request
from sagemaker_rt.identity import Credentials
from sagemaker_rt.sansio.authorization_header import Authorization, parse_authorization
from sagemaker_rt.sansio.sigv4 import (
    UNSIGNED_HEADERS,
    SigV4,
    amz_date,
    canonical_path,
    canonical_query,
    canonical_request,
    canonical_value,
    credential_scope,
    signature,
    signing_key,
    string_to_sign,
)

CREDENTIALS = Credentials("AKID", "shh")
TEMPORARY = Credentials("ASIA", "hush", "a-token")
ENDPOINT = Endpoint("https://runtime.sagemaker.eu-west-1.amazonaws.com")
NOON = 1_440_938_160.0
HEX = "0f" * 32


def request(**headers: str) -> Request:
    """Return a request; underscores in names of *headers* become hyphens."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Request(
        path="/endpoints/m/invocations",
        headers=Headers(named),
        body=b"abc",
        endpoint=ENDPOINT,
    )


def sign(
    unsigned: Request,
    credentials: Credentials = CREDENTIALS,
    *,
    sigv4: SigV4 | None = None,
    service: str = "sagemaker",
    at: float = NOON,
) -> Authorization:
    """Sign *unsigned*, and return its parsed Authorization header."""
    (sigv4 or SigV4()).sign(
        unsigned, credentials, service=service, region="eu-west-1", signing_time=at
    )
    return parse_authorization(unsigned.headers["authorization"])


def expected_signature(signed: Request, secret: str, *, normalize: bool = True) -> str:
    """Return the signature of *signed*, computed by the public functions."""
    assert signed.endpoint is not None
    assert isinstance(signed.body, bytes)
    authorization = parse_authorization(signed.headers["authorization"])
    canonical = canonical_request(
        method=signed.method,
        path=signed.full_path,
        query=signed.query,
        headers={"host": signed.endpoint.host, **signed.headers},
        signed_headers=authorization.signed_headers,
        payload_hash=sha256(signed.body).hexdigest(),
        normalize=normalize,
    )
    scope = {"region": authorization.region, "service": authorization.service}
    text = string_to_sign(canonical, amz_date=signed.headers["x-amz-date"], **scope)
    return signature(signing_key(secret, date=authorization.date, **scope), text)


def test_a_time_is_truncated_to_seconds() -> None:
    dates = [amz_date(NOON), amz_date(NOON + 0.999)]

    assert ["20150830T123600Z", "20150830T123600Z"] == dates


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/", "/"),
        ("", "/"),
        ("/a/b", "/a/b"),
        ("/a/b/", "/a/b/"),
        ("//a///b//", "/a/b/"),
        ("/./a/./b", "/a/b"),
        ("/a/../b", "/b"),
        ("/../../a", "/a"),
        ("/a/..", "/"),
        ("/a/../", "/"),
        ("/a%20b/~c:d", "/a%2520b/~c%3Ad"),
    ],
)
def test_a_path_is_normalized_and_encoded_twice(path: str, expected: str) -> None:
    assert expected == canonical_path(path)


@pytest.mark.parametrize("path", ["/", "//a/../b%20c/"])
def test_without_normalization_a_path_does_not_change(path: str) -> None:
    assert path == canonical_path(path, normalize=False)


def test_an_empty_path_is_the_root() -> None:
    assert "/" == canonical_path("", normalize=False)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ""),
        ("b=2&a=1", "a=1&b=2"),
        ("a-b=1&a=2", "a=2&a-b=1"),
        ("a=2&a=1", "a=1&a=2"),
        ("flag", "flag="),
        ("a=b=c", "a=b=c"),
    ],
)
def test_a_query_is_sorted_by_name_and_value(query: str, expected: str) -> None:
    assert expected == canonical_query(query)


def test_a_header_value_is_trimmed_and_its_spaces_are_collapsed() -> None:
    assert 'a "b c" d' == canonical_value('  a  "b   c"\td ')
    assert "a b" == canonical_value("\va\f\x0bb\t")


@pytest.mark.parametrize("space", [*"\x1c\x1d\x1e\x1f\x85\xa0\u2028\u3000"])
def test_only_white_space_of_ascii_is_collapsed(space: str) -> None:
    """botocore collapses these too, and so signs another value than it sends."""
    value = f"{space}a{space}{space}b c{space}"

    assert value == canonical_value(value)
    assert value == canonical_value(f" {value.replace('b c', 'b   c')} ")


def test_the_lines_of_a_canonical_request() -> None:
    text = canonical_request(
        method="post",
        path="/a//b",
        query="y&x=1",
        headers={"x-amz-date": " now ", "host": "h", "unsigned": "u"},
        signed_headers=["gone", "host", "x-amz-date"],
        payload_hash=HEX,
    )

    lines = ["POST", "/a/b", "x=1&y=", "gone:", "host:h", "x-amz-date:now", ""]
    assert [*lines, "gone;host;x-amz-date", HEX] == text.split("\n")


def test_the_string_to_sign_has_time_scope_and_hash() -> None:
    text = string_to_sign("c", amz_date="20150830T123600Z", region="r", service="s")

    digest = sha256(b"c").hexdigest()
    expected = ["AWS4-HMAC-SHA256", "20150830T123600Z", "20150830/r/s/aws4_request"]
    assert [*expected, digest] == text.split("\n")


def test_the_signing_key_is_derived_in_four_steps() -> None:
    key = signing_key("shh", date="20150830", region="r", service="s")

    expected = b"AWS4shh"
    for part in (b"20150830", b"r", b"s", b"aws4_request"):
        expected = hmac.new(expected, part, sha256).digest()
    assert expected == key


def test_a_signature_is_the_hmac_of_the_string_to_sign() -> None:
    assert hmac.new(b"key", b"text", sha256).hexdigest() == signature(b"key", "text")


def test_a_credential_scope() -> None:
    scope = credential_scope(date="20150830", region="r", service="s")

    assert "20150830/r/s/aws4_request" == scope


def test_a_signed_request_has_date_and_authorization() -> None:
    signed = request(content_type="text/plain")

    authorization = sign(signed)

    assert "20150830T123600Z" == signed.headers["x-amz-date"]
    assert ("content-type", "host", "x-amz-date") == authorization.signed_headers
    assert ("AKID", "20150830") == (authorization.access_key_id, authorization.date)
    assert ("eu-west-1", "sagemaker") == (authorization.region, authorization.service)
    assert expected_signature(signed, "shh") == authorization.signature


def test_nothing_else_of_the_request_changes() -> None:
    signed = request(accept="*/*")

    sign(signed)

    assert {"accept", "x-amz-date", "authorization"} == set(signed.headers)
    assert signed.payload_hash is None


def test_a_session_token_is_sent_and_signed() -> None:
    signed = request()

    authorization = sign(signed, TEMPORARY)

    assert "a-token" == signed.headers["x-amz-security-token"]
    assert (
        "host",
        "x-amz-date",
        "x-amz-security-token",
    ) == authorization.signed_headers
    assert expected_signature(signed, "hush") == authorization.signature


@pytest.mark.parametrize("token", [None, ""])
def test_the_token_of_other_credentials_is_removed(token: str | None) -> None:
    signed = request()
    sign(signed, TEMPORARY)

    authorization = sign(signed, Credentials("AKID", "shh", token))

    assert "x-amz-security-token" not in signed.headers
    assert ("host", "x-amz-date") == authorization.signed_headers


def test_signing_twice_replaces_the_first_signature() -> None:
    once, twice = request(), request()
    sign(once)
    sign(twice, at=NOON - 1)

    sign(twice)

    assert once.headers == twice.headers


@pytest.mark.parametrize("name", sorted(UNSIGNED_HEADERS))
def test_headers_that_a_proxy_may_change_are_not_signed(name: str) -> None:
    plain, more = request(), request(**{name: "value"})

    authorization = sign(more)

    assert sign(plain).signature == authorization.signature
    assert name not in authorization.signed_headers


def test_the_host_is_signed_with_its_port() -> None:
    signed = request()
    signed.endpoint = Endpoint("http://localhost:8080/prefix/")

    authorization = sign(signed)

    assert "host" not in signed.headers
    assert expected_signature(signed, "shh") == authorization.signature


def test_the_final_dot_of_the_host_is_not_signed() -> None:
    signed = request()
    signed.endpoint = Endpoint(f"{ENDPOINT.url}.")

    assert sign(request()).signature == sign(signed).signature


def test_a_host_header_of_the_request_is_signed() -> None:
    signed = request(host="other.example")

    authorization = sign(signed)

    assert expected_signature(signed, "shh") == authorization.signature
    assert sign(request()).signature != authorization.signature


def test_a_method_is_signed_in_upper_case() -> None:
    lower, upper = request(), request()
    lower.method, upper.method = "put", "PUT"

    assert sign(upper).signature == sign(lower).signature
    assert sign(request()).signature != sign(lower).signature


def test_header_values_are_signed_in_canonical_form() -> None:
    plain = request(accept="a b", x_amzn_custom="c")
    spaced = request(accept="  a \t b ", x_amzn_custom="c  ")

    assert sign(plain).signature == sign(spaced).signature


def test_a_header_name_may_be_any_token() -> None:
    signed = request(**{"x-50%s-off": "50%d"})

    authorization = sign(signed)

    assert expected_signature(signed, "shh") == authorization.signature


def test_a_header_that_cannot_be_encoded_is_signed() -> None:
    authorization = sign(request(accept="\ud800"))

    assert ("accept", "host", "x-amz-date") == authorization.signed_headers


def test_the_payload_hash_of_the_request_is_used() -> None:
    signed, known = request(), request()
    known.body, known.payload_hash = b"", sha256(b"abc").hexdigest()

    assert sign(signed).signature == sign(known).signature


def test_a_file_is_signed_with_its_payload_hash() -> None:
    signed, known = request(), request()
    known.body = FileBody(io.BytesIO(b"abc"))
    known.payload_hash = sha256(b"abc").hexdigest()

    assert sign(signed).signature == sign(known).signature


def test_a_file_without_a_payload_hash_is_rejected_before_headers_change() -> None:
    unsigned = request()
    unsigned.body = FileBody(io.BytesIO(b"abc"))

    with pytest.raises(SerializationError, match="ComputePayloadHash"):
        sign(unsigned)

    assert {} == unsigned.headers


def test_a_request_without_an_endpoint_is_rejected() -> None:
    with pytest.raises(EndpointResolutionError):
        sign(Request())


def test_for_s3_the_path_is_not_normalized() -> None:
    signed = request()
    signed.path = "/bucket//a%20b/../c"

    authorization = sign(signed, service="s3")

    assert expected_signature(signed, "shh", normalize=False) == authorization.signature
    assert expected_signature(signed, "shh") != authorization.signature


def test_a_new_secret_of_the_same_key_id_is_used() -> None:
    sigv4 = SigV4()
    before, after = request(), request()
    sign(before, sigv4=sigv4)

    authorization = sign(after, Credentials("AKID", "rotated"), sigv4=sigv4)

    assert expected_signature(after, "rotated") == authorization.signature


def test_each_second_has_a_different_signature() -> None:
    sigv4 = SigV4()
    times = [NOON, NOON + 1, NOON + 86_400, NOON]

    requests = [request() for _ in times]
    authorization = [
        sign(r, sigv4=sigv4, at=t) for r, t in zip(requests, times, strict=True)
    ]

    assert [expected_signature(r, "shh") for r in requests] == [
        s.signature for s in authorization
    ]
    assert 3 == len({s.signature for s in authorization})


def test_more_requests_than_the_caches_hold_are_signed() -> None:
    sigv4 = SigV4()

    for n in range(300):
        signed = request(**{f"x-{n}": f"{n}  {n}"})
        signed.path = f"/endpoints/{n}"
        authorization = sign(
            signed, Credentials(f"K{n}", f"s{n}"), sigv4=sigv4, at=NOON + n
        )

        assert expected_signature(signed, f"s{n}") == authorization.signature


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy])
def test_a_copy_starts_with_empty_caches(duplicate: Callable[[SigV4], SigV4]) -> None:
    sigv4 = SigV4()
    sign(request(), sigv4=sigv4)

    other = duplicate(sigv4)

    assert vars(sigv4).keys() == vars(other).keys()
    assert vars(sigv4)["_signing_second"] is not vars(other)["_signing_second"]


def test_a_pickle_contains_no_secret() -> None:
    sigv4 = SigV4()
    sign(request(), TEMPORARY, sigv4=sigv4)

    pickled = pickle.dumps(sigv4)

    assert b"hush" not in pickled
    assert isinstance(pickle.loads(pickled), SigV4)  # noqa: S301 - our own bytes


def test_the_repr_shows_no_secret() -> None:
    sigv4 = SigV4()
    sign(request(), TEMPORARY, sigv4=sigv4)

    shown = repr(sigv4) + repr(vars(sigv4))

    assert [] == [secret for secret in ("hush", "a-token") if secret in shown]


@pytest.mark.parametrize("at", [float("nan"), float("inf"), 1e12])
def test_the_locals_in_a_traceback_show_no_secret(at: float) -> None:
    with pytest.raises((ValueError, OverflowError)) as caught:
        sign(request(accept="x"), TEMPORARY, at=at)

    summary = traceback.TracebackException.from_exception(
        caught.value, capture_locals=True
    )
    shown = "".join(summary.format())
    assert [] == [secret for secret in ("hush", "a-token") if secret in shown]


@given(
    headers=st.dictionaries(
        st.from_regex(r"[a-z][a-z0-9-]{0,9}", fullmatch=True),
        st.text(st.characters(codec="ascii")),
    ),
    path=st.from_regex(r"(/[a-zA-Z0-9.%~-]{0,4}){1,5}", fullmatch=True),
    query=st.from_regex(r"[a-c=&%-]{0,12}", fullmatch=True),
    body=st.binary(max_size=9),
    token=st.none() | st.from_regex("[ -~]+", fullmatch=True),
)
def test_signatures_agree_with_the_public_functions(
    headers: dict[str, str], path: str, query: str, body: bytes, token: str | None
) -> None:
    signed = Request("PUT", path, query, Headers(headers), body, ENDPOINT)

    authorization = sign(signed, Credentials("AKID", "shh", token))

    assert expected_signature(signed, "shh") == authorization.signature
    assert {*signed.headers, "host"} - UNSIGNED_HEADERS == set(
        authorization.signed_headers
    )
