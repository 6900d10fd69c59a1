from __future__ import annotations

import pytest

from sagemaker_rt.sansio import response_head
from sagemaker_rt.sansio.response_head import (
    RawHeaders,
    head_problem,
    read_headers,
    values,
)

LENGTH = (b"Content-Length", b"5")


def problem_of(status: int, version: str, raw: RawHeaders) -> str | None:
    return head_problem(status, version, raw, read_headers(raw), size=1 << 14)


@pytest.mark.parametrize(
    ("status", "version", "headers"),
    [
        (200, "1.1", [LENGTH]),
        (999, "1.0", []),
        (100, "1.1", [(b"a", b"\xff\x01")] * 128),
        (200, "1.1", [(b"a", b"b" * 8189)]),
    ],
)
def test_a_valid_head_has_no_problem(
    status: int, version: str, headers: RawHeaders
) -> None:
    assert problem_of(status, version, headers) is None


@pytest.mark.parametrize(
    ("status", "version", "headers", "problem"),
    [
        (0, "1.1", [], "Bad status line"),
        (1000, "1.1", [], "Bad status line"),
        (200, "2.0", [], "Bad status line"),
        (200, "0.9", [], "Bad status line"),
        (200, "1.1", [(b"a", b"b")] * 129, "more than 128"),
        (200, "1.1", [(b"a", b"b" * 8190)], "more than 8190"),
        (200, "1.1", [(b"a", b"b\0c")], "NUL"),
        (200, "1.1", [LENGTH, (b"content-length", b"5")], "Duplicate"),
    ],
)
def test_an_invalid_head_is_explained_without_its_content(
    status: int, version: str, headers: RawHeaders, problem: str
) -> None:
    found = problem_of(status, version, headers)

    assert found is not None
    assert problem in found
    assert "bbb" not in found


def test_a_few_bytes_have_no_large_header() -> None:
    assert head_problem(200, "1.1", [], {}, size=8190) is None
    assert head_problem(200, "1.1", [], {}, size=8191) is None


def test_the_values_of_one_header_are_found_by_any_case() -> None:
    headers = [(b"Set-Cookie", b"a"), (b"x", b"y"), (b"set-cookie", b"b")]

    assert ["a", "b"] == values(headers, b"set-cookie")


def test_headers_are_joined_by_lower_case_name() -> None:
    headers = [
        (b"Set-Cookie", b"a"),
        (b"X-Name", "Grüße".encode()),
        (b"set-cookie", b"b \t"),
        (b"x-other", "Grüße".encode("latin-1")),
    ]

    assert {
        "set-cookie": "a, b",
        "x-name": "Grüße",
        "x-other": "Grüße",
    } == read_headers(headers)


def test_names_are_not_remembered_without_limit() -> None:
    for number in range(2 * response_head._MAX_NAMES):
        name = f"X-{number}"
        assert {name.lower(): "a"} == read_headers([(name.encode(), b"a")])

    assert response_head._MAX_NAMES == len(response_head._NAMES)
