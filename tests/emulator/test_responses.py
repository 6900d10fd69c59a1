from __future__ import annotations

import json

import pytest

from sagemaker_rt.emulator.responses import (
    error_answer,
    json_document,
    rejection,
)


def test_an_error_has_its_code_in_a_header_and_its_message_in_the_body() -> None:
    answer = error_answer("ValidationError", 400, "no such thing")

    assert 400 == answer.status
    assert "ValidationError" == answer.headers["x-amzn-errortype"]
    assert b'{"Message":"no such thing"}' == answer.body


def test_an_error_may_have_additional_headers_and_members() -> None:
    answer = error_answer(
        "Odd", 499, None, headers={"x-odd": "yes"}, members={"Extra": 3}
    )

    assert "yes" == answer.headers["x-odd"]
    assert {"message": None, "Extra": 3} == json.loads(answer.body)


@pytest.mark.parametrize(
    "code",
    [
        "InternalDependencyException",
        "InternalFailure",
        "ModelError",
        "ModelNotReadyException",
        "ServiceUnavailable",
        "ValidationError",
    ],
)
def test_a_modelled_error_has_the_member_of_its_model(code: str) -> None:
    assert b'{"Message":"m"}' == error_answer(code, 400, "m").body


def test_another_error_has_its_message_in_lower_case() -> None:
    assert b'{"message":"m"}' == error_answer("SlowDown", 503, "m").body


def test_a_document_is_compact_and_sorted() -> None:
    assert b'{"A":1,"b":null}' == json_document({"b": None, "A": 1})


def test_a_rejection_is_a_validation_error_by_default() -> None:
    refused = rejection("no")

    assert 400 == refused.answer.status
    assert "ValidationError" == refused.answer.headers["x-amzn-errortype"]
