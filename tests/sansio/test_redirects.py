from __future__ import annotations

import pytest

from sagemaker_rt.sansio.redirects import RedirectTarget, redirect_target

URL = "https://a.example/x/endpoints/m/invocations?p=q"


@pytest.mark.parametrize(
    ("location", "target"),
    [
        ("/y", RedirectTarget("https://a.example", "/y", "")),
        ("?z", RedirectTarget("https://a.example", "/x/endpoints/m/invocations", "z")),
        ("../y", RedirectTarget("https://a.example", "/x/endpoints/y", "")),
        ("https://a.example", RedirectTarget("https://a.example", "/", "")),
        ("https://A.Example/y", RedirectTarget("https://A.Example", "/y", "")),
        ("https://a.example./y", RedirectTarget("https://a.example.", "/y", "")),
        ("//b.a.example/y", RedirectTarget("https://b.a.example", "/y", "")),
        (
            "https://c.b.a.example/y?z#f",
            RedirectTarget("https://c.b.a.example", "/y", "z"),
        ),
        (
            "https://a.example:8443/%C3%A4",
            RedirectTarget("https://a.example:8443", "/%C3%A4", ""),
        ),
    ],
)
@pytest.mark.parametrize("status", [307, 308])
def test_a_redirect_to_the_same_host_or_a_subdomain_is_followed(
    status: int, location: str, target: RedirectTarget
) -> None:
    assert target == redirect_target(status, location, url=URL)


@pytest.mark.parametrize(
    "location",
    [
        "",
        "https://b.example/",
        "https://ba.example/",
        "https://example/",
        "https://a.example.b.example/",
        "http://a.example/",
        "http://b.a.example/",
        "ftp://a.example/",
        "mailto:a@a.example",
        "javascript:0",
        "https://me@a.example/",
        "https://a.example@b.example/",
        "https://a.example\\@b.example/",
        "https://[/",
        "https://a.example:x/",
        "https://a.example:99999/",
        "/a b",
        "/\n",
        "/ä",
    ],
)
def test_a_redirect_to_another_host_is_not_followed(location: str) -> None:
    assert None is redirect_target(307, location, url=URL)


@pytest.mark.parametrize("status", [200, 300, 301, 302, 303, 304, 305, 306, 309])
def test_other_statuses_are_not_followed(status: int) -> None:
    assert None is redirect_target(status, "/y", url=URL)


@pytest.mark.parametrize(
    ("url", "location", "is_followed"),
    [
        ("http://127.0.0.1:1/", "http://127.0.0.1:2/", True),
        ("http://127.0.0.1:1/", "https://127.0.0.1:2/", True),
        ("http://127.0.0.1:1/", "http://b.127.0.0.1/", False),
        ("http://[::1]:1/", "http://[::1]:2/", True),
        ("http://[::1]:1/", "http://[::2]:1/", False),
        ("http://localhost/", "http://b.localhost:2/", True),
    ],
)
def test_an_ip_address_has_no_subdomains(
    url: str, location: str, *, is_followed: bool
) -> None:
    assert is_followed == (redirect_target(307, location, url=url) is not None)
