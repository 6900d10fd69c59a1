"""Requests to STS that assume a role."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlencode
from xml.etree import ElementTree as ET

from sagemaker_rt.credentials.documents import (
    Document,
    parse_credentials,
    service_message,
)
from sagemaker_rt.credentials.http_fetch import (
    FetchResult,
    build_request,
    fetch,
    service_url,
)
from sagemaker_rt.credentials.provider_context import ProviderContext
from sagemaker_rt.errors import CredentialsError
from sagemaker_rt.identity import Credentials
from sagemaker_rt.sansio.endpoints import normalize_region
from sagemaker_rt.signers.sigv4 import SigV4Signer

__all__ = ["assume_role"]

_VERSION: Final = "2011-06-15"
_CREDENTIALS: Final = (
    "AccessKeyId",
    "SecretAccessKey",
    "SessionToken",
    "Expiration",
)
_OK: Final = 200


async def assume_role(
    action: str,
    parameters: Document,
    context: ProviderContext,
    *,
    signed_by: Credentials | None = None,
) -> Credentials:
    """Return the credentials of a role.

    Without a region in *context*, the endpoint in us-east-1 is used.

    Args:
        action: ``AssumeRole``, or ``AssumeRoleWithWebIdentity``, which is not signed.
        parameters: The parameters of the action.

    Raises:
        CredentialsError: The request failed, or STS refused it.
    """
    region, _ = normalize_region(context.region or "us-east-1")
    source = f"STS {action}"
    request = build_request(
        f"{service_url(context, 'STS', 'sts', region)}/",
        method="POST",
        headers={"content-type": "application/x-www-form-urlencoded"},
        body=_form_body(
            {"Action": action, "Version": _VERSION, **parameters.members}, source
        ),
    )
    if signed_by is not None:
        SigV4Signer().sign(
            request,
            signed_by,
            service="sts",
            region=region,
            signing_time=context.clock(),
        )
    result = await fetch(request, context, source=source)
    return _parse(result, source)


def _form_body(parameters: Mapping[str, object], source: str) -> bytes:
    for name, value in parameters.items():
        # a variable with bytes that are not valid UTF-8 has lone surrogates
        if not str(value).isprintable():
            message = f"{source}: {name} is invalid, expected printable text"
            del value, parameters  # secrets
            raise CredentialsError(message)
    return urlencode(parameters).encode()


def _parse(result: FetchResult, source: str) -> Credentials:
    root = _parse_xml(result, source)
    if result.status != _OK:
        code = service_message(_text(root, "Code") or "HTTP")
        text = service_message(_text(root, "Message"))
        message = f"{source} was refused: {code} ({result.status}): {text}"
        raise CredentialsError(message)
    arn = (_text(root, "Arn") or "").split(":")
    document = Document(
        {
            **{name: _text(root, name) for name in _CREDENTIALS},
            "AccountId": arn[4] if len(arn) > 4 else None,  # noqa: PLR2004 - arn:aws:sts::account:…
        }
    )
    return parse_credentials(document, "SessionToken", source=source)


def _parse_xml(result: FetchResult, source: str) -> ET.Element:
    """Return the XML document of *result*, which must not have a DTD."""
    try:
        # decoded first: the parser would honour another encoding, and with it a DTD
        # that the check does not see
        text = result.body.decode()
        if "<!" not in text.replace("<![CDATA[", ""):
            return ET.fromstring(text)  # noqa: S314 - limited in size, and without a DTD
    except (ET.ParseError, ValueError):
        pass
    text = ""  # a secret, which a traceback with local variables would show
    message = f"{source}: HTTP {result.status}, expected XML in UTF-8 without a DTD"
    raise CredentialsError(message)


def _text(root: ET.Element, name: str) -> str | None:
    """Return the text of the first element *name*, in any namespace."""
    for element in root.iter():
        if element.tag.rpartition("}")[2] == name:
            return element.text or ""
    return None
