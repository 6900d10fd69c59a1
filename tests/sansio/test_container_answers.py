from __future__ import annotations

import json

import pytest

from sagemaker_rt.sansio.container_answers import ContainerAnswer, read_answer

SHAPES: dict[str, tuple[str, ContainerAnswer]] = {
    "openai": (
        '{"error": {"message": "no", "type": "BadRequestError", "code": 404}}',
        ContainerAnswer((404, 500), "no", frozenset({"badrequesterror"})),
    ),
    "openai, with a code that is a string": (
        '{"error": {"message": "no", "type": "a", "code": "Too_Long"}}',
        ContainerAnswer((500,), "no", frozenset({"a", "too_long"})),
    ),
    "flat": (
        '{"object": "error", "message": "no", "type": "X", "code": 400}',
        ContainerAnswer((400, 500), "no", frozenset({"x"})),
    ),
    "tgi": (
        '{"error": "no", "error_type": "overloaded"}',
        ContainerAnswer((500,), "no", frozenset({"overloaded"})),
    ),
    "lmi": (
        '{"code": 424, "message": "failure", "error": "no"}',
        ContainerAnswer((424, 500), "no\nfailure", frozenset()),
    ),
    "detail": ('{"detail": "no"}', ContainerAnswer((500,), "no", frozenset())),
    "detail with problems": (
        '{"detail": [{"loc": ["body"], "msg": "no", "type": "missing"}]}',
        ContainerAnswer((500,), "no", frozenset({"missing"}), lists_problems=True),
    ),
    "a document in a document": (
        json.dumps({"message": '{"error": {"message": "no", "type": "A"}}'}),
        ContainerAnswer((500,), "no", frozenset({"a"})),
    ),
    "a text like a document": (
        json.dumps({"error": "{no}"}),
        ContainerAnswer((500,), "{no}", frozenset()),
    ),
    "a list": ('[{"error": "no"}]', ContainerAnswer((500,), "no", frozenset())),
    "a string": ('"no"', ContainerAnswer((500,), "no", frozenset())),
    "a number": ("42", ContainerAnswer((500,), "42", frozenset())),
    "text": ("no\n", ContainerAnswer((500,), "no", frozenset())),
    "empty": ("", ContainerAnswer((500,), "", frozenset())),
    "a cut document": (
        '{"error": {"type": "A", "message": "no, it',
        ContainerAnswer((500,), "no, it", frozenset({"a"})),
    ),
    "a cut document without a text": (
        '{"code": 5',
        ContainerAnswer((500,), '{"code": 5', frozenset()),
    ),
    "a page": (
        "\r\n<html>\r\n<head><title>502 Bad Gateway</title></head></html>",
        ContainerAnswer((500,), "502 Bad Gateway", frozenset(), is_page=True),
    ),
    "a page of Flask": (
        "<!doctype html>\n<html lang=en>\n<h1>Not Found</h1>",
        ContainerAnswer((500,), "Not Found", frozenset(), is_page=True),
    ),
    "a page without a title": (
        "<html></html>",
        ContainerAnswer((500,), "", frozenset(), is_page=True),
    ),
    "a traceback": (
        'no\nTraceback (most recent call last):\n  File "x.py"\nKeyError: 3\n',
        ContainerAnswer((500,), "no\nKeyError: 3", frozenset()),
    ),
    "only a traceback": (
        'Traceback (most recent call last):\n  File "x.py"\nKeyError: 3',
        ContainerAnswer((500,), "KeyError: 3", frozenset()),
    ),
    "the title of a traceback": (
        "Traceback (most recent call last):",
        ContainerAnswer((500,), "", frozenset()),
    ),
    "values that are not errors": (
        '{"error": 5, "message": null, "type": 3, "code": true, "status": 200}',
        ContainerAnswer((500,), "", frozenset()),
    ),
}


@pytest.mark.parametrize("name", SHAPES)
def test_the_shapes_of_error_responses(name: str) -> None:
    body, expected = SHAPES[name]

    assert expected == read_answer(500, body)


def test_the_status_may_be_unknown() -> None:
    assert ContainerAnswer((), "no", frozenset()) == read_answer(None, "no")


@pytest.mark.parametrize("body", ["[" * 100_000, '{"error":' * 100_000, "{" * 100_000])
def test_a_body_that_is_nested_deeply_is_a_text(body: str) -> None:
    assert read_answer(500, body).text.startswith(body[:4])


def test_errors_in_errors_are_read_to_a_limit() -> None:
    body = '{"error":' * 10 + '"no"' + "}" * 10

    assert ContainerAnswer((500,), "", frozenset()) == read_answer(500, body)


def test_a_long_text_loses_its_middle() -> None:
    answer = read_answer(500, "a" + "x" * 100_000 + "z")

    assert ("a", "z") == (answer.text[0], answer.text[-1])
    assert 20_000 > len(answer.text)


@pytest.mark.parametrize(
    "text",
    [
        "Field required [type=missing, input_value={'p': 'SECRET'}, input_type=dict]",
        "[{'msg': 'Field required', 'input': {'p': 'SECRET'}, 'url': 'https'}]",
        "[{'msg': 'Field required', 'input': {'p': 'SECRET'}}]",
        "[{'msg': 'Field required', 'input': 'SECRET",
    ],
)
def test_the_input_that_a_validation_error_quotes_is_left_out(text: str) -> None:
    answer = read_answer(400, text)

    assert "Field required" in answer.text
    assert "SECRET" not in answer.text
