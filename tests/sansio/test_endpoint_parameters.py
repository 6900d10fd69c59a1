from __future__ import annotations

from sagemaker_rt.errors import ConnectError
from sagemaker_rt.sansio.endpoint_parameters import (
    EndpointParameters,
    EndpointResolverOptions,
)


def test_what_differs_between_attempts_is_not_compared() -> None:
    """So that resolvers may cache by parameters."""
    of_client = EndpointParameters(region="us-east-1")
    of_attempt = EndpointParameters(
        region="us-east-1", endpoint_name="m", attempt=2, last_failure=ConnectError()
    )

    assert of_client == of_attempt
    assert hash(of_client) == hash(of_attempt)
    assert of_client != EndpointParameters(region="us-east-2")


def test_the_endpoint_name_is_not_compared() -> None:
    assert EndpointResolverOptions() == EndpointResolverOptions(endpoint_name="m")
