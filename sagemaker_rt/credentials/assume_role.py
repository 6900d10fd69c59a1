"""Credentials of an assumed role, by other credentials or by a web identity."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from typing import Final, TypeAlias

from attrs import field, frozen

from sagemaker_rt.blocking import in_thread
from sagemaker_rt.credentials.documents import Document
from sagemaker_rt.credentials.provider_context import ProviderContext
from sagemaker_rt.credentials.security_token_service import assume_role
from sagemaker_rt.errors import CredentialsError
from sagemaker_rt.identity import Credentials
from sagemaker_rt.interfaces import CredentialsProvider

__all__ = ["AssumeRoleCredentials", "MFACallback", "WebIdentityCredentials"]

MFACallback: TypeAlias = Callable[[str], str | Awaitable[str]]
"""Takes the serial number of an MFA device; returns the code that it shows now."""

_SESSION_PREFIX: Final = "sagemaker-rt"


@frozen(kw_only=True)
class AssumeRoleCredentials:
    """The credentials of *role_arn*, which is assumed with those of *source*."""

    has_static_stability = True

    role_arn: str
    source: CredentialsProvider = field(repr=False)
    context: ProviderContext = field(repr=False)
    session_name: str | None = None
    """The name of the role session in CloudTrail; by default it has the name of this
    library and the time."""
    external_id: str | None = field(default=None, repr=False)
    duration_seconds: int | None = None
    """The lifetime of the credentials; STS's default is an hour."""
    mfa_serial: str | None = None
    mfa_code: MFACallback | None = field(default=None, repr=False)
    """Called with *mfa_serial* each time the role is assumed."""

    @property
    def has_own_timeout(self) -> bool:
        """Whether a person must enter a code, or the source has a timeout itself."""
        needs_person = self.mfa_serial is not None
        return needs_person or bool(getattr(self.source, "has_own_timeout", False))

    async def retrieve(self) -> Credentials:
        """Assume the role.

        Raises:
            CredentialsError: The source has no credentials, STS refuses, or an MFA code
                is required and *mfa_code* is not set.
        """
        source = await self.source.retrieve()
        parameters = {
            "RoleArn": self.role_arn,
            "RoleSessionName": self.session_name or _session_name(self.context),
        }
        if self.duration_seconds is not None:
            parameters["DurationSeconds"] = str(self.duration_seconds)
        if self.external_id is not None:
            parameters["ExternalId"] = self.external_id
        if self.mfa_serial is not None:
            parameters["SerialNumber"] = self.mfa_serial
            parameters["TokenCode"] = await self._mfa_code(self.mfa_serial)
        document = Document(parameters)
        del parameters  # secrets, which a traceback with local variables would show
        return await assume_role("AssumeRole", document, self.context, signed_by=source)

    async def _mfa_code(self, serial: str) -> str:
        if self.mfa_code is None:
            message = (
                f"role {self.role_arn} requires a code of the MFA device {serial}; "
                "pass mfa_code=…, a function that returns it"
            )
            raise CredentialsError(message)
        code = self.mfa_code(serial)
        return await code if inspect.isawaitable(code) else code


@frozen(kw_only=True)
class WebIdentityCredentials:
    """The credentials of *role_arn*, which is assumed with the token in *token_file*.

    This is how a pod of EKS gets the credentials of its service account.
    """

    has_static_stability = True

    role_arn: str
    token_file: str
    """Read again each time the role is assumed, since the token is rotated."""
    context: ProviderContext = field(repr=False)
    session_name: str | None = None
    """As in `AssumeRoleCredentials`."""

    async def retrieve(self) -> Credentials:
        """Assume the role.

        Raises:
            CredentialsError: The file cannot be read, or STS refuses.
        """
        try:
            path = self.context.path(self.token_file)
            token = (await in_thread(path.read_text, "utf-8")).strip()
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or "it is not valid UTF-8"
            message = f"web identity token file {self.token_file}: {reason}"
            raise CredentialsError(message) from error
        parameters = Document(
            {
                "RoleArn": self.role_arn,
                "RoleSessionName": self.session_name or _session_name(self.context),
                "WebIdentityToken": token,
            }
        )
        del token  # a secret, which a traceback with local variables would show
        return await assume_role("AssumeRoleWithWebIdentity", parameters, self.context)


def _session_name(context: ProviderContext) -> str:
    return f"{_SESSION_PREFIX}-{int(context.clock())}"
