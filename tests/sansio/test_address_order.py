from __future__ import annotations

import pytest

from sagemaker_rt.sansio.address_order import interleaved


@pytest.mark.parametrize(
    ("addresses", "expected"),
    [
        ([], []),
        (["4a"], ["4a"]),
        (["6a", "6b", "4a", "4b"], ["6a", "4a", "6b", "4b"]),
        (["4a", "4b", "4c", "6a"], ["4a", "6a", "4b", "4c"]),
    ],
)
def test_families_alternate_from_the_first(
    addresses: list[str], expected: list[str]
) -> None:
    assert expected == interleaved(addresses, family=lambda address: address[0])
