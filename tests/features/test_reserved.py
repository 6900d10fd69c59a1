"""What is not there, and is known not to be."""

from __future__ import annotations

import boto3
import pytest

from sagemaker_rt import Client, OptionsError
from sagemaker_rt.operations import OPERATIONS


def test_the_reserved_operation_is_refused_by_its_name() -> None:
    with pytest.raises(OptionsError, match="no operation"):
        Client().stack("InvokeEndpointWithBidirectionalStream")


def test_no_operation_has_pages() -> None:
    peer = boto3.client("sagemaker-runtime", region_name="us-east-1")

    methods = [peer.meta.method_to_api_mapping.items()]

    assert OPERATIONS.keys() == {name for pairs in methods for _, name in pairs}
    assert not any(
        peer.can_paginate(method) for pairs in methods for method, _ in pairs
    )
    assert [] == peer.waiter_names
