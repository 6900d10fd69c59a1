"""Files of tokens that a login has left, and that other programs use as well."""

from __future__ import annotations

import asyncio
import json
import os
import tempfile
from pathlib import Path

from sagemaker_rt.credentials.documents import Document, json_object
from sagemaker_rt.errors import CredentialsError

__all__ = ["read_token_file", "replace_token_file"]


async def read_token_file(path: Path, *, advice: str) -> Document:
    """Return the JSON object in *path*, which is read in a thread.

    Raises:
        CredentialsError: It cannot be read, or is none; the text has *advice*.
    """
    try:
        return json_object(await asyncio.to_thread(path.read_bytes), source=str(path))
    except OSError as error:
        message = f"{path} cannot be read; {advice}"
        raise CredentialsError(message) from error


async def replace_token_file(path: Path, document: Document) -> None:
    """Write *document* to *path* at once, for its owner alone, in a thread.

    Raises:
        CredentialsError: It cannot be written; what was there is there still.
    """
    reason = await asyncio.to_thread(_replace, path, document)
    if reason is not None:
        message = f"{path} cannot be written: {reason}"
        raise CredentialsError(message)


def _replace(path: Path, document: Document) -> str | None:
    """Replace what *path* holds, or return why not."""
    try:
        number, name = tempfile.mkstemp(dir=path.parent)  # whose mode is 0600
    except OSError as error:
        return error.strerror
    try:
        with os.fdopen(number, "w", encoding="utf-8") as file:
            json.dump(dict(document.members), file)
        Path(name).replace(path)
    except OSError as error:
        Path(name).unlink(missing_ok=True)
        return error.strerror
    return None
