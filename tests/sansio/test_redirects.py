from __future__ import annotations

import pytest

from sagemaker_rt.sansio.redirects import Target, followed

HERE = "https://a.example/x/endpoints/m/invocations?p=q"


@pytest.mark.parametrize(
    ("location", "target"),
    [
        ("/y", Target("https://a.example", "/y", "")),
        ("?z", Target("https://a.example", "/x/endpoints/m/invocations", "z")),
        ("../y", Target("https://a.example", "/x/endpoints/y", "")),
        ("https://a.example", Target("https://a.example", "/", "")),
        ("https://A.Example/y", Target("https://A.Example", "/y", "")),
        ("https://a.example./y", Target("https://a.example.", "/y", "")),
        ("//b.a.example/y", Target("https://b.a.example", "/y", "")),
        ("https://c.b.a.example/y?z#f", Target("https://c.b.a.example", "/y", "z")),
        (
            "https://a.example:8443/%C3%A4",
            Target("https://a.example:8443", "/%C3%A4", ""),
        ),
    ],
)
@pytest.mark.parametrize("status", [307, 308])
def test_a_redirect_within_a_host_is_followed(
    status: int, location: str, target: Target
) -> None:
    assert target == followed(status, location, url=HERE)


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
def test_a_redirect_elsewhere_is_not_followed(location: str) -> None:
    assert None is followed(307, location, url=HERE)


@pytest.mark.parametrize("status", [200, 300, 301, 302, 303, 304, 305, 306, 309])
def test_other_answers_are_no_redirects_that_keep_a_body(status: int) -> None:
    assert None is followed(status, "/y", url=HERE)


@pytest.mark.parametrize(
    ("here", "location", "is_followed"),
    [
        ("http://127.0.0.1:1/", "http://127.0.0.1:2/", True),
        ("http://127.0.0.1:1/", "https://127.0.0.1:2/", True),
        ("http://127.0.0.1:1/", "http://b.127.0.0.1/", False),
        ("http://[::1]:1/", "http://[::1]:2/", True),
        ("http://[::1]:1/", "http://[::2]:1/", False),
        ("http://localhost/", "http://b.localhost:2/", True),
    ],
)
def test_an_address_has_nothing_below_it(
    here: str, location: str, *, is_followed: bool
) -> None:
    assert is_followed == (followed(307, location, url=here) is not None)
