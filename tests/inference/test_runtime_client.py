"""What the conveniences need of a client."""

from __future__ import annotations

from sagemaker_rt import Client
from sagemaker_rt.inference.runtime_client import RuntimeClient


def test_a_client_has_the_operations_that_the_conveniences_need() -> None:
    client: RuntimeClient = Client(region="eu-west-1")

    derived = client.with_options(region="eu-west-2")

    assert "eu-west-2" == derived.options.region
