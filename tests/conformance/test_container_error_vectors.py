"""Error responses of model containers, and of the service that hands them on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sagemaker_rt.errors import ModelError, ServiceError
from sagemaker_rt.operations import MODELLED_ERRORS
from sagemaker_rt.sansio.error_responses import service_error
from tests.conformance.vectors import entries
from tests.doubles import response


def cases(*, are_documents: bool) -> list[Path]:
    return [
        path
        for path in entries("container-errors", "*.json")
        if path.name.startswith("document-") == are_documents
    ]


def read(path: Path) -> dict[str, Any]:
    vector: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return vector


@pytest.mark.parametrize("path", cases(are_documents=False), ids=lambda path: path.stem)
def test_the_reason_of_a_container_error(path: Path) -> None:
    vector = read(path)
    members = {
        "OriginalStatusCode": vector["original_status_code"],
        "OriginalMessage": vector["original_message"],
    }

    error = ModelError(vector.get("message", ""), details=members)

    assert vector["class"] == error.reason


def facts(error: ServiceError) -> dict[str, Any]:
    names = ("original_status_code", "original_message", "container_name", "log_group")
    members = {name: getattr(error, name, None) for name in names}
    return {
        "error": type(error).__name__,
        **members,
        "class": getattr(error, "reason", None),
    }


@pytest.mark.parametrize("path", cases(are_documents=True), ids=lambda path: path.stem)
def test_the_error_of_a_whole_response(path: Path) -> None:
    vector = read(path)
    expected = vector["expect"]
    expected.pop("retry_later", None)

    error = service_error(
        response(vector["http_status"], vector["headers"]),
        vector["body"].encode(),
        MODELLED_ERRORS,
    )

    assert expected == facts(error)
