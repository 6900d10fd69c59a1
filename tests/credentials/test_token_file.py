from __future__ import annotations

import stat
from pathlib import Path

import pytest

from sagemaker_rt.credentials.documents import Document
from sagemaker_rt.credentials.token_file import read_token_file, replace_token_file
from sagemaker_rt.errors import CredentialsError
from tests.credentials.shown import shown


def names_in(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


async def test_what_is_written_is_read_and_its_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "token.json"
    path.write_text("an older one")
    path.chmod(0o644)

    await replace_token_file(path, Document({"token": "hüsh"}))

    assert Document({"token": "hüsh"}) == await read_token_file(path, advice="log in")
    assert 0o600 == stat.S_IMODE(path.stat().st_mode)
    assert ["token.json"] == names_in(tmp_path)


async def test_a_file_that_is_missing_gives_the_advice(tmp_path: Path) -> None:
    with pytest.raises(CredentialsError, match=r"token.json cannot be read; log in"):
        await read_token_file(tmp_path / "token.json", advice="log in")


@pytest.mark.parametrize("text", ["", '{"token": "hush"', '["hush"]', "\0hush"])
async def test_a_file_that_holds_no_object_is_named_and_not_shown(
    text: str, tmp_path: Path
) -> None:
    path = tmp_path / "token.json"
    path.write_text(text)

    with pytest.raises(
        CredentialsError, match="bytes that are no JSON object"
    ) as found:
        await read_token_file(path, advice="log in")

    assert str(path) in str(found.value)
    assert "hush" not in shown(found.value)


async def test_where_nothing_can_be_written_that_is_said(tmp_path: Path) -> None:
    path = tmp_path / "missing" / "token.json"

    with pytest.raises(
        CredentialsError, match="cannot be written: No such file"
    ) as found:
        await replace_token_file(path, Document({"token": "hush"}))

    assert "hush" not in shown(found.value)


async def test_what_cannot_be_replaced_is_left_with_nothing_beside(
    tmp_path: Path,
) -> None:
    path = tmp_path / "token.json"
    path.mkdir()
    (path / "in-the-way").touch()

    with pytest.raises(CredentialsError, match=r"token.json cannot be written: "):
        await replace_token_file(path, Document({"token": "hush"}))

    assert ["token.json"] == names_in(tmp_path)
