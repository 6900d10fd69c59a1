"""Endpoint URLs from environment, profile and services section, as in botocore."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sagemaker_rt.config.config import Config
from sagemaker_rt.options import Options
from sagemaker_rt.sansio.shared_config import parse
from tests.conformance.vectors import entries, vectors

NAME = "profile-tests-sagemaker"
SUITES: list[dict[str, Any]] = [
    suite
    for path in entries("endpoints", f"{NAME}.json")
    for suite in json.loads(path.read_text())["testSuites"]
]
CASES = [(suite, case) for suite in SUITES for case in suite["endpointUrlTests"]]


@pytest.mark.parametrize(
    ("suite", "case"), CASES, ids=[case["name"] for _, case in CASES]
)
def test_the_endpoint_url_is_that_of_botocore(
    suite: dict[str, Any], case: dict[str, Any]
) -> None:
    text = vectors(f"endpoints/{NAME}.config.txt").read_text()
    config = Config(
        suite["environments"][case["environment"]],
        case["profile"],
        parse(text, kind="config", file="config"),
    )
    options = Options(**suite["client_configs"][case["client_config"]])

    actual = config.fill(options).endpoint.endpoint_url

    assert case["output"]["endpointUrl"] == actual


def test_every_case_is_read() -> None:
    vectors("endpoints")

    assert 27 == len(CASES)
