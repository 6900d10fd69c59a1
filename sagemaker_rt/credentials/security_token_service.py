"""What is asked of STS: to assume a role, by keys or by a web identity."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlencode
from xml.etree import ElementTree as ET

from sagemaker_rt.credentials.documents import Document, read_credentials, said
from sagemaker_rt.credentials.http_fetch import Answer, ask, request_to, service_url
from sagemaker_rt.credentials.provider_context import ProviderContext
from sagemaker_rt.errors import CredentialsError
from sagemaker_rt.identity import Credentials
from sagemaker_rt.sansio.endpoints import normalize_region
from sagemaker_rt.signers.sigv4 import SigV4Signer

__all__ = ["assume"]

_VERSION: Final = "2011-06-15"
_NAMESPACE: Final = "{https://sts.amazonaws.com/doc/2011-06-15/}"
_CREDENTIALS: Final = (
    "AccessKeyId",
    "SecretAccessKey",
    "SessionToken",
    "Expiration",
)
_OK: Final = 200


async def assume(
    action: str,
    parameters: Document,
    context: ProviderContext,
    *,
    signed_by: Credentials | None = None,
) -> Credentials:
    """Return the credentials of a role.

    Args:
        action: ``AssumeRole``, or ``AssumeRoleWithWebIdentity``, which nobody signs.
        parameters: What the action takes, by its names.

    Raises:
        CredentialsError: STS refused, or could not be asked.
    """
    region, _ = normalize_region(context.region or "us-east-1")
    source = f"STS {action}"
    request = request_to(
        f"{service_url(context, 'STS', 'sts', region)}/",
        method="POST",
        headers={"content-type": "application/x-www-form-urlencoded"},
        body=_form(
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
    answer = await ask(request, context, source=source)
    return _credentials(answer, source)


def _form(parameters: Mapping[str, object], source: str) -> bytes:
    for name, value in parameters.items():
        if not str(value).isprintable():  # bytes of the environment that are no text
            message = f"{name} for {source} has characters that it cannot have"
            del value, parameters  # which a traceback would show
            raise CredentialsError(message)
    return urlencode(parameters).encode()


def _credentials(answer: Answer, source: str) -> Credentials:
    root = _document(answer, source)
    if answer.status != _OK:
        code, text = said(_text(root, "Code") or "HTTP"), said(_text(root, "Message"))
        message = f"{source} was refused: {code} ({answer.status}): {text}"
        raise CredentialsError(message)
    arn = (_text(root, "Arn") or "").split(":")
    document = Document(
        {
            **{name: _text(root, name) for name in _CREDENTIALS},
            "AccountId": arn[4] if len(arn) > 4 else None,  # noqa: PLR2004 - arn:aws:sts::account:…
        }
    )
    return read_credentials(document, "SessionToken", source=source)


def _document(answer: Answer, source: str) -> ET.Element:
    """Return the XML document of *answer*; one with a DTD is refused."""
    try:
        # text, so that no other encoding hides a DTD
        text = answer.body.decode()
        if "<!" not in text.replace("<![CDATA[", ""):
            return ET.fromstring(text)  # noqa: S314 - capped, and no DTD in it
    except (ET.ParseError, ValueError):
        pass
    text = ""  # which a traceback that shows local variables would show
    message = f"{source} answered with what is no plain XML: HTTP {answer.status}"
    raise CredentialsError(message)


def _text(root: ET.Element, name: str) -> str | None:
    for found in root.iter():
        if found.tag.rpartition("}")[2] == name:
            return found.text or ""
    return None
