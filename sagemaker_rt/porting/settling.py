"""What of several settings makes one option."""

from __future__ import annotations

from typing import Any, Final

from sagemaker_rt.errors import OptionsError
from sagemaker_rt.identity import Credentials

__all__ = ["settle"]

_HALVES: Final = ("access_key_id", "secret_access_key")
_PARTS: Final = (*_HALVES, "session_token", "account_id")
_OF_LEGACY: Final = ("retry_base_delay", "retry_max_delay", "retry_jitter")


def settle(fields: dict[str, Any]) -> None:
    """Put together, in *fields*, keys to credentials, and a host to a URL.

    Credentials that are given whole win over keys, as they do elsewhere. Delays of the
    ``legacy`` mode bring that mode with them, unless another one is named.

    Raises:
        OptionsError: There is half of a pair of keys.
    """
    _settle_keys(fields)
    _settle_url(fields)
    if not any(name in fields for name in _OF_LEGACY):
        return
    if fields.setdefault("retry_mode", "legacy") != "legacy":
        for name in _OF_LEGACY:
            fields.pop(name, None)


def _settle_keys(fields: dict[str, Any]) -> None:
    parts = {name: fields.pop(name) for name in _PARTS if name in fields}
    if not parts or "credentials" in fields:
        return
    missing = [name for name in _HALVES if not parts.get(name)]
    if missing:
        message = f"credentials need both halves of the pair; {missing[0]} is missing"
        raise OptionsError(message)
    fields["credentials"] = Credentials(
        parts["access_key_id"],
        parts["secret_access_key"],
        parts.get("session_token"),
        account_id=parts.get("account_id"),
    )


def _settle_url(fields: dict[str, Any]) -> None:
    url, host = fields.pop("url", None), fields.pop("host", None)
    if url is not None:
        fields["endpoint_url"] = url
        fields.pop("use_ssl", None)  # the URL says it
    if host is None:
        return
    scheme = "https" if fields.pop("use_ssl", True) else "http"
    port = fields.pop("port", None)
    fields["endpoint_url"] = f"{scheme}://{host}" + (f":{port}" if port else "")
