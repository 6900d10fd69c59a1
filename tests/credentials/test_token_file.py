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


async def test_a_written_file_can_be_read_by_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "token.json"
    path.write_text("an older one")
    path.chmod(0o644)

    await replace_token_file(path, Document({"token": "hüsh"}))

    assert Document({"token": "hüsh"}) == await read_token_file(path, advice="log in")
    assert 0o600 == stat.S_IMODE(path.stat().st_mode)
    assert ["token.json"] == names_in(tmp_path)


async def test_the_error_for_a_missing_file_has_the_advice(tmp_path: Path) -> None:
    with pytest.raises(CredentialsError, match=r"token\.json .*; log in"):
        await read_token_file(tmp_path / "token.json", advice="log in")


@pytest.mark.parametrize("text", ["", '{"token": "hush"', '["hush"]', "\0hush"])
async def test_an_invalid_file_is_named_and_not_shown(
    text: str, tmp_path: Path
) -> None:
    path = tmp_path / "token.json"
    path.write_text(text)

    with pytest.raises(CredentialsError, match="JSON object") as found:
        await read_token_file(path, advice="log in")

    assert str(path) in str(found.value)
    assert "hush" not in shown(found.value)


async def test_a_missing_folder_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "missing" / "token.json"

    with pytest.raises(CredentialsError, match="No such file") as found:
        await replace_token_file(path, Document({"token": "hush"}))

    assert "hush" not in shown(found.value)


async def test_a_failed_replacement_leaves_no_temporary_file(
    tmp_path: Path,
) -> None:
    path = tmp_path / "token.json"
    path.mkdir()
    (path / "in-the-way").touch()

    with pytest.raises(CredentialsError, match=r"token\.json"):
        await replace_token_file(path, Document({"token": "hush"}))

    assert ["token.json"] == names_in(tmp_path)
