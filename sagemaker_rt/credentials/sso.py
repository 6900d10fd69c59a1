"""Credentials of IAM Identity Center (SSO), by the token of ``aws sso login``."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlencode

from attrs import field, frozen

from sagemaker_rt.credentials.documents import (
    Document,
    parse_credentials,
    parse_json_object,
)
from sagemaker_rt.credentials.http_fetch import build_request, fetch, service_url
from sagemaker_rt.credentials.provider_context import ProviderContext
from sagemaker_rt.credentials.sso_token import SSOTokenFile
from sagemaker_rt.errors import CredentialsError
from sagemaker_rt.http import Headers
from sagemaker_rt.identity import Credentials

__all__ = ["SSOCredentials"]

_SOURCE: Final = "the SSO portal"
_OK: Final = 200
_REFUSED: Final = frozenset({401, 403})


@frozen(kw_only=True)
class SSOCredentials:
    """The credentials of a role in an account, for a user who has logged in.

    The token of an ``sso-session`` is refreshed in its last five minutes and written
    back, as the AWS CLI and the other SDKs do.
    """

    has_static_stability = True

    account_id: str
    role_name: str
    sso_region: str
    start_url: str
    session: str | None = None
    """The name of the ``sso-session``; None for a profile of the older form."""
    context: ProviderContext = field(repr=False)

    async def retrieve(self) -> Credentials:
        """Return the credentials of the role.

        Raises:
            CredentialsError: The token is missing or has expired, or is refused.
        """
        token_file = SSOTokenFile(
            session=self.session,
            start_url=self.start_url,
            sso_region=self.sso_region,
            context=self.context,
        )
        headers = Headers(
            {"x-amz-sso_bearer_token": (await token_file.retrieve()).token}
        )
        query = urlencode({"role_name": self.role_name, "account_id": self.account_id})
        url = service_url(self.context, "SSO", "portal.sso", self.sso_region)
        result = await fetch(
            build_request(f"{url}/federation/credentials?{query}", headers=headers),
            self.context,
            source=_SOURCE,
        )
        if result.status != _OK:
            is_refused = result.status in _REFUSED
            verb = "refused" if is_refused else "could not return"
            message = (
                f"{_SOURCE} {verb} role {self.role_name!r} in account "
                f"{self.account_id}: HTTP {result.status}"
            )
            if is_refused:
                message = f"{message}; {token_file.advice}"
            raise CredentialsError(message)
        document = parse_json_object(result.body, source=_SOURCE)
        found = document.object("roleCredentials")
        members = {
            "AccessKeyId": found.text("accessKeyId"),
            "SecretAccessKey": found.text("secretAccessKey"),
            "SessionToken": found.text("sessionToken"),
            "Expiration": _seconds(found.members.get("expiration")),
            "AccountId": self.account_id,
        }
        renamed = Document(members)
        del members  # secrets, which a traceback with local variables would show
        return parse_credentials(renamed, "SessionToken", source=_SOURCE)


def _seconds(milliseconds: object) -> object:
    """Return *milliseconds* in seconds; a value that is not a number stays invalid."""
    if isinstance(milliseconds, int) and not isinstance(milliseconds, bool):
        return milliseconds // 1000
    return milliseconds / 1000 if isinstance(milliseconds, float) else "invalid"
