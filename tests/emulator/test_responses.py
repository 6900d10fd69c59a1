from __future__ import annotations

import json

from sagemaker_rt.emulator.responses import error_answer, rejection


def test_an_error_has_its_code_in_a_header_and_its_message_in_the_body() -> None:
    answer = error_answer("ValidationError", 400, "no such thing")

    assert 400 == answer.status
    assert "ValidationError" == answer.headers["x-amzn-errortype"]
    assert {"message": "no such thing"} == json.loads(answer.body)


def test_an_error_may_have_additional_headers_and_members() -> None:
    answer = error_answer(
        "Odd", 499, None, headers={"x-odd": "yes"}, members={"Extra": 3}
    )

    assert "yes" == answer.headers["x-odd"]
    assert {"message": None, "Extra": 3} == json.loads(answer.body)


def test_a_rejection_is_a_validation_error_by_default() -> None:
    refused = rejection("no")

    assert 400 == refused.answer.status
    assert "ValidationError" == refused.answer.headers["x-amzn-errortype"]
