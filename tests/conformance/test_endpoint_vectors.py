"""The endpoint rules, and the partitions, as the service publishes them."""

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


def partitions(path: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(path.read_text())["partitions"]
    return found


@pytest.mark.parametrize("case", cases())
def test_parameters_lead_to_the_url_or_the_error(case: dict[str, Any]) -> None:
    given, expected = case["params"], case["expect"]

    try:
        outcome = resolve_endpoint(
            given.get("Region"),
            use_fips=given["UseFIPS"],
            use_dualstack=given["UseDualStack"],
            endpoint_url=given.get("Endpoint"),
        ).url
    except EndpointResolutionError as error:
        outcome = str(error).partition(";")[0]

    assert (expected.get("error") or expected["endpoint"]["url"]) == outcome


def test_all_cases_are_there() -> None:
    vectors("endpoints")

    assert 31 == len(cases())


def test_the_table_of_partitions_is_the_published_one() -> None:
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


def test_a_global_region_is_known_where_one_is_published() -> None:
    published = partitions(vectors("endpoints/partitions.json"))

    assert {
        partition["id"]: f"{partition['id']}-global" in partition["regions"]
        for partition in published
    } == {partition.id: partition.has_global_region for partition in PARTITIONS}


def test_every_published_region_is_in_its_partition() -> None:
    published = partitions(vectors("endpoints/partitions.json"))
    regions = {
        region: partition["id"]
        for partition in published
        for region in partition["regions"]
    }

    assert regions == {region: partition_of(region).id for region in regions}
