"""Credentials of a role that other credentials, or a web identity, may assume."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final, TypeAlias

from attrs import field, frozen

from sagemaker_rt.credentials.documents import Document
from sagemaker_rt.credentials.provider_context import ProviderContext
from sagemaker_rt.credentials.security_token_service import assume
from sagemaker_rt.errors import CredentialsError
from sagemaker_rt.identity import Credentials
from sagemaker_rt.interfaces import CredentialsProvider

__all__ = ["AssumeRoleCredentials", "MFACallback", "WebIdentityCredentials"]

MFACallback: TypeAlias = Callable[[str], str | Awaitable[str]]
"""From the serial number of an MFA device to the code that it shows now."""

_SESSION: Final = "sagemaker-rt"


@frozen(kw_only=True)
class AssumeRoleCredentials:
    """The credentials of *role_arn*, which those of *source* may assume."""

    has_static_stability = True

    role_arn: str
    source: CredentialsProvider = field(repr=False)
    context: ProviderContext = field(repr=False)
    session_name: str | None = None
    """What the role's session is called in logs; unset, it tells this library and the
    time."""
    external_id: str | None = field(default=None, repr=False)
    duration_seconds: int | None = None
    """How long the credentials last; unset, an hour."""
    mfa_serial: str | None = None
    mfa_code: MFACallback | None = field(default=None, repr=False)
    """Asked for the code of the device *mfa_serial*, each time."""

    @property
    def limits_itself(self) -> bool:
        """Whether somebody is asked for a code, or the source has its own time."""
        is_person = self.mfa_serial is not None
        return is_person or bool(getattr(self.source, "limits_itself", False))

    async def retrieve(self) -> Credentials:
        """Assume the role.

        Raises:
            CredentialsError: The source has no credentials, or STS refuses.
        """
        source = await self.source.retrieve()
        parameters = {
            "RoleArn": self.role_arn,
            "RoleSessionName": self.session_name or _named_by(self.context),
        }
        if self.duration_seconds is not None:
            parameters["DurationSeconds"] = str(self.duration_seconds)
        if self.external_id is not None:
            parameters["ExternalId"] = self.external_id
        if self.mfa_serial is not None:
            parameters["SerialNumber"] = self.mfa_serial
            parameters["TokenCode"] = await self._code(self.mfa_serial)
        document = Document(parameters)
        del parameters  # which a traceback that shows local variables would show
        return await assume("AssumeRole", document, self.context, signed_by=source)

    async def _code(self, serial: str) -> str:
        if self.mfa_code is None:
            message = (
                f"role {self.role_arn} wants a code of the MFA device {serial}, and "
                "there is no mfa_code to ask for it"
            )
            raise CredentialsError(message)
        code = self.mfa_code(serial)
        return await code if inspect.isawaitable(code) else code


@frozen(kw_only=True)
class WebIdentityCredentials:
    """The credentials of *role_arn*, which the token in a file may assume."""

    has_static_stability = True

    role_arn: str
    token_file: str
    """Read anew each time."""
    context: ProviderContext = field(repr=False)
    session_name: str | None = None

    async def retrieve(self) -> Credentials:
        """Assume the role.

        Raises:
            CredentialsError: The file cannot be read, or STS refuses.
        """
        try:
            path = Path(self.token_file)
            token = (await asyncio.to_thread(path.read_text, "utf-8")).strip()
        except (OSError, ValueError) as error:
            message = f"the web identity token in {self.token_file} cannot be read"
            raise CredentialsError(message) from error
        parameters = Document(
            {
                "RoleArn": self.role_arn,
                "RoleSessionName": self.session_name or _named_by(self.context),
                "WebIdentityToken": token,
            }
        )
        del token  # which a traceback that shows local variables would show
        return await assume("AssumeRoleWithWebIdentity", parameters, self.context)


def _named_by(context: ProviderContext) -> str:
    return f"{_SESSION}-{int(context.clock())}"
