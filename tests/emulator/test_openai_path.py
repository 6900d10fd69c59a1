from __future__ import annotations

import json

import pytest

from sagemaker_rt.emulator.faults import html_error
from sagemaker_rt.emulator.openai_path import component_in, in_openai_format
from sagemaker_rt.emulator.responses import error_answer


@pytest.mark.parametrize(
    ("path", "component"),
    [
        ("/endpoints/e/openai/v1/chat/completions", None),
        ("/endpoints/e/inference-components/c/openai/v1/chat/completions", "c"),
        ("/endpoints/e/inference-components/c%2Dd/openai/v1/chat", "c-d"),
    ],
)
def test_the_path_names_the_inference_component(
    path: str, component: str | None
) -> None:
    assert component == component_in(path)


@pytest.mark.parametrize(
    ("code", "status", "document"),
    [
        (
            "ValidationError",
            400,
            {
                "message": "no",
                "type": "invalid_request_error",
                "code": "validation_error",
            },
        ),
        (
            "ThrottlingException",
            429,
            {
                "message": "no",
                "type": "invalid_request_error",
                "code": "throttling_exception",
            },
        ),
    ],
)
def test_an_error_has_the_format_of_openai(
    code: str, status: int, document: object
) -> None:
    answer = error_answer(code, status, "no", headers={"x-amz-retry-after": "1"})

    converted = in_openai_format(answer)

    assert status == converted.status
    assert {"error": document} == json.loads(converted.body)
    assert {
        "Content-Type": "application/json",
        "x-amz-retry-after": "1",
    } == converted.headers


@pytest.mark.parametrize(("original", "status"), [(503, 503), (0, 424)])
def test_a_model_error_has_the_status_of_the_container(
    original: int, status: int
) -> None:
    members = {"OriginalStatusCode": original}
    answer = error_answer("ModelError", 424, "no", members=members)

    converted = in_openai_format(answer)

    assert status == converted.status
    assert "model_error" == json.loads(converted.body)["error"]["code"]


def test_an_answer_without_an_error_code_is_unchanged() -> None:
    answer = html_error()

    assert answer is in_openai_format(answer)
