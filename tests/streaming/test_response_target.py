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
from sagemaker_rt.streaming.response_target import _Part, target_of

CHUNKS: Final = (b"one", b"", b"two!", bytes(300_000), b"x")
WHOLE: Final = b"".join(CHUNKS)


async def come(
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


async def take(target: ResponseTarget, *chunks: bytes) -> None:
    taking = target_of(target)
    await taking.check()
    await taking.take(come(*chunks))


class Writer:
    """Takes chunks plainly; *log* says what happened."""

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
async def test_a_path_has_the_answer(
    tmp_path: Path, kind: Callable[[Path], Any]
) -> None:
    path = tmp_path / "answer"

    await take(kind(path), *CHUNKS)

    assert WHOLE == path.read_bytes()
    assert [path] == files(tmp_path)


async def test_a_path_has_an_answer_that_is_empty(tmp_path: Path) -> None:
    await take(tmp_path / "answer")

    assert b"" == (tmp_path / "answer").read_bytes()


async def test_a_file_is_replaced_when_the_answer_is_whole(tmp_path: Path) -> None:
    path, seen = tmp_path / "answer", list[bytes]()
    path.write_bytes(b"old")

    async def looking() -> AsyncIterator[bytes]:
        async for chunk in come(*CHUNKS):
            seen.append(path.read_bytes())
            yield chunk

    await target_of(path).take(looking())

    assert [b"old"] * len(CHUNKS) == seen
    assert WHOLE == path.read_bytes()


async def test_a_file_has_the_mode_that_open_would_give(tmp_path: Path) -> None:
    (tmp_path / "opened").open("wb").close()

    await take(tmp_path / "answer", b"x")

    modes = {stat.S_IMODE(path.stat().st_mode) for path in files(tmp_path)}
    assert 1 == len(modes)


async def test_a_file_that_is_replaced_leaves_its_mode(tmp_path: Path) -> None:
    path = tmp_path / "answer"
    path.write_bytes(b"old")
    path.chmod(0o600)

    await take(path, b"x")

    assert 0o600 == stat.S_IMODE(path.stat().st_mode)


async def test_a_path_may_be_bytes(tmp_path: Path) -> None:
    class InBytes:
        def __fspath__(self) -> bytes:
            return os.fsencode(tmp_path / "answer")

    await take(InBytes(), b"x")  # type: ignore[arg-type] # what Python takes as a path

    assert b"x" == (tmp_path / "answer").read_bytes()


async def test_a_link_leads_to_the_file(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    link, path = tmp_path / "link", tmp_path / "elsewhere" / "answer"
    link.symlink_to(path)

    await take(link, b"x")

    assert link.is_symlink()
    assert b"x" == path.read_bytes()


@pytest.mark.parametrize("cut", range(len(CHUNKS) + 1))
@pytest.mark.parametrize("error", [ConnectionResetError("lost"), KeyError("a bug")])
async def test_nothing_is_left_of_an_answer_that_breaks_off(
    tmp_path: Path, cut: int, error: Exception
) -> None:
    path = tmp_path / "answer"
    path.write_bytes(b"old")

    with pytest.raises(type(error)) as caught:
        await target_of(path).take(come(*CHUNKS[:cut], error=error))

    assert error is caught.value
    assert [path] == files(tmp_path)
    assert b"old" == path.read_bytes()


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("", "is no regular file; open it, and give the open file"),
        ("no/answer", "no is no folder that can be written to"),
        ("fifo", "is no regular file"),
        ("a\0b", "null"),
        ("n" * 300, "File name too long"),
        ("loop", "loop"),
    ],
    ids=["a folder", "no folder", "a pipe", "NUL", "too long", "a link to itself"],
)
async def test_a_path_that_cannot_be_is_refused_beforehand(
    tmp_path: Path, name: str, reason: str
) -> None:
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")

    with pytest.raises(ResponseTargetError) as caught:
        await target_of(tmp_path / name).check()

    assert str(caught.value).startswith("the answer cannot be written to ")
    assert reason in str(caught.value)
    assert isinstance(caught.value, OSError)


async def test_a_folder_that_goes_away_is_an_error(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()

    async def removing() -> AsyncIterator[bytes]:
        yield b"x"
        for file in folder.iterdir():
            file.unlink()
        folder.rmdir()

    with pytest.raises(ResponseTargetError) as caught:
        await target_of(folder / "answer").take(removing())

    assert isinstance(caught.value.__cause__, FileNotFoundError)


@pytest.mark.parametrize("point", range(12))
async def test_nothing_is_left_of_an_answer_that_is_cancelled(
    tmp_path: Path, point: int
) -> None:
    path = tmp_path / "answer"
    task = asyncio.create_task(target_of(path).take(come(*CHUNKS)))
    for _ in range(point):
        await asyncio.sleep(0)

    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task
    assert [] == files(tmp_path)


async def test_a_disk_that_hangs_does_not_hold_a_cancelled_call_for_ever(
    tmp_path: Path,
) -> None:
    goes_on, loop = threading.Event(), asyncio.get_running_loop()

    class Hanging(io.BytesIO):
        def write(self, data: Any, /) -> int:
            goes_on.wait(5)
            return super().write(data)

    task = asyncio.create_task(target_of(Hanging()).take(come(b"x")))
    await asyncio.sleep(0.02)
    started = loop.time()
    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task
    assert loop.time() - started < 4
    goes_on.set()


async def test_a_thread_that_is_left_behind_fails_in_silence() -> None:
    goes_on, loop = threading.Event(), asyncio.get_running_loop()
    logged = list[dict[str, Any]]()
    loop.set_exception_handler(lambda _, context: logged.append(context))

    class Failing(io.BytesIO):
        def write(self, data: Any, /) -> int:
            goes_on.wait(5)
            raise OSError

    task = asyncio.create_task(target_of(Failing()).take(come(b"x")))
    await asyncio.sleep(0.02)
    task.cancel()
    await asyncio.wait((task,))
    goes_on.set()
    await loop.run_in_executor(None, int)
    await asyncio.sleep(0.02)
    gc.collect()

    assert task.cancelled()
    assert [] == logged


async def test_a_file_is_written_in_a_thread_and_stays_open(tmp_path: Path) -> None:
    threads = set[threading.Thread]()

    class File(io.BytesIO):
        def write(self, data: Any, /) -> int:
            threads.add(threading.current_thread())
            return super().write(data)

    file = File()

    await take(file, *CHUNKS)

    assert WHOLE == file.getvalue()
    assert threading.main_thread() not in threads


async def test_an_open_file_is_written_where_it_stands(tmp_path: Path) -> None:
    with (
        (tmp_path / "answer").open("wb") as file,
        tempfile.NamedTemporaryFile() as other,
    ):
        file.write(b"before ")
        await take(file, b"after")
        await take(other, b"whole")
        other.flush()
        assert b"whole" == content(other.name)

    assert b"before after" == (tmp_path / "answer").read_bytes()


async def test_a_file_that_takes_parts_gets_the_rest_too() -> None:
    class Sipping(io.RawIOBase):
        taken = b""

        def write(self, data: Any, /) -> int:
            self.taken += bytes(data[:1000])
            return min(1000, len(data))

    file = Sipping()

    await take(file, *CHUNKS)

    assert WHOLE == file.taken


@pytest.mark.parametrize("is_async", [False, True])
async def test_a_writer_that_takes_parts_gets_the_rest_too(*, is_async: bool) -> None:
    taken = bytearray()

    class Sipping:
        def write(self, data: bytes) -> object:
            taken.extend(data[:1000])
            count = min(1000, len(data))
            return asyncio.sleep(0, count) if is_async else count

    await take(Sipping(), *CHUNKS)

    assert WHOLE == taken


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
async def test_a_writer_that_takes_nothing_is_an_error(kind: type[Any]) -> None:
    with pytest.raises(BlockingIOError, match="takes nothing now"):
        await take(kind(), b"x")


@pytest.mark.parametrize("kind", [Writer, AsyncWriter, AsyncFile])
async def test_a_writer_gets_each_chunk(kind: type[Writer]) -> None:
    writer = kind()

    await take(writer, b"one", b"two")

    assert [b"one", b"two"] == writer.log


async def test_a_writer_is_drained_before_more_is_read() -> None:
    writer = StreamWriter()

    await take(writer, b"one", b"two")

    assert [b"one", "drained", b"two", "drained"] == writer.log


async def test_a_function_gets_each_chunk_plainly_or_not() -> None:
    plain, awaited = list[bytes](), AsyncWriter()

    await take(plain.append, b"one", b"two")
    await take(awaited.write, b"one", b"two")

    assert [b"one", b"two"] == plain == awaited.log


async def test_what_a_function_raises_comes_out() -> None:
    error = KeyError("a bug")

    def fail(chunk: bytes) -> None:
        raise error

    with pytest.raises(KeyError) as caught:
        await take(fail, b"x")

    assert error is caught.value


async def test_an_error_of_another_call_is_not_taken_for_one_of_this_call() -> None:
    async def fail(chunk: bytes) -> None:
        raise ServiceUnavailable

    with pytest.raises(RuntimeError):
        await take(fail, b"x")


async def test_a_file_that_is_closed_says_so() -> None:
    file = io.BytesIO()
    file.close()

    with pytest.raises(ValueError, match="closed file"):
        await take(file, b"x")


def test_a_thread_that_comes_late_makes_no_file_any_more(tmp_path: Path) -> None:
    part = _Part(tmp_path / "answer")

    part.discard()
    part.open()
    part.write([b"x"])
    part.finish()

    assert [] == files(tmp_path)
