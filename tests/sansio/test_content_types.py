"""Media types and charsets of content types."""

from __future__ import annotations

import pytest

from sagemaker_rt.sansio.content_types import charset_of, media_type_of


@pytest.mark.parametrize(
    ("content_type", "media_type", "charset"),
    [
        (None, "", "utf-8"),
        ("", "", "utf-8"),
        ("application/json", "application/json", "utf-8"),
        ("Text/CSV ; Charset=Latin-1", "text/csv", "latin-1"),
        ('text/plain; a=b; charset="utf-16"', "text/plain", "utf-16"),
        ("text/plain;charset = cp1252;x=y", "text/plain", "cp1252"),
        ("text/plain; charset=", "text/plain", "utf-8"),
    ],
)
def test_a_content_type_has_a_media_type_and_a_charset(
    content_type: str | None, media_type: str, charset: str
) -> None:
    assert (media_type, charset) == (
        media_type_of(content_type),
        charset_of(content_type),
    )
