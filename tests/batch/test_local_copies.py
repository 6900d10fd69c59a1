from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from sagemaker_rt.batch.job import BatchJob
from sagemaker_rt.batch.local_copies import LocalCopies
from sagemaker_rt.batch.result_files import JOURNAL
from sagemaker_rt.client import Client
from sagemaker_rt.emulator import Emulator
from sagemaker_rt.errors import ParamValidationError, ResponseTooLargeError, S3Error


@pytest.fixture
async def emulator() -> AsyncIterator[Emulator]:
    async with Emulator() as emulator:
        yield emulator


@pytest.fixture
async def client(emulator: Emulator) -> AsyncIterator[Client]:
    async with Client(
        region=emulator.region,
        endpoint_url=emulator.url,
        credentials=emulator.credentials,
        environ={"AWS_ENDPOINT_URL_S3": emulator.s3_url},
        max_attempts=1,
    ) as client:
        yield client


async def copies_of(
    client: Client, folder: Path, input: str, output: str, **options: Any
) -> LocalCopies:
    job = BatchJob("m", input, output, work_folder=str(folder), **options)
    return await LocalCopies.of(job, client)


async def test_files_on_this_machine_are_used_where_they_are(tmp_path: Path) -> None:
    async with Client() as client:  # without credentials for S3
        copies = await copies_of(client, tmp_path, "in.jsonl", "out.jsonl")
        await copies.fetch()
        await copies.store()

    assert (Path("in.jsonl"), Path("out.jsonl"), Path("out.failed.jsonl")) == (
        copies.input,
        copies.output,
        copies.failures,
    )
    assert [] == os.listdir(tmp_path)  # noqa: PTH208 - pathlib is not for coroutines


@pytest.fixture
def links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make links to a file in the current folder."""
    monkeypatch.chdir(tmp_path)
    Path("in").write_text("1\n")
    Path("symbolic link").symlink_to("in")
    Path("hard link").hardlink_to("in")


@pytest.mark.parametrize("name", ["./in", "symbolic link", "hard link"])
@pytest.mark.parametrize("option", ["output", "failures"])
async def test_results_do_not_replace_the_input(
    links: None, name: str, option: str
) -> None:
    paths: dict[str, Any] = {"output": "out", option: name}
    job = BatchJob("m", "in", **paths, overwrite=True)

    with pytest.raises(ParamValidationError):
        await LocalCopies(job, None).fetch()


async def test_an_input_is_copied_to_the_work_folder(
    emulator: Emulator, client: Client, tmp_path: Path
) -> None:
    emulator.objects["s3://b/a/../in 100%.jsonl"] = b"1\n2\n"

    copies = await copies_of(client, tmp_path, "s3://b/a/../in 100%.jsonl", "out")
    await copies.fetch()

    assert b"1\n2\n" == copies.input.read_bytes()
    assert tmp_path / "b" == copies.input.parent
    assert [copies.input] == list(copies.input.parent.iterdir())


async def test_a_missing_input_is_an_error(client: Client, tmp_path: Path) -> None:
    copies = await copies_of(client, tmp_path, "s3://b/in.jsonl", "out")

    with pytest.raises(S3Error):
        await copies.fetch()


async def test_a_copy_that_cannot_be_written_is_an_error(
    emulator: Emulator, client: Client, tmp_path: Path
) -> None:
    emulator.objects["s3://b/in.jsonl"] = b"1\n"
    (tmp_path / "file").touch()

    copies = await copies_of(client, tmp_path / "file", "s3://b/in.jsonl", "out")

    with pytest.raises(ParamValidationError):
        await copies.fetch()


async def test_long_keys_have_short_names_on_this_machine(
    emulator: Emulator, client: Client, tmp_path: Path
) -> None:
    uris = [f"s3://b/{'é' * 400}{n}.jsonl" for n in range(2)]
    emulator.objects[uris[0]] = b"1\n"

    copies = await copies_of(client, tmp_path, *uris)
    await copies.fetch()

    assert b"1\n" == copies.input.read_bytes()
    assert copies.input != copies.output


async def test_a_folder_is_listed_and_its_files_are_read(
    emulator: Emulator, client: Client, tmp_path: Path
) -> None:
    names = ["a+b c%20.png", "sub//é.png", "out", "", "sub/", ".x", "sub/.y/z", "../v"]
    emulator.objects.update({f"s3://b/in/{name}": b"1" for name in names})
    emulator.objects["s3://b/index"] = b"not in the folder"
    copies = await copies_of(
        client, tmp_path, "s3://b/in/", "s3://b/in/out", overwrite=True
    )

    await copies.fetch()
    content = await copies.read(names[1])

    listed = [json.loads(line) for line in copies.input.read_text().splitlines()]
    assert [[names[0], 1], [names[1], 1]] == listed
    assert b"1" == content
    assert tmp_path / "b" == copies.input.parent


async def test_a_file_that_has_grown_is_not_read(
    emulator: Emulator, client: Client, tmp_path: Path
) -> None:
    emulator.objects["s3://b/in/a"] = b"12345"
    copies = await copies_of(client, tmp_path, "s3://b/in/", "out", max_line_bytes=4)

    with pytest.raises(ResponseTooLargeError):
        await copies.read("a")


async def test_only_regular_files_up_to_the_limit_are_read(tmp_path: Path) -> None:
    for name, content in {"fits": b"1234", "has grown": b"12345"}.items():
        (tmp_path / name).write_bytes(content)
    os.mkfifo(tmp_path / "pipe")  # nothing writes to it
    (tmp_path / "device").symlink_to("/dev/zero")
    copies = LocalCopies(BatchJob("m", tmp_path, "out", max_line_bytes=4), None)

    assert b"1234" == await copies.read("fits")
    with pytest.raises(OSError, match="more than 4 bytes"):
        await copies.read("has grown")
    for name in ("pipe", "device"):
        with pytest.raises(OSError, match="not a regular file"):
            await copies.read(name)


@pytest.mark.parametrize(
    ("output", "problem"),
    [
        ("x" * 300, "x cannot be opened: File name too long"),
        ("in/out", "in/out cannot be opened: Not a directory"),
        ("loop", "loop cannot be opened: Too many levels of symbolic links"),
    ],
)
async def test_a_file_that_can_never_be_opened_is_reported(
    tmp_path: Path, output: str, problem: str
) -> None:
    (tmp_path / "in").touch()
    (tmp_path / "loop").symlink_to("loop")
    job = BatchJob("m", tmp_path / "in", tmp_path / output)

    with pytest.raises(ParamValidationError, match=problem):
        await LocalCopies(job, None).fetch()


async def test_a_folder_without_objects_is_an_error(
    client: Client, tmp_path: Path
) -> None:
    copies = await copies_of(client, tmp_path, "s3://b/", "out")

    with pytest.raises(ParamValidationError):
        await copies.fetch()


async def test_results_are_stored(
    emulator: Emulator, client: Client, tmp_path: Path
) -> None:
    copies = await copies_of(client, tmp_path, "in", "s3://b/out.jsonl")
    copies.output.parent.mkdir()
    copies.output.write_bytes(b"results")
    copies.failures.write_bytes(b"failures")

    await copies.store()

    assert {
        "s3://b/out.jsonl": b"results",
        "s3://b/out.failed.jsonl": b"failures",
    } == dict(emulator.objects)


@pytest.mark.parametrize(
    ("options", "stored"),
    [({}, b"old"), ({"resume": True}, b""), ({"overwrite": True}, b"")],
)
async def test_failures_of_an_earlier_run_are_emptied_if_there_are_none(
    emulator: Emulator,
    client: Client,
    tmp_path: Path,
    options: dict[str, Any],
    stored: bytes,
) -> None:
    emulator.objects["s3://b/out.failed.jsonl"] = b"old"
    copies = await copies_of(client, tmp_path, "in", "s3://b/out.jsonl", **options)
    copies.output.parent.mkdir()
    copies.output.write_bytes(b"results")

    await copies.store()

    assert stored == emulator.objects["s3://b/out.failed.jsonl"]


@pytest.mark.parametrize("name", ["out.jsonl", "out.failed.jsonl"])
async def test_results_in_s3_are_not_replaced_by_accident(
    emulator: Emulator, client: Client, tmp_path: Path, name: str
) -> None:
    emulator.objects[f"s3://b/{name}"] = b"old"

    copies = await copies_of(client, tmp_path, "in", "s3://b/out.jsonl")
    with pytest.raises(ParamValidationError):
        await copies.fetch()
    copies = await copies_of(client, tmp_path, "in", "s3://b/out.jsonl", overwrite=True)
    await copies.fetch()


async def test_a_job_is_resumed_from_s3_if_its_files_are_not_here(
    emulator: Emulator, client: Client, tmp_path: Path
) -> None:
    for name in ("out.csv", f"out.csv{JOURNAL}"):
        emulator.objects[f"s3://b/{name}"] = name.encode()
    copies = await copies_of(
        client, tmp_path, "in.csv", "s3://b/out.csv", join="csv", resume=True
    )
    copies.output.parent.mkdir()
    copies.output.write_bytes(b"newer")

    await copies.fetch()

    assert b"newer" == copies.output.read_bytes()
    assert f"out.csv{JOURNAL}".encode() == (
        copies.output.with_name(f"out.csv{JOURNAL}").read_bytes()
    )
    assert not copies.failures.exists()


async def test_other_errors_of_s3_are_raised(tmp_path: Path) -> None:
    async with (
        Emulator() as emulator,
        Client(
            region=emulator.region,
            credentials=Emulator().credentials,
            environ={"AWS_ENDPOINT_URL_S3": emulator.s3_url},
        ) as client,
    ):
        copies = await copies_of(client, tmp_path, "in", "s3://b/out", resume=True)

        with pytest.raises(S3Error):
            await copies.fetch()
