from __future__ import annotations

import pytest

from sagemaker_rt.context import REQUEST_ID, Context, Metadata
from sagemaker_rt.errors import ConnectError, SageMakerRuntimeError, ServiceUnavailable
from sagemaker_rt.http import Request
from sagemaker_rt.middleware.request_id_retriever import RequestIDRetriever
from sagemaker_rt.stack import DeserializeInput, Output
from tests.doubles import Scripted, response

CONTEXT = Context("InvokeEndpoint")


async def run(answer: Output | SageMakerRuntimeError) -> Output:
    wire = Scripted[DeserializeInput](answer)
    return await RequestIDRetriever()(CONTEXT, DeserializeInput(Request()), wire)


def failed(headers: dict[str, str]) -> ServiceUnavailable:
    error = ServiceUnavailable()
    error.response, error.metadata = response(503, headers), Metadata()
    return error


@pytest.mark.parametrize("name", ["X-Amzn-RequestId", "x-amz-request-id"])
async def test_the_id_is_in_the_metadata(name: str) -> None:
    answer = Output(response=response(200, {name: "r-1"}))

    output = await run(answer)

    assert output is answer
    assert "r-1" == output.metadata.request_id


@pytest.mark.parametrize("answer", [Output(), Output(response=response())])
async def test_without_an_id_the_metadata_has_none(answer: Output) -> None:
    output = await run(answer)

    assert REQUEST_ID not in output.metadata


async def test_an_error_and_its_metadata_have_the_id() -> None:
    error = failed({"x-amzn-requestid": "r-1"})

    with pytest.raises(ServiceUnavailable):
        await run(error)

    assert ("r-1", "r-1") == (error.request_id, error.metadata.request_id)


async def test_an_error_without_an_id_has_none() -> None:
    error = failed({})

    with pytest.raises(ServiceUnavailable):
        await run(error)

    assert error.request_id is None
    assert REQUEST_ID not in error.metadata


async def test_an_error_without_metadata_has_the_id() -> None:
    error = failed({"x-amzn-requestid": "r-1"})
    del error.metadata

    with pytest.raises(ServiceUnavailable):
        await run(error)

    assert "r-1" == error.request_id


async def test_an_error_without_a_response_is_unchanged() -> None:
    error = ConnectError()

    with pytest.raises(ConnectError):
        await run(error)

    assert error.request_id is None
