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
    """Return a request; an underscore in a name stands for a hyphen."""
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
    """Sign *unsigned*, and return what its Authorization header says."""
    (sigv4 or SigV4()).sign(
        unsigned, credentials, service=service, region="eu-west-1", signing_time=at
    )
    return parse_authorization(unsigned.headers["authorization"])


def right_signature(signed: Request, secret: str, *, normalize: bool = True) -> str:
    """Return the signature that *signed* should have, by the readable parts."""
    assert signed.endpoint is not None
    assert isinstance(signed.body, bytes)
    said = parse_authorization(signed.headers["authorization"])
    canonical = canonical_request(
        method=signed.method,
        path=signed.full_path,
        query=signed.query,
        headers={"host": signed.endpoint.host, **signed.headers},
        signed_headers=said.signed_headers,
        payload_hash=sha256(signed.body).hexdigest(),
        normalize=normalize,
    )
    where = {"region": said.region, "service": said.service}
    text = string_to_sign(canonical, amz_date=signed.headers["x-amz-date"], **where)
    return signature(signing_key(secret, date=said.date, **where), text)


def test_a_time_is_written_to_the_second_that_has_begun() -> None:
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
def test_a_path_is_resolved_and_encoded_once_more(path: str, expected: str) -> None:
    assert expected == canonical_path(path)


@pytest.mark.parametrize("path", ["/", "//a/../b%20c/"])
def test_a_path_that_is_not_normalised_stays_as_it_is(path: str) -> None:
    assert path == canonical_path(path, normalize=False)


def test_an_empty_path_is_the_root_in_either_form() -> None:
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
def test_a_query_is_put_in_order_by_name_and_value(query: str, expected: str) -> None:
    assert expected == canonical_query(query)


def test_a_header_value_is_trimmed_and_its_spaces_are_made_one() -> None:
    assert 'a "b c" d' == canonical_value('  a  "b   c"\td ')


def test_a_canonical_request_has_a_line_for_each_thing_that_is_signed() -> None:
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


def test_the_string_to_sign_names_time_and_scope_and_hashes_the_request() -> None:
    text = string_to_sign("c", amz_date="20150830T123600Z", region="r", service="s")

    digest = sha256(b"c").hexdigest()
    expected = ["AWS4-HMAC-SHA256", "20150830T123600Z", "20150830/r/s/aws4_request"]
    assert [*expected, digest] == text.split("\n")


def test_the_signing_key_is_derived_part_by_part() -> None:
    key = signing_key("shh", date="20150830", region="r", service="s")

    expected = b"AWS4shh"
    for part in (b"20150830", b"r", b"s", b"aws4_request"):
        expected = hmac.new(expected, part, sha256).digest()
    assert expected == key


def test_a_signature_is_the_mac_of_the_string_to_sign() -> None:
    assert hmac.new(b"key", b"text", sha256).hexdigest() == signature(b"key", "text")


def test_a_scope_says_what_a_key_is_good_for() -> None:
    scope = credential_scope(date="20150830", region="r", service="s")

    assert "20150830/r/s/aws4_request" == scope


def test_a_signed_request_has_date_and_authorization() -> None:
    signed = request(content_type="text/plain")

    said = sign(signed)

    assert "20150830T123600Z" == signed.headers["x-amz-date"]
    assert ("content-type", "host", "x-amz-date") == said.signed_headers
    assert ("AKID", "20150830") == (said.access_key_id, said.date)
    assert ("eu-west-1", "sagemaker") == (said.region, said.service)
    assert right_signature(signed, "shh") == said.signature


def test_nothing_else_is_written_on_the_request() -> None:
    signed = request(accept="*/*")

    sign(signed)

    assert {"accept", "x-amz-date", "authorization"} == set(signed.headers)
    assert signed.payload_hash is None


def test_a_session_token_is_sent_and_signed() -> None:
    signed = request()

    said = sign(signed, TEMPORARY)

    assert "a-token" == signed.headers["x-amz-security-token"]
    assert ("host", "x-amz-date", "x-amz-security-token") == said.signed_headers
    assert right_signature(signed, "hush") == said.signature


@pytest.mark.parametrize("token", [None, ""])
def test_a_token_of_other_credentials_is_taken_out(token: str | None) -> None:
    signed = request()
    sign(signed, TEMPORARY)

    said = sign(signed, Credentials("AKID", "shh", token))

    assert "x-amz-security-token" not in signed.headers
    assert ("host", "x-amz-date") == said.signed_headers


def test_what_is_signed_again_is_as_if_signed_once() -> None:
    once, twice = request(), request()
    sign(once)
    sign(twice, at=NOON - 1)

    sign(twice)

    assert once.headers == twice.headers


@pytest.mark.parametrize("name", sorted(UNSIGNED_HEADERS))
def test_what_may_change_on_the_way_is_not_signed(name: str) -> None:
    plain, more = request(), request(**{name: "value"})

    said = sign(more)

    assert sign(plain).signature == said.signature
    assert name not in said.signed_headers


def test_the_host_is_signed_with_its_port_and_not_written() -> None:
    signed = request()
    signed.endpoint = Endpoint("http://localhost:8080/prefix/")

    said = sign(signed)

    assert "host" not in signed.headers
    assert right_signature(signed, "shh") == said.signature


def test_a_host_header_of_the_caller_is_what_is_signed() -> None:
    signed = request(host="other.example")

    said = sign(signed)

    assert right_signature(signed, "shh") == said.signature
    assert sign(request()).signature != said.signature


def test_a_method_is_signed_in_capitals_as_it_is_sent() -> None:
    small, large = request(), request()
    small.method, large.method = "put", "PUT"

    assert sign(large).signature == sign(small).signature
    assert sign(request()).signature != sign(small).signature


def test_header_values_are_signed_in_canonical_form() -> None:
    plain = request(accept="a b", x_amzn_custom="c")
    spaced = request(accept="  a \t b ", x_amzn_custom="c  ")

    assert sign(plain).signature == sign(spaced).signature


def test_a_header_name_may_be_any_token() -> None:
    signed = request(**{"x-50%s-off": "50%d"})

    said = sign(signed)

    assert right_signature(signed, "shh") == said.signature


def test_a_header_that_cannot_be_encoded_is_left_to_the_transport() -> None:
    said = sign(request(accept="\ud800"))

    assert ("accept", "host", "x-amz-date") == said.signed_headers


def test_a_payload_hash_that_is_known_is_used() -> None:
    signed, known = request(), request()
    known.body, known.payload_hash = b"", sha256(b"abc").hexdigest()

    assert sign(signed).signature == sign(known).signature


def test_a_file_is_signed_by_its_hash() -> None:
    signed, known = request(), request()
    known.body = FileBody(io.BytesIO(b"abc"))
    known.payload_hash = sha256(b"abc").hexdigest()

    assert sign(signed).signature == sign(known).signature


def test_a_file_without_hash_is_refused_and_nothing_is_written() -> None:
    unsigned = request()
    unsigned.body = FileBody(io.BytesIO(b"abc"))

    with pytest.raises(SerializationError) as caught:
        sign(unsigned)

    expected = "a file as body has no payload hash; was ComputePayloadHash removed?"
    assert expected == str(caught.value)
    assert {} == unsigned.headers


def test_a_request_without_endpoint_is_refused() -> None:
    with pytest.raises(EndpointResolutionError) as caught:
        sign(Request())

    assert "the request has no endpoint to be signed for" == str(caught.value)


def test_for_s3_the_path_is_signed_as_it_is_sent() -> None:
    signed = request()
    signed.path = "/bucket//a%20b/../c"

    said = sign(signed, service="s3")

    assert right_signature(signed, "shh", normalize=False) == said.signature
    assert right_signature(signed, "shh") != said.signature


def test_another_secret_signs_with_another_key_though_its_id_is_the_same() -> None:
    sigv4 = SigV4()
    before, after = request(), request()
    sign(before, sigv4=sigv4)

    said = sign(after, Credentials("AKID", "rotated"), sigv4=sigv4)

    assert right_signature(after, "rotated") == said.signature


def test_every_second_and_every_day_has_its_own_signature() -> None:
    sigv4 = SigV4()
    times = [NOON, NOON + 1, NOON + 86_400, NOON]

    requests = [request() for _ in times]
    said = [sign(r, sigv4=sigv4, at=t) for r, t in zip(requests, times, strict=True)]

    assert [right_signature(r, "shh") for r in requests] == [s.signature for s in said]
    assert 3 == len({s.signature for s in said})


def test_more_of_everything_than_is_kept_is_signed_as_well() -> None:
    sigv4 = SigV4()

    for n in range(300):
        signed = request(**{f"x-{n}": f"{n}  {n}"})
        signed.path = f"/endpoints/{n}"
        said = sign(signed, Credentials(f"K{n}", f"s{n}"), sigv4=sigv4, at=NOON + n)

        assert right_signature(signed, f"s{n}") == said.signature


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy])
def test_a_copy_starts_with_empty_caches(duplicate: Callable[[SigV4], SigV4]) -> None:
    sigv4 = SigV4()
    sign(request(), sigv4=sigv4)

    other = duplicate(sigv4)

    assert vars(sigv4).keys() == vars(other).keys()
    assert vars(sigv4)["_moment"] is not vars(other)["_moment"]


def test_a_pickle_holds_no_secret() -> None:
    sigv4 = SigV4()
    sign(request(), TEMPORARY, sigv4=sigv4)

    pickled = pickle.dumps(sigv4)

    assert b"hush" not in pickled
    assert isinstance(pickle.loads(pickled), SigV4)  # noqa: S301 - our own bytes


def test_no_repr_shows_a_secret() -> None:
    sigv4 = SigV4()
    sign(request(), TEMPORARY, sigv4=sigv4)

    shown = repr(sigv4) + repr(vars(sigv4))

    assert [] == [secret for secret in ("hush", "a-token") if secret in shown]


@pytest.mark.parametrize("at", [float("nan"), float("inf"), 1e12])
def test_the_locals_of_a_failure_show_no_secret(at: float) -> None:
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
def test_whatever_is_signed_verifies_by_the_readable_parts(
    headers: dict[str, str], path: str, query: str, body: bytes, token: str | None
) -> None:
    signed = Request("PUT", path, query, Headers(headers), body, ENDPOINT)

    said = sign(signed, Credentials("AKID", "shh", token))

    assert right_signature(signed, "shh") == said.signature
    assert {*signed.headers, "host"} - UNSIGNED_HEADERS == set(said.signed_headers)
