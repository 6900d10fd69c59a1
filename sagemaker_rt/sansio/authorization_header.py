"""Parsing of the Authorization header of Signature Version 4, for verification."""

from __future__ import annotations

import re
from typing import Final

from attrs import field, frozen

from sagemaker_rt.errors import SageMakerRuntimeError

__all__ = ["Authorization", "AuthorizationError", "parse_authorization"]


class AuthorizationError(SageMakerRuntimeError, ValueError):
    """An Authorization header does not have the form that the AWS SDKs write."""


@frozen(kw_only=True)
class Authorization:
    """The fields of an Authorization header."""

    access_key_id: str
    date: str
    """The day of the credential scope: ``20150830``."""
    region: str
    service: str
    signed_headers: tuple[str, ...]
    """Lower-case names, in the order of the header."""
    signature: str = field(repr=False)


_AUTHORIZATION: Final = re.compile(
    r"AWS4-HMAC-SHA256 +"
    r"Credential=([^/,\s]+)/(\d{8})/([^/,\s]+)/([^/,\s]+)/aws4_request"
    r"\s*,\s*SignedHeaders=([^,\s]+)\s*,\s*Signature=([0-9a-f]{64})",
    re.ASCII,  # otherwise \d also matches the digits of other scripts
)


def parse_authorization(value: str) -> Authorization:
    """Return the fields in the *value* of an Authorization header.

    Raises:
        AuthorizationError: The value does not have the form that the AWS SDKs write.
    """
    match = _AUTHORIZATION.fullmatch(value.strip())
    if match is None:
        # The message does not quote the value, which may hold a signature.
        form = "Credential=…/aws4_request, SignedHeaders=…, Signature=<64 hex digits>"
        message = f"the authorization is not of the form 'AWS4-HMAC-SHA256 {form}'"
        raise AuthorizationError(message)
    access_key_id, date, region, service, names, signature = match.groups()
    return Authorization(
        access_key_id=access_key_id,
        date=date,
        region=region,
        service=service,
        signed_headers=tuple(names.split(";")),
        signature=signature,
    )
