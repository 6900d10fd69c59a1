from __future__ import annotations

import pytest

from sagemaker_rt.sansio.openai_errors import openai_error, openai_service_error


def test_an_error_of_a_container_keeps_its_words() -> None:
    document = openai_error("too long", type="BadRequestError", code=400)

    expected = {"message": "too long", "type": "BadRequestError", "code": 400}
    assert {"error": expected} == document


@pytest.mark.parametrize(
    ("code", "status", "name", "type"),
    [
        ("ValidationError", 400, "validation_error", "invalid_request_error"),
        ("ModelError", 400, "model_error", "server_error"),
        ("ModelNotReadyException", 429, "model_not_ready_exception", None),
        ("ServiceUnavailable", 503, "service_unavailable", "server_error"),
        ("InternalFailure", 500, "internal_failure", "server_error"),
        ("", 499, "", "invalid_request_error"),
    ],
)
def test_an_error_of_the_service_has_its_name_and_type(
    code: str, status: int, name: str, type: str | None
) -> None:
    document = openai_service_error("no", code=code, status=status)

    kind = type or "invalid_request_error"
    assert {"error": {"message": "no", "type": kind, "code": name}} == document
