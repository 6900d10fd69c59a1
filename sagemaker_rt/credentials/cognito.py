"""Credentials of an Amazon Cognito identity."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final

from attrs import field, frozen

from sagemaker_rt.credentials.documents import (
    Document,
    parse_credentials,
    parse_json_object,
    service_message,
)
from sagemaker_rt.credentials.http_fetch import build_request, fetch, service_url
from sagemaker_rt.credentials.provider_context import ProviderContext
from sagemaker_rt.errors import CredentialsError
from sagemaker_rt.identity import Credentials

__all__ = ["CognitoIdentityCredentials"]

_SOURCE: Final = "Cognito"
_OK: Final = 200


@frozen(kw_only=True)
class CognitoIdentityCredentials:
    """The credentials of *identity_id*, or of an identity in *identity_pool_id*."""

    has_static_stability = True

    region: str
    context: ProviderContext = field(repr=False)
    identity_pool_id: str | None = None
    """The pool that the identity is taken from if *identity_id* is not set."""
    identity_id: str | None = None
    logins: Mapping[str, str] = field(factory=dict, repr=False)
    """Tokens by the names of their identity providers; empty for a guest."""
    custom_role_arn: str | None = None
    """The role, for a pool whose tokens allow several."""

    async def retrieve(self) -> Credentials:
        """Return the credentials of the identity.

        Raises:
            CredentialsError: Cognito refuses, or neither a pool nor an identity is set.
        """
        identity = self.identity_id or await self._get_identity()
        members: dict[str, object] = {"IdentityId": identity, **self._logins}
        if self.custom_role_arn is not None:
            members["CustomRoleArn"] = self.custom_role_arn
        document = await self._call("GetCredentialsForIdentity", members)
        found = document.object("Credentials")
        renamed = Document(
            {**found.members, "SecretAccessKey": found.members.get("SecretKey")}
        )
        return parse_credentials(renamed, "SessionToken", source=_SOURCE)

    async def _get_identity(self) -> str:
        if self.identity_pool_id is None:
            message = "set identity_pool_id or identity_id for Cognito"
            raise CredentialsError(message)
        members = {"IdentityPoolId": self.identity_pool_id, **self._logins}
        identity = (await self._call("GetId", members)).text("IdentityId")
        if identity is None:
            message = f"{_SOURCE}: IdentityId missing"
            raise CredentialsError(message)
        return identity

    @property
    def _logins(self) -> dict[str, object]:
        return {"Logins": dict(self.logins)} if self.logins else {}

    async def _call(self, action: str, members: Mapping[str, object]) -> Document:
        url = service_url(
            self.context, "COGNITO_IDENTITY", "cognito-identity", self.region
        )
        request = build_request(
            f"{url}/",
            method="POST",
            headers={
                "content-type": "application/x-amz-json-1.1",
                "x-amz-target": f"AWSCognitoIdentityService.{action}",
            },
            body=json.dumps(members).encode(),
        )
        result = await fetch(request, self.context, source=_SOURCE)
        document = parse_json_object(result.body, source=_SOURCE)
        if result.status != _OK:
            code = service_message(document.text("__type") or "error")
            code = code.rpartition("#")[2]  # without the namespace
            text = service_message(document.text("message") or document.text("Message"))
            message = f"{_SOURCE} refused {action}: {code} ({result.status}): {text}"
            raise CredentialsError(message)
        return document
