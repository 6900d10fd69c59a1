"""What attrs says of values already: lenses, constructors, copies."""

from __future__ import annotations

from operator import attrgetter

import attrs
import pytest

from sagemaker_rt import (
    Client,
    InvokeEndpointInput,
    InvokeEndpointOutput,
    Options,
    ParamValidationError,
    with_options,
)
from sagemaker_rt.context import HTTP_STATUS, Metadata


def test_a_smart_constructor_is_the_class() -> None:
    params = InvokeEndpointInput(endpoint_name="my-endpoint", body=b"hi")

    optional = attrs.asdict(params)
    del optional["endpoint_name"], optional["body"]

    assert {None} == set(optional.values())


def test_what_is_required_is_missed_by_the_class() -> None:
    with pytest.raises(TypeError, match="body"):
        InvokeEndpointInput(endpoint_name="my-endpoint")  # type: ignore[call-arg] # that


def test_a_response_is_made_by_its_class() -> None:
    metadata = Metadata({HTTP_STATUS: 200})

    output = InvokeEndpointOutput(body=b"hi", metadata=metadata)

    assert (b"hi", 200) == (output.body, output.http_status)


def test_a_lens_sets_by_evolve_and_gets_by_attribute() -> None:
    params = InvokeEndpointInput(endpoint_name="my-endpoint", body=b"hi")
    accept = attrgetter("accept")

    changed = attrs.evolve(params, accept="application/json")

    assert (None, "application/json") == (accept(params), accept(changed))


def test_a_lens_to_what_is_not_there_is_refused() -> None:
    params = InvokeEndpointInput(endpoint_name="my-endpoint", body=b"hi")

    with pytest.raises(TypeError, match="acept"):
        attrs.evolve(params, acept="application/json")  # type: ignore[call-arg] # that


async def test_a_mapping_is_given_by_its_names(client: Client) -> None:
    defaults = {"endpoint_name": "my-endpoint", "content_type": "text/plain"}

    output = await client.invoke_endpoint(**{**defaults, "body": b"hi"})  # type: ignore[call-overload] # a mapping of names and any values

    assert "text/plain" == output.content_type


async def test_an_unknown_name_is_refused_with_a_hint(client: Client) -> None:
    with pytest.raises(ParamValidationError, match="did you mean 'content_type'"):
        await client.invoke_endpoint(  # type: ignore[call-overload] # that
            endpoint_name="my-endpoint", body=b"", content_typ="text/plain"
        )


def test_options_need_no_copy() -> None:
    ours = Options(region="eu-west-1")

    theirs = with_options(region="eu-west-2")(ours)

    assert ("eu-west-1", "eu-west-2") == (ours.region, theirs.region)
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        ours.region = "eu-west-2"  # type: ignore[misc] # it is frozen
