"""Objects in S3, and the handler of requests; test_s3_client has the requests."""

from __future__ import annotations

from typing import Any

import pytest

from sagemaker_rt.context import Context, Metadata
from sagemaker_rt.errors import (
    OptionsError,
    ResponseTooLargeError,
    S3Error,
    TruncatedBodyError,
)
from sagemaker_rt.http import Endpoint, Headers, Response
from sagemaker_rt.identity import AnonymousCredentials
from sagemaker_rt.inference.s3_requests import S3Object, S3Request, compile_s3
from sagemaker_rt.options import Options
from sagemaker_rt.sansio.s3_addresses import S3Location
from sagemaker_rt.stack import InitializeInput, Output
from tests.doubles import BufferedBody, ScriptedHTTPClient, response

KEY = S3Location("bucket", "key")


class SlowBody(BufferedBody):
    """A body that has not been received with the headers."""

    def read_nowait(self) -> bytes | None:
        return None


async def sent(
    answer: Response, *, may_be_missing: bool = True, **fields: Any
) -> Output:
    """Return the output of a request that gets *answer*."""
    options = Options(
        credentials=AnonymousCredentials(),
        http_client=ScriptedHTTPClient(answer),
        **fields,
    )
    request = S3Request(
        method="GET",
        location=KEY,
        endpoint=Endpoint("https://s3.example"),
        path="/bucket/key",
        may_be_missing=may_be_missing,
    )
    return await compile_s3(options)(Context("GetObject"), InitializeInput(request))


def stored(body: BufferedBody, **headers: str) -> S3Object:
    named = Headers({name.replace("_", "-"): text for name, text in headers.items()})
    return S3Object(KEY, Response(200, named, body), Metadata())


@pytest.mark.parametrize("kind", [BufferedBody, SlowBody])
async def test_content_is_read_and_the_connection_released(
    kind: type[BufferedBody],
) -> None:
    body = kind(b"ab", b"c")

    assert b"abc" == await stored(body).read(3)
    assert body.is_released


async def test_content_over_the_limit_is_an_error() -> None:
    body = BufferedBody(b"abc")

    with pytest.raises(ResponseTooLargeError):
        await stored(body).read(2)

    assert body.is_released


async def test_content_is_iterated() -> None:
    body = BufferedBody(b"ab", b"c")
    object = stored(body)

    chunks = [chunk async for chunk in object.iter_chunks()]
    object.release()

    assert [b"ab", b"c"] == chunks
    assert body.is_released


@pytest.mark.parametrize(
    ("length", "size"), [("3", 3), ("", None), ("-1", None), ("x", None)]
)
def test_the_size_is_that_of_the_headers(length: str, size: int | None) -> None:
    assert size == stored(BufferedBody(), content_length=length).size


def test_the_repr_has_no_content() -> None:
    assert "secret" not in repr(stored(BufferedBody(b"secret"), x_amz_meta="secret"))


class BrokenBody(SlowBody):
    """A body that cannot be read."""

    async def read(self, limit: int) -> bytes:
        message = "the connection was lost"
        raise TruncatedBodyError(message)


@pytest.mark.parametrize(
    ("kind", "code"), [(SlowBody, "NoSuchBucket"), (BrokenBody, "NotFound")]
)
async def test_an_error_response_is_read_if_possible(
    kind: type[BufferedBody], code: str
) -> None:
    body = kind(b"<Code>NoSuchBucket</Code>")
    answer = Response(404, Headers(), body)

    with pytest.raises(S3Error) as raised:
        await sent(answer, may_be_missing=False)

    assert code == raised.value.code
    assert body.is_released


@pytest.mark.parametrize(
    "options",
    [
        Options(credentials=AnonymousCredentials()),
        Options(http_client=ScriptedHTTPClient()),
    ],
)
def test_credentials_and_an_http_client_are_required(options: Options) -> None:
    with pytest.raises(OptionsError):
        compile_s3(options)


async def test_the_skew_of_the_clock_may_stay_uncorrected() -> None:
    skewed = response(
        403,
        {"date": "Fri, 01 Jan 2100 00:00:00 GMT"},
        b"<Code>RequestTimeTooSkewed</Code>",
    )

    with pytest.raises(S3Error) as raised:
        await sent(skewed, correct_clock_skew=False)

    assert "RequestTimeTooSkewed" == raised.value.code


@pytest.mark.parametrize("start", [b"", b" \n", b'<?xml version="1.0"?>\n'])
async def test_an_error_with_the_status_200_is_raised(start: bytes) -> None:
    body = start + b"<Error><Code>SlowDown</Code></Error>"
    options = Options(
        credentials=AnonymousCredentials(),
        http_client=ScriptedHTTPClient(response(200, {}, body)),
        max_attempts=1,
    )
    request = S3Request(
        method="POST",
        location=KEY,
        endpoint=Endpoint("https://s3.example"),
        path="/bucket/key",
        is_document=True,
    )

    with pytest.raises(S3Error) as raised:
        await compile_s3(options)(
            Context("CompleteMultipartUpload"), InitializeInput(request)
        )

    assert ("SlowDown", 500, KEY.uri) == (
        raised.value.code,
        raised.value.http_status,
        raised.value.location,
    )
