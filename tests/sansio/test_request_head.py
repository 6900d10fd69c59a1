from __future__ import annotations

import pytest

from sagemaker_rt.sansio.request_head import _MAX_TEMPLATES, RequestHeads


def test_a_head_has_start_line_and_headers_in_order() -> None:
    heads = RequestHeads()

    for path in ("/a", "/%s%d"):
        head = heads.render(f"POST {path}", {"host": "h", "x-100%": "50%s"})

        expected = f"POST {path} HTTP/1.1\r\nhost: h\r\nx-100%: 50%s\r\n\r\n"
        assert expected.encode() == head


def test_text_is_encoded_as_utf_8() -> None:
    head = RequestHeads().render("GET /", {"a": "ü"})

    assert head is not None
    assert "ü".encode() in head


@pytest.mark.parametrize("bad", ["\r", "\n", "\r\n", "\0", "\r\n\r\n", "\ud800"])
def test_what_could_inject_another_header_is_refused(bad: str) -> None:
    heads = RequestHeads()

    assert heads.render(f"POST /{bad}", {"a": "b"}) is None
    assert heads.render("POST /", {"a": f"b{bad}c"}) is None
    assert heads.render("POST /", {f"a{bad}": "b"}) is None


def test_templates_are_not_remembered_without_limit() -> None:
    heads = RequestHeads()

    for number in range(2 * _MAX_TEMPLATES):
        heads.render("GET /", {f"x-{number}": "a"})

    assert _MAX_TEMPLATES >= len(heads._templates)
