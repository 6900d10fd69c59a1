"""Everything that an error may show: texts, attributes and local variables."""

from __future__ import annotations

import traceback

__all__ = ["shown"]


def shown(error: BaseException) -> str:
    """Return the text of *error*, of its causes, and the local variables of frames.

    Frames of the tests are left out, since they hold the secrets.
    """
    texts = [str(error), repr(vars(error)), *getattr(error, "__notes__", [])]
    for frame, _ in traceback.walk_tb(error.__traceback__):
        if "/tests/" not in frame.f_code.co_filename:
            texts += [f"{name}={value!r}" for name, value in frame.f_locals.items()]
    for cause in (error.__cause__, error.__context__):
        if cause is not None:
            texts.append(shown(cause))
    return "\n".join(texts)
