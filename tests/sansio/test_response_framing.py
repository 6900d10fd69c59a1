from __future__ import annotations

import pytest

from sagemaker_rt.sansio.response_framing import framing_problem


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
