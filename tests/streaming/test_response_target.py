from __future__ import annotations

import asyncio
import gc
import io
import os
import stat
import tempfile
import threading
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, Final

import pytest

from sagemaker_rt.errors import ResponseTargetError, ServiceUnavailable
from sagemaker_rt.interfaces import ResponseTarget
from sagemaker_rt.streaming.response_target import _TemporaryFile, target_of

CHUNKS: Final = (b"one", b"", b"two!", bytes(300_000), b"x")
WHOLE: Final = b"".join(CHUNKS)


async def received(
    *chunks: bytes, error: BaseException | None = None
) -> AsyncIterator[bytes]:
    for chunk in chunks:
        await asyncio.sleep(0)
        yield chunk
    if error is not None:
        raise error


def files(folder: Path) -> list[Path]:
    return sorted(folder.iterdir())


def content(name: str) -> bytes:
    return Path(name).read_bytes()


async def write(response_target: ResponseTarget, *chunks: bytes) -> None:
    target = target_of(response_target)
    await target.check()
    await target.write(received(*chunks))


class Writer:
    """A writer whose *log* has its calls."""

    def __init__(self) -> None:
        self.log: list[object] = []

    def write(self, data: bytes) -> None:
        self.log.append(data)


class AsyncWriter(Writer):
    async def write(self, data: bytes) -> None:  # type: ignore[override] # async instead
        await asyncio.sleep(0)
        self.log.append(data)


class StreamWriter(Writer):
    async def drain(self) -> None:
        await asyncio.sleep(0)
        self.log.append("drained")


class AsyncFile(AsyncWriter):
    def fileno(self) -> int:
        raise AssertionError


@pytest.mark.parametrize("kind", [str, Path])
async def test_a_response_is_written_to_a_path(
    tmp_path: Path, kind: Callable[[Path], Any]
) -> None:
    path = tmp_path / "response"

    await write(kind(path), *CHUNKS)

    assert WHOLE == path.read_bytes()
    assert [path] == files(tmp_path)


async def test_an_empty_response_makes_an_empty_file(tmp_path: Path) -> None:
    await write(tmp_path / "response")

    assert b"" == (tmp_path / "response").read_bytes()


async def test_a_file_is_replaced_when_the_response_is_complete(tmp_path: Path) -> None:
    path, seen = tmp_path / "response", list[bytes]()
    path.write_bytes(b"old")

    async def observed() -> AsyncIterator[bytes]:
        async for chunk in received(*CHUNKS):
            seen.append(path.read_bytes())
            yield chunk

    await target_of(path).write(observed())

    assert [b"old"] * len(CHUNKS) == seen
    assert WHOLE == path.read_bytes()


async def test_a_new_file_has_the_default_mode(tmp_path: Path) -> None:
    (tmp_path / "opened").open("wb").close()

    await write(tmp_path / "response", b"x")

    modes = {stat.S_IMODE(path.stat().st_mode) for path in files(tmp_path)}
    assert 1 == len(modes)


async def test_a_replaced_file_keeps_its_mode(tmp_path: Path) -> None:
    path = tmp_path / "response"
    path.write_bytes(b"old")
    path.chmod(0o600)

    await write(path, b"x")

    assert 0o600 == stat.S_IMODE(path.stat().st_mode)


async def test_a_path_can_be_bytes(tmp_path: Path) -> None:
    class BytesPath:
        def __fspath__(self) -> bytes:
            return os.fsencode(tmp_path / "response")

    await write(BytesPath(), b"x")  # type: ignore[arg-type] # but os.PathLike[bytes] is a path too

    assert b"x" == (tmp_path / "response").read_bytes()


async def test_symbolic_links_are_followed(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    link, path = tmp_path / "link", tmp_path / "other" / "response"
    link.symlink_to(path)

    await write(link, b"x")

    assert link.is_symlink()
    assert b"x" == path.read_bytes()


@pytest.mark.parametrize("cut", range(len(CHUNKS) + 1))
@pytest.mark.parametrize("error", [ConnectionResetError("lost"), KeyError("a bug")])
async def test_a_truncated_response_leaves_no_file(
    tmp_path: Path, cut: int, error: Exception
) -> None:
    path = tmp_path / "response"
    path.write_bytes(b"old")

    with pytest.raises(type(error)) as caught:
        await target_of(path).write(received(*CHUNKS[:cut], error=error))

    assert error is caught.value
    assert [path] == files(tmp_path)
    assert b"old" == path.read_bytes()


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("", "is not a regular file"),
        ("no/response", "not a writable folder"),
        ("fifo", "is not a regular file"),
        ("a\0b", "null"),
        ("n" * 300, "File name too long"),
        ("loop", "loop"),
    ],
    ids=["a folder", "no folder", "a pipe", "NUL", "too long", "a link to itself"],
)
async def test_a_path_that_cannot_be_written_is_refused_by_check(
    tmp_path: Path, name: str, reason: str
) -> None:
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")

    with pytest.raises(ResponseTargetError) as caught:
        await target_of(tmp_path / name).check()

    assert repr(str(tmp_path / name)) in str(caught.value)
    assert reason in str(caught.value)
    assert isinstance(caught.value, OSError)


async def test_a_folder_removed_during_the_response_is_an_error(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()

    async def removing() -> AsyncIterator[bytes]:
        yield b"x"
        for file in folder.iterdir():
            file.unlink()
        folder.rmdir()

    with pytest.raises(ResponseTargetError) as caught:
        await target_of(folder / "response").write(removing())

    assert isinstance(caught.value.__cause__, FileNotFoundError)


@pytest.mark.parametrize("point", range(12))
async def test_a_cancelled_response_leaves_no_file(tmp_path: Path, point: int) -> None:
    path = tmp_path / "response"
    task = asyncio.create_task(target_of(path).write(received(*CHUNKS)))
    for _ in range(point):
        await asyncio.sleep(0)

    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task
    assert [] == files(tmp_path)


async def test_a_hanging_disk_does_not_block_a_cancelled_call_forever(
    tmp_path: Path,
) -> None:
    may_continue, loop = threading.Event(), asyncio.get_running_loop()

    class Hanging(io.BytesIO):
        def write(self, data: Any, /) -> int:
            may_continue.wait(5)
            return super().write(data)

    task = asyncio.create_task(target_of(Hanging()).write(received(b"x")))
    await asyncio.sleep(0.02)
    started = loop.time()
    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task
    assert loop.time() - started < 4
    may_continue.set()


@pytest.mark.parametrize("cancellations", [1, 2])
async def test_an_exception_in_an_abandoned_thread_is_not_logged(
    cancellations: int,
) -> None:
    may_continue, loop = threading.Event(), asyncio.get_running_loop()
    logged = list[dict[str, Any]]()
    loop.set_exception_handler(lambda _, context: logged.append(context))

    class Failing(io.BytesIO):
        def write(self, data: Any, /) -> int:
            may_continue.wait(5)
            raise OSError

    task = asyncio.create_task(target_of(Failing()).write(received(b"x")))
    await asyncio.sleep(0.02)
    for _ in range(cancellations):
        task.cancel()
        await asyncio.sleep(0)
    await asyncio.wait((task,))
    assert task.cancelled()
    del task  # its frames refer to the future of the thread
    may_continue.set()
    await loop.run_in_executor(None, int)
    await asyncio.sleep(0.02)
    gc.collect()

    assert [] == logged


async def test_an_open_file_is_written_in_a_thread_and_stays_open(
    tmp_path: Path,
) -> None:
    threads = set[threading.Thread]()

    class File(io.BytesIO):
        def write(self, data: Any, /) -> int:
            threads.add(threading.current_thread())
            return super().write(data)

    file = File()

    await write(file, *CHUNKS)

    assert WHOLE == file.getvalue()
    assert threading.main_thread() not in threads


async def test_an_open_file_is_written_at_its_position(tmp_path: Path) -> None:
    with (
        (tmp_path / "response").open("wb") as file,
        tempfile.NamedTemporaryFile() as other,
    ):
        file.write(b"before ")
        await write(file, b"after")
        await write(other, b"whole")
        other.flush()
        assert b"whole" == content(other.name)

    assert b"before after" == (tmp_path / "response").read_bytes()


async def test_partial_writes_of_a_file_are_continued() -> None:
    class Partial(io.RawIOBase):
        written = b""

        def write(self, data: Any, /) -> int:
            self.written += bytes(data[:1000])
            return min(1000, len(data))

    file = Partial()

    await write(file, *CHUNKS)

    assert WHOLE == file.written


@pytest.mark.parametrize("is_async", [False, True])
async def test_partial_writes_of_a_writer_are_continued(*, is_async: bool) -> None:
    written = bytearray()

    class Partial:
        def write(self, data: bytes) -> object:
            written.extend(data[:1000])
            count = min(1000, len(data))
            return asyncio.sleep(0, count) if is_async else count

    await write(Partial(), *CHUNKS)

    assert WHOLE == written


class Full(io.RawIOBase):
    def write(self, data: Any, /) -> None:
        return None


class Stuck:
    def write(self, data: bytes) -> int:
        return 0


class StuckFile(Stuck):
    def fileno(self) -> int:
        return 1


@pytest.mark.parametrize("kind", [Full, Stuck, StuckFile])
async def test_a_write_of_nothing_is_an_error(kind: type[Any]) -> None:
    with pytest.raises(BlockingIOError, match="non-blocking"):
        await write(kind(), b"x")


@pytest.mark.parametrize("kind", [Writer, AsyncWriter, AsyncFile])
async def test_a_writer_gets_each_chunk(kind: type[Writer]) -> None:
    writer = kind()

    await write(writer, b"one", b"two")

    assert [b"one", b"two"] == writer.log


async def test_a_writer_is_drained_before_the_next_chunk() -> None:
    writer = StreamWriter()

    await write(writer, b"one", b"two")

    assert [b"one", "drained", b"two", "drained"] == writer.log


async def test_a_function_can_be_plain_or_async() -> None:
    plain, awaited = list[bytes](), AsyncWriter()

    await write(plain.append, b"one", b"two")
    await write(awaited.write, b"one", b"two")

    assert [b"one", b"two"] == plain == awaited.log


async def test_an_exception_of_a_function_propagates() -> None:
    error = KeyError("a bug")

    def fail(chunk: bytes) -> None:
        raise error

    with pytest.raises(KeyError) as caught:
        await write(fail, b"x")

    assert error is caught.value


async def test_an_error_of_another_call_becomes_a_cause() -> None:
    async def fail(chunk: bytes) -> None:
        raise ServiceUnavailable

    with pytest.raises(RuntimeError):
        await write(fail, b"x")


async def test_a_closed_file_is_an_error() -> None:
    file = io.BytesIO()
    file.close()

    with pytest.raises(ValueError, match="closed file"):
        await write(file, b"x")


def test_a_discarded_file_is_not_created_again(tmp_path: Path) -> None:
    file = _TemporaryFile(tmp_path / "response")

    file.discard()
    file.open()
    file.write([b"x"])
    file.rename()

    assert [] == files(tmp_path)
