from __future__ import annotations

import pytest

from sagemaker_rt.sansio.response_framing import (
    framing_problem,
    is_between_responses,
    is_chunked,
)

OK = b"HTTP/1.1 200 OK\r\n"
HINT = b"HTTP/1.1 103 Early Hints\r\n\r\n"


@pytest.mark.parametrize(
    ("status", "codings", "has_length", "is_chunked", "is_empty", "problem"),
    [
        (200, [], True, False, False, None),
        (200, ["chunked"], False, True, False, None),
        (200, ["Chunked"], False, True, False, None),
        (204, [], False, False, True, None),
        (503, [], False, False, False, None),
        (206, [], True, False, False, "is partial"),
        (200, [], False, False, False, "has no length"),
        (200, ["chunked\t"], False, False, False, "has no length"),
        (200, ["chunked"], True, False, False, "has no length"),
        (200, [], False, True, False, "has no length"),
        (200, ["gzip, chunked"], False, True, False, "unrequested transfer coding"),
        (200, ["chunked", "gzip"], False, True, False, "unrequested transfer coding"),
    ],
)
def test_the_end_of_a_body_must_be_recognizable(  # noqa: PLR0913, PLR0917 - a row of a table
    status: int,
    codings: list[str],
    has_length: bool,
    is_chunked: bool,
    is_empty: bool,
    problem: str | None,
) -> None:
    found = framing_problem(
        status,
        codings,
        has_length=has_length,
        is_chunked=is_chunked,
        is_empty=is_empty,
    )

    assert (problem is None) == (found is None)
    assert (problem or "") in (found or "")


@pytest.mark.parametrize("before", [b"", HINT, HINT * 3])
@pytest.mark.parametrize("other", [b"", b"A: b\r\n"])
@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (b"Transfer-Encoding: chunked\r\n", True),
        (b"transfer-encoding:CHUNKED  \r\n", True),
        (b"Transfer-Encoding: \t\r\n chunked\r\n", True),
        (b"Transfer-Encoding: chunked\t\r\n", False),
        (b"Transfer-Encoding: chunked\r\n \r\n", False),
        (b"Transfer-Encoding: chunked\r\n\tgzip\r\n", False),
        (b"Transfer-Encoding: chunked,\r\n", False),
        (b"Transfer-Encoding: xchunked\r\n", False),
        (b"X-Transfer-Encoding: chunked\r\n", False),
        (b"", False),
    ],
)
def test_a_chunked_body_is_recognized_by_its_exact_header(
    before: bytes, other: bytes, header: bytes, *, expected: bool
) -> None:
    for head in (OK + other + header, OK + header + other):
        assert expected == is_chunked(before + head + b"\r\n")
        assert expected == is_chunked(before + head + b"\r\n5\r\nhello\r\n0\r\n\r\n")


def test_neither_interim_responses_nor_bodies_have_the_header() -> None:
    chunked = b"Transfer-Encoding: chunked\r\n\r\n"

    assert not is_chunked(HINT[:-2] + chunked + OK + b"\r\n")
    assert not is_chunked(OK + b"\r\n\r\n" + chunked)
    assert not is_chunked(b"HTTP/1.1 101 Up\r\n\r\n" + OK + chunked)
    assert not is_chunked(b"")


def test_a_response_can_be_inserted_between_responses_only() -> None:
    assert is_between_responses(b"")
    for received in (HINT, HINT + HINT):
        assert is_between_responses(received)
        for end in range(1, len(HINT)):
            assert not is_between_responses(HINT + HINT[:end])
        assert not is_between_responses(received + OK + b"\r\n")
        assert not is_between_responses(received + OK + b"\r\nhello\r\n\r\n")
