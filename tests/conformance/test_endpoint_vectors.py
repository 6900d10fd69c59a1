"""Endpoint rules and partitions, by the published data of the service."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sagemaker_rt.errors import EndpointResolutionError
from sagemaker_rt.sansio.endpoints import PARTITIONS, partition_of, resolve_endpoint
from tests.conformance.vectors import entries, vectors


def cases() -> list[Any]:
    files = entries("endpoints", "endpoint-tests-1.json")
    return [
        pytest.param(case, id=case["documentation"])
        for file in files
        for case in json.loads(file.read_text())["testCases"]
    ]


def http2_cases() -> list[Any]:
    files = entries("bidirectional", "sagemaker-runtime-http2.smithy.json")
    return [
        pytest.param(case, id=case["documentation"])
        for file in files
        for shape in json.loads(file.read_text())["shapes"].values()
        if shape["type"] == "service"
        for case in shape["traits"]["smithy.rules#endpointTests"]["testCases"]
    ]


def partitions(path: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(path.read_text())["partitions"]
    return found


@pytest.mark.parametrize("case", cases())
def test_parameters_resolve_to_the_url_or_error(case: dict[str, Any]) -> None:
    params, expected = case["params"], case["expect"]

    try:
        outcome = resolve_endpoint(
            params.get("Region"),
            use_fips=params["UseFIPS"],
            use_dualstack=params["UseDualStack"],
            endpoint_url=params.get("Endpoint"),
        ).url
    except EndpointResolutionError as error:
        outcome = str(error).partition(";")[0]

    assert (expected.get("error") or expected["endpoint"]["url"]) == outcome


@pytest.mark.parametrize("case", http2_cases())
def test_parameters_of_http2_resolve_to_the_url_or_error(case: dict[str, Any]) -> None:
    params, expected = case.get("params", {}), case["expect"]

    try:
        outcome = resolve_endpoint(
            params.get("Region"),
            use_fips=params.get("UseFIPS", False),
            use_dualstack=params.get("UseDualStack", False),
            endpoint_url=params.get("Endpoint"),
            is_http2=True,
        ).url
    except EndpointResolutionError as error:
        outcome = str(error).partition(";")[0]

    assert (expected.get("error") or expected["endpoint"]["url"]) == outcome


def test_all_cases_are_read() -> None:
    vectors("endpoints")

    assert 31 == len(cases())
    assert 26 == len(http2_cases())


def test_the_partitions_are_the_published_ones() -> None:
    published = partitions(vectors("endpoints/partitions.json"))

    assert [
        (
            partition["id"],
            partition["outputs"]["dnsSuffix"],
            partition["outputs"]["dualStackDnsSuffix"],
            partition["outputs"]["supportsFIPS"],
            partition["outputs"]["supportsDualStack"],
            partition["regionRegex"].replace(r"\-", "-").strip("^$"),
        )
        for partition in published
    ] == [
        (
            partition.id,
            partition.dns_suffix,
            partition.dualstack_suffix,
            partition.supports_fips,
            partition.supports_dualstack,
            partition.region_pattern,
        )
        for partition in PARTITIONS
    ]


def test_the_global_regions_are_the_published_ones() -> None:
    published = partitions(vectors("endpoints/partitions.json"))

    assert {
        partition["id"]: f"{partition['id']}-global" in partition["regions"]
        for partition in published
    } == {partition.id: partition.has_global_region for partition in PARTITIONS}


def test_each_published_region_belongs_to_its_partition() -> None:
    published = partitions(vectors("endpoints/partitions.json"))
    regions = {
        region: partition["id"]
        for partition in published
        for region in partition["regions"]
    }

    assert regions == {region: partition_of(region).id for region in regions}
