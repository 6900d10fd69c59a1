from __future__ import annotations

import re

import pytest

from sagemaker_rt.errors import EndpointResolutionError
from sagemaker_rt.http import (
    Endpoint,
    Headers,
    Request,
    Timeouts,
)
from tests.doubles import response


def test_a_header_is_found_in_any_case() -> None:
    headers = Headers({"Content-Type": "text/plain"})

    headers["X-Tenant"] = "acme"

    assert ("text/plain", "acme") == (headers["content-TYPE"], headers["x-tenant"])
    assert "CONTENT-type" in headers
    assert "accept" not in headers
    assert not headers.__contains__(42)


def test_a_header_has_one_value() -> None:
    headers = Headers([("Accept", "text/plain")])

    headers["ACCEPT"] = "text/html"

    assert [("accept", "text/html")] == list(headers.items())
    assert len(headers) == 1


def test_a_header_is_deleted_in_any_case() -> None:
    headers = Headers({"Accept": "text/plain"})

    del headers["ACCEPT"]

    assert {} == headers
    with pytest.raises(KeyError):
        headers["Accept"]


def test_headers_are_equal_to_mappings_in_any_case() -> None:
    headers = Headers({"Accept": "text/plain"})

    assert {"ACCEPT": "text/plain"} == headers
    assert Headers({"accept": "text/plain"}) == headers
    assert {"Accept": "text/html"} != headers
    assert ["accept"] != headers


def test_headers_are_unhashable_and_their_repr_omits_values() -> None:
    headers = Headers({"Authorization": "a-secret", "Accept": "*/*"})

    assert "Headers(['accept', 'authorization'])" == repr(headers)
    with pytest.raises(TypeError, match="unhashable"):
        hash(headers)


def test_a_copy_of_headers_is_independent() -> None:
    headers = Headers({"Accept": "text/plain"})

    copy = headers.copy()
    copy["Accept"] = "text/html"

    assert {"accept": "text/plain"} == headers.lower


def test_lower_case_headers_are_not_copied() -> None:
    lower = {"accept": "text/plain"}

    headers = Headers.of(lower)
    headers["X-Tenant"] = "acme"

    assert {"accept": "text/plain", "x-tenant": "acme"} == lower


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://h.example", ("https://h.example", "h.example", "")),
        ("https://h.example/", ("https://h.example", "h.example", "")),
        ("HTTPS://H.Example:443/a/b/", ("https://h.example/a/b", "h.example", "/a/b")),
        ("http://h.example:80", ("http://h.example", "h.example", "")),
        ("https://h.example:80", ("https://h.example:80", "h.example:80", "")),
        ("http://h.example:1/v1", ("http://h.example:1/v1", "h.example:1", "/v1")),
        ("http://127.0.0.1:1", ("http://127.0.0.1:1", "127.0.0.1:1", "")),
        ("http://[::1]:8080", ("http://[::1]:8080", "[::1]:8080", "")),
        ("https://[FD00::1]", ("https://[fd00::1]", "[fd00::1]", "")),
        ("https://h.example./", ("https://h.example.", "h.example", "")),
        ("https://h.example.:1", ("https://h.example.:1", "h.example:1", "")),
    ],
)  # fmt: skip
def test_an_endpoint_has_a_host_and_a_prefix(
    url: str, expected: tuple[str, str, str]
) -> None:
    endpoint = Endpoint(url)

    assert expected == (endpoint.url, endpoint.host, endpoint.prefix)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "h.example",
        "//h.example",
        "ftp://h.example",
        "https://",
        "https:///path",
        "https://:443",
        "https://h..example",
        "https://-_.example!/",
        f"https://{'a' * 64}.example",
        "https://h.example/a b",
        "https://h.example\r\n/",
        "https://h.exämple",
        "https://[v1.x]",
    ],
)
def test_a_url_of_another_form_is_refused(url: str) -> None:
    with pytest.raises(EndpointResolutionError, match=re.escape(repr(url))):
        Endpoint(url)


@pytest.mark.parametrize(
    "url", ["https://h.example:port", "https://h.example:65536", "https://[::1"]
)
def test_an_invalid_url_is_refused(url: str) -> None:
    with pytest.raises(EndpointResolutionError, match=re.escape(repr(url))) as caught:
        Endpoint(url)

    assert isinstance(caught.value.__cause__, ValueError)


@pytest.mark.parametrize(
    "url", ["https://h.example?a=b", "https://h.example/#top", "https://h.example/?"]
)
def test_a_query_or_fragment_is_refused(url: str) -> None:
    with pytest.raises(EndpointResolutionError, match="query or fragment"):
        Endpoint(url)


@pytest.mark.parametrize(
    "url", ["https://me:a-secret@h.example", "me:a-secret@h.example", "https://me@[::1"]
)
def test_user_info_is_refused_and_not_shown(url: str) -> None:
    with pytest.raises(EndpointResolutionError, match="user info") as caught:
        Endpoint(url)

    assert "a-secret" not in str(caught.value)


def test_endpoints_are_compared_by_value() -> None:
    assert Endpoint("https://h.example/") == Endpoint("https://H.example:443")
    assert Endpoint("https://h.example") != Endpoint(
        "https://h.example", signing_region="us-east-1"
    )


def test_the_default_timeouts() -> None:
    timeouts = Timeouts()

    assert (5.0, 60.0, 70.0) == (timeouts.connect, timeouts.pool, timeouts.read)


def test_a_url_is_endpoint_path_and_query() -> None:
    request = Request(path="/endpoints/m/invocations", endpoint=Endpoint("http://h/v1"))

    plain = request.url
    request.query = "a=b"

    assert "http://h/v1/endpoints/m/invocations" == plain
    assert "http://h/v1/endpoints/m/invocations?a=b" == request.url
    assert "/v1/endpoints/m/invocations" == request.full_path


def test_a_request_without_endpoint_has_no_url() -> None:
    request = Request(path="/a")

    with pytest.raises(EndpointResolutionError, match="ResolveEndpointV2"):
        _ = request.url
    assert "/a" == request.full_path


def test_a_copy_of_a_request_has_independent_headers() -> None:
    request = Request(
        method="PUT",
        path="/a",
        query="b=c",
        headers=Headers({"Accept": "*/*"}),
        body=b"abc",
        endpoint=Endpoint("http://h"),
        payload_hash="00",
        timeouts=Timeouts(read=1.0),
        deadline=2.0,
    )

    copy = request.copy()

    slots = {n: getattr(copy, n) for n in Request.__slots__ if n != "__weakref__"}
    assert slots == {name: getattr(request, name) for name in slots}
    assert copy.body is request.body
    assert copy.headers is not request.headers


def test_reprs_omit_bodies() -> None:
    shown = repr(Request(body=b"a-secret")) + repr(response(200, None, b"a-secret"))

    assert "a-secret" not in shown


def test_a_request_that_was_handed_on_knows_its_last_copy() -> None:
    request = Request(headers=Headers({"a": "1"}))
    first = request.hand_on()
    second = request.hand_on()
    last = second.hand_on()
    last.headers["a"] = "2"

    assert "2" == request.as_sent.headers["a"]
    assert ["1", "1", "1"] == [r.headers["a"] for r in (request, first, second)]
    assert (last, first) == (request.as_sent, first.as_sent)
    assert request.copy().as_sent is not last
