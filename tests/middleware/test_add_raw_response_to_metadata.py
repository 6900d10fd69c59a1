from __future__ import annotations

import pytest

from sagemaker_rt.context import RAW_RESPONSE, Context, Metadata
from sagemaker_rt.errors import ConnectError, ServiceUnavailable
from sagemaker_rt.http import Request
from sagemaker_rt.middleware.add_raw_response_to_metadata import (
    AddRawResponseToMetadata,
)
from sagemaker_rt.stack import DeserializeInput, Output
from tests.doubles import Scripted, Wire, response

CONTEXT = Context("InvokeEndpoint")


async def test_the_response_is_in_the_metadata() -> None:
    answer = Output(response=response(200, {"x-more": "1"}))
    wire = Wire[DeserializeInput](answer)

    output = await AddRawResponseToMetadata()(
        CONTEXT, DeserializeInput(Request()), wire
    )

    assert output is answer
    assert output.metadata.raw_response is answer.response


async def test_an_output_without_a_response_has_none() -> None:
    output = await AddRawResponseToMetadata()(
        CONTEXT, DeserializeInput(Request()), Wire[DeserializeInput]()
    )

    assert RAW_RESPONSE not in output.metadata


async def test_the_response_of_an_error_is_in_its_metadata() -> None:
    error = ServiceUnavailable()
    error.response, error.metadata = response(503), Metadata()
    wire = Scripted[DeserializeInput](error)

    with pytest.raises(ServiceUnavailable):
        await AddRawResponseToMetadata()(CONTEXT, DeserializeInput(Request()), wire)

    assert error.metadata.raw_response is error.response


async def test_an_error_without_a_response_has_none() -> None:
    error = ConnectError()
    error.metadata = Metadata()
    wire = Scripted[DeserializeInput](error)

    with pytest.raises(ConnectError):
        await AddRawResponseToMetadata()(CONTEXT, DeserializeInput(Request()), wire)

    assert RAW_RESPONSE not in error.metadata
