from __future__ import annotations

import json

from sagemaker_rt.emulator.responses import error_answer, refusal


def test_an_error_names_itself_in_a_header_and_its_message_in_the_body() -> None:
    answer = error_answer("ValidationError", 400, "no such thing")

    assert 400 == answer.status
    assert "ValidationError" == answer.headers["x-amzn-errortype"]
    assert {"message": "no such thing"} == json.loads(answer.body)


def test_an_error_has_headers_and_members_of_its_own() -> None:
    answer = error_answer(
        "Odd", 499, None, headers={"x-odd": "yes"}, members={"Oddness": 3}
    )

    assert "yes" == answer.headers["x-odd"]
    assert {"message": None, "Oddness": 3} == json.loads(answer.body)


def test_a_refusal_is_a_validation_error_by_default() -> None:
    refused = refusal("no")

    assert 400 == refused.answer.status
    assert "ValidationError" == refused.answer.headers["x-amzn-errortype"]
