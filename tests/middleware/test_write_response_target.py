from __future__ import annotations

import io
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import pytest

from sagemaker_rt.context import Context
from sagemaker_rt.errors import ResponseTargetError
from sagemaker_rt.http import Headers, Request, Response, ResponseBody
from sagemaker_rt.interfaces import ResponseTarget
from sagemaker_rt.middleware.write_response_target import WriteResponseTarget
from sagemaker_rt.stack import DeserializeInput, Output
from tests.doubles import BufferedBody, Wire

CONTEXT: Final = Context("InvokeEndpoint")
CHUNKS: Final = (b"one", b"two!", b"x")
WHOLE: Final = b"".join(CHUNKS)


class Plain(BufferedBody):
    """A body whose chunks do not come from a generator."""

    def iter_chunks(self) -> AsyncIterator[bytes]:
        return self

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        if not self.chunks:
            raise StopAsyncIteration
        chunk, *rest = self.chunks
        self.chunks = tuple(rest)
        return chunk


async def passing(
    body: ResponseBody, target: ResponseTarget, *, status: int = 200
) -> ResponseBody:
    """Return the body that the middleware makes of *body*."""
    response = Response(status, Headers(), body)
    wire = Wire[DeserializeInput](Output(response=response))

    output = await WriteResponseTarget(target)(
        CONTEXT, DeserializeInput(Request()), wire
    )

    assert output.response is response
    return response.body


@pytest.mark.parametrize("kind", [BufferedBody, Plain])
async def test_reading_the_body_writes_it_to_the_target(
    kind: type[BufferedBody],
) -> None:
    file = io.BytesIO()
    body = await passing(kind(*CHUNKS), file)
    assert b"" == file.getvalue()

    assert body.read_nowait() is None
    assert b"" == await body.read(1)

    assert WHOLE == file.getvalue()


async def test_the_chunks_can_be_read() -> None:
    file = io.BytesIO()
    body = await passing(BufferedBody(*CHUNKS), file)

    assert list(CHUNKS) == [chunk async for chunk in body.iter_chunks()]
    assert b"" == file.getvalue()


async def test_release_is_passed_on() -> None:
    inner = BufferedBody()

    (await passing(inner, io.BytesIO())).release()

    assert inner.is_released


@pytest.mark.parametrize("status", [199, 300, 400, 503])
async def test_the_body_of_an_error_is_not_written(status: int) -> None:
    inner = BufferedBody(*CHUNKS)

    assert inner is await passing(inner, io.BytesIO(), status=status)


async def test_an_output_without_a_response_is_passed_on() -> None:
    wire = Wire[DeserializeInput](Output(result="known"))

    output = await WriteResponseTarget(io.BytesIO())(
        CONTEXT, DeserializeInput(Request()), wire
    )

    assert "known" == output.result


async def test_a_target_that_cannot_be_written_fails_before_sending(
    tmp_path: Path,
) -> None:
    wire = Wire[DeserializeInput]()

    with pytest.raises(ResponseTargetError) as caught:
        await WriteResponseTarget(tmp_path)(CONTEXT, DeserializeInput(Request()), wire)

    assert [] == wire.inputs
    error = caught.value
    assert (False, False) == (error.request_sent, error.may_have_executed)
    assert not error.counts_as_attempt


async def test_a_target_that_fails_later_says_that_the_model_has_run(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    body = await passing(BufferedBody(*CHUNKS), folder / "answer")
    folder.rmdir()

    with pytest.raises(ResponseTargetError) as caught:
        await body.read(1)

    error = caught.value
    assert (True, True, False) == (
        error.request_sent,
        error.may_have_executed,
        error.is_retryable,
    )
