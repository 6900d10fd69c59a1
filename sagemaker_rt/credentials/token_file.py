"""Token cache files, which the AWS CLI and the other SDKs read and write as well."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path

from sagemaker_rt.blocking import in_thread
from sagemaker_rt.credentials.documents import Document, parse_json_object
from sagemaker_rt.errors import CredentialsError

__all__ = ["read_token_file", "replace_token_file"]


async def read_token_file(path: Path, *, advice: str) -> Document:
    """Return the JSON object in *path*, which is read in a thread.

    Args:
        advice: What to do if the file cannot be read, for the error.

    Raises:
        CredentialsError: The file cannot be read, or is not a JSON object.
    """
    source = str(path)
    try:
        return parse_json_object(await in_thread(path.read_bytes), source=source)
    except OSError as error:
        message = f"{path} cannot be read ({error.strerror}); {advice}"
        raise CredentialsError(message) from error


async def replace_token_file(path: Path, document: Document) -> None:
    """Write *document* to *path* in a thread, readable by its owner alone.

    The file is replaced as a whole, so another program never reads half of it.

    Raises:
        CredentialsError: The file cannot be written; the previous one is unchanged.
    """
    reason = await in_thread(_replace, path, document)
    if reason is not None:
        message = f"{path} cannot be written: {reason}"
        raise CredentialsError(message)


def _replace(path: Path, document: Document) -> str | None:
    """Replace the content of *path*; return the reason if that fails.

    The reason is returned, not raised: a traceback would have the document in it.
    """
    try:
        number, name = tempfile.mkstemp(dir=path.parent)  # its mode is 0600
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
