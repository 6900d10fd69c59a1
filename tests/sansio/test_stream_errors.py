from __future__ import annotations

from typing import Any

import pytest

from sagemaker_rt.sansio.stream_errors import find_error


@pytest.mark.parametrize(
    ("value", "error"),
    [
        ({"error": "m", "error_type": "t"}, ("m", "t", None)),
        ({"code": 424, "error": "m"}, ("m", None, 424)),
        ({"error": {"message": "m", "type": "t", "code": 400}}, ("m", "t", 400)),
        ({"error": {"message": "m", "http_status_code": 422}}, ("m", None, 422)),
        ({"error": {"error_msg": "m", "error_code": "c"}}, ("m", None, "c")),
        ({"error": {}}, (None, None, None)),
        ({"object": "error", "message": "m", "type": "t"}, ("m", "t", None)),
        ({"type": "error", "error": {"type": "t", "message": "m"}}, ("m", "t", None)),
        ({"type": "error", "code": "c", "message": "m"}, ("m", None, "c")),
        ({"code": 500, "message": "m"}, ("m", None, 500)),
        ({"code": 500, "type": "t", "message": "m"}, ("m", "t", 500)),
        ({"error": ["m", "n"]}, ("m\nn", None, None)),
        ({"error": True, "message": "m", "code": True}, ("m", None, None)),
        ({"error": {"message": 1, "code": None, "type": 1}}, (None, None, None)),
    ],
)
def test_errors_are_found_in_any_format(
    value: dict[str, Any], error: tuple[str | None, str | None, str | int | None]
) -> None:
    found = find_error(value, "message")

    assert found is not None
    assert error == (found.message, found.error_type, found.error_code)
    assert found.raw is value


def test_the_type_of_an_event_shows_an_error() -> None:
    found = find_error({"message": "m"}, "error")

    assert found is not None
    assert found.message == "m"
    detailed = find_error({"detail": "d"}, "error")
    assert detailed is not None
    assert detailed.message == "d"


def test_the_data_of_an_error_event_may_be_text() -> None:
    found = find_error("out of memory", "error")

    assert found is not None
    assert ("out of memory", "out of memory") == (found.message, found.raw)


@pytest.mark.parametrize("value", ["text", None, 1, True])
def test_other_values_are_not_errors(value: object) -> None:
    assert find_error(value, "message") is None


def test_a_number_is_not_the_text_of_an_error() -> None:
    assert find_error(1, "error") is None


@pytest.mark.parametrize(
    "value",
    [
        {},
        {"error": False, "message": "m"},
        {"error": []},
        {"code": True, "message": "m"},
        {"code": 1, "message": {}},
        {"error": None},
        {"error": ""},
        {"message": "m"},
        {"code": "c", "message": "m"},
    ],
)
def test_other_objects_are_not_errors(value: dict[str, Any]) -> None:
    assert find_error(value, "message") is None
