"""Credentials of an Amazon Cognito identity."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final

from attrs import field, frozen

from sagemaker_rt.credentials.documents import (
    Document,
    json_object,
    read_credentials,
    said,
)
from sagemaker_rt.credentials.http_fetch import ask, request_to, service_url
from sagemaker_rt.credentials.provider_context import ProviderContext
from sagemaker_rt.errors import CredentialsError
from sagemaker_rt.identity import Credentials

__all__ = ["CognitoIdentityCredentials"]

_SOURCE: Final = "Cognito"
_OK: Final = 200


@frozen(kw_only=True)
class CognitoIdentityCredentials:
    """The credentials of an identity of *identity_pool_id*, or of *identity_id*."""

    has_static_stability = True

    region: str
    context: ProviderContext = field(repr=False)
    identity_pool_id: str | None = None
    """Asked for an identity, where none is named."""
    identity_id: str | None = None
    logins: Mapping[str, str] = field(factory=dict, repr=False)
    """From the names of identity providers to their tokens; none is a guest."""
    custom_role_arn: str | None = None
    """The role, where the pool would let the token choose."""

    async def retrieve(self) -> Credentials:
        """Return the credentials of the identity.

        Raises:
            CredentialsError: Cognito refuses, or neither pool nor identity is named.
        """
        identity = self.identity_id or await self._identity()
        asked: dict[str, object] = {"IdentityId": identity, **self._logins}
        if self.custom_role_arn is not None:
            asked["CustomRoleArn"] = self.custom_role_arn
        document = await self._call("GetCredentialsForIdentity", asked)
        found = document.object("Credentials")
        named = Document(
            {**found.members, "SecretAccessKey": found.members.get("SecretKey")}
        )
        return read_credentials(named, "SessionToken", source=_SOURCE)

    async def _identity(self) -> str:
        if self.identity_pool_id is None:
            message = "give an identity_pool_id or an identity_id of Cognito"
            raise CredentialsError(message)
        asked = {"IdentityPoolId": self.identity_pool_id, **self._logins}
        identity = (await self._call("GetId", asked)).text("IdentityId")
        if identity is None:
            message = f"{_SOURCE} gave no IdentityId"
            raise CredentialsError(message)
        return identity

    @property
    def _logins(self) -> dict[str, object]:
        return {"Logins": dict(self.logins)} if self.logins else {}

    async def _call(self, action: str, asked: Mapping[str, object]) -> Document:
        url = service_url(
            self.context, "COGNITO_IDENTITY", "cognito-identity", self.region
        )
        request = request_to(
            f"{url}/",
            method="POST",
            headers={
                "content-type": "application/x-amz-json-1.1",
                "x-amz-target": f"AWSCognitoIdentityService.{action}",
            },
            body=json.dumps(asked).encode(),
        )
        answer = await ask(request, self.context, source=_SOURCE)
        document = json_object(answer.body, source=_SOURCE)
        if answer.status != _OK:
            code = said(document.text("__type") or "error").rpartition("#")[2]
            text = said(document.text("message") or document.text("Message"))
            message = f"{_SOURCE} refused {action}: {code} ({answer.status}): {text}"
            raise CredentialsError(message)
        return document
