"""Small classes that tests use in place of real components."""

from __future__ import annotations

import asyncio
import io
import threading
from collections.abc import AsyncIterator, Iterable
from typing import Generic, TypeVar

from sagemaker_rt.context import Context
from sagemaker_rt.http import Headers, Request, Response
from sagemaker_rt.identity import Credentials
from sagemaker_rt.stack import Output

__all__ = [
    "BufferedBody",
    "CountingProvider",
    "GatedFile",
    "ManualClock",
    "Scripted",
    "ScriptedHTTPClient",
    "Wire",
    "response",
]

I = TypeVar("I")
T = TypeVar("T")


class ManualClock:
    """A clock that advances when a test says so, or sleeps on it."""

    def __init__(self, now: float = 1_700_000_000.0) -> None:
        self.now = now
        self.sleeps: list[float] = []

    def __call__(self) -> float:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += seconds

    async def sleep(self, seconds: float) -> None:
        self.sleeps.append(seconds)
        self.advance(seconds)


class _Script(Generic[T]):
    """Results in a fixed order; an exception among them is raised."""

    def __init__(self, answers: Iterable[T | BaseException]) -> None:
        self._answers = iter(answers)

    def answer(self) -> T:
        answer = next(self._answers, None)
        assert answer is not None, "called more often than the test has answers"
        if isinstance(answer, BaseException):
            raise answer
        return answer


class Wire(Generic[I]):
    """The end of a stack: keeps contexts and inputs, and returns the same output."""

    def __init__(self, output: Output | None = None) -> None:
        self.output = output or Output()
        self.contexts: list[Context] = []
        self.inputs: list[I] = []

    async def __call__(self, ctx: Context, input: I) -> Output:
        self.contexts.append(ctx)
        self.inputs.append(input)
        return self.answer()

    def answer(self) -> Output:
        return self.output


class Scripted(Wire[I]):
    """A `Wire` that returns outputs and raises exceptions in a fixed order."""

    def __init__(self, *answers: Output | BaseException) -> None:
        super().__init__()
        self._script = _Script(answers)

    def answer(self) -> Output:
        return self._script.answer()


class ScriptedHTTPClient:
    """An `HTTPClient` with answers in a fixed order; keeps copies of requests."""

    def __init__(self, *answers: Response | BaseException) -> None:
        self.requests: list[Request] = []
        self.is_closed = False
        self._script = _Script(answers)

    async def send(self, request: Request) -> Response:
        self.requests.append(request.copy())
        return self._script.answer()

    async def aclose(self) -> None:
        self.is_closed = True


class BufferedBody:
    """A response body in memory, which records whether it was released."""

    def __init__(self, *chunks: bytes) -> None:
        self.chunks = chunks
        self.is_released = False

    def read_nowait(self) -> bytes | None:
        return b"".join(self.chunks)

    async def read(self, limit: int) -> bytes:
        return b"".join(self.chunks)[:limit]

    async def iter_chunks(self) -> AsyncIterator[bytes]:
        for chunk in self.chunks:
            yield chunk

    def release(self) -> None:
        self.is_released = True


def response(
    status: int = 200, headers: dict[str, str] | None = None, *chunks: bytes
) -> Response:
    """Return a response with a body in memory."""
    return Response(status, Headers(headers or {}), BufferedBody(*chunks))


class CountingProvider:
    """A `CredentialsProvider` that counts its calls."""

    def __init__(self) -> None:
        self.count = 0

    async def retrieve(self) -> Credentials:
        self.count += 1
        await asyncio.sleep(0)
        return Credentials("AKID", "a-secret", "a-token")


class GatedFile(io.BytesIO):
    """A file whose second read blocks until `may_continue` is set."""

    def __init__(self, content: bytes) -> None:
        super().__init__(content)
        self.reads = 0
        self.is_read = False
        self.is_blocked = threading.Event()
        self.may_continue = threading.Event()

    def read(self, size: int | None = -1, /) -> bytes:
        self.reads += 1
        self.is_read = True
        if self.reads == 2:
            self.is_blocked.set()
            self.may_continue.wait(5)
        chunk = super().read(size)
        self.is_read = False
        return chunk
