"""Times in documents of credentials, in the forms that services and programs write."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Final

__all__ = ["parse_timestamp"]

_NAMED_ZONE: Final = re.compile(r"\s*([+-]00:?00)?\s*(UTC|GMT)$")


def parse_timestamp(text: str) -> datetime:
    """Return the time in *text*; one without a zone is taken as UTC.

    The forms are RFC 3339 and ISO 8601 with letters of any case, with a space in place
    of the ``T``, and with ``UTC``, ``GMT`` or Go's ``+0000 UTC`` in place of the ``Z``;
    and RFC 1123::

        2030-01-31T12:00:00Z
        2030-01-31 12:00:00.5 utc
        2030-01-31 12:00:00 +0000 UTC
        Thu, 31 Jan 2030 12:00:00 GMT

    Raises:
        ValueError: *text* has none of these forms.
    """
    upper = text.strip().upper()
    if "," not in upper:
        upper = _NAMED_ZONE.sub("Z", upper)
    try:
        time = datetime.fromisoformat(upper)
    except ValueError:
        # needed rarely, and slow to import
        from email.utils import parsedate_to_datetime  # noqa: PLC0415 - as said

        time = parsedate_to_datetime(text)
    return time if time.tzinfo else time.replace(tzinfo=UTC)
