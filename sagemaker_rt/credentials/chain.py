"""The default chain of credentials providers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from attrs import evolve, frozen

from sagemaker_rt.blocking import in_thread
from sagemaker_rt.credentials.environment import EnvironmentCredentials
from sagemaker_rt.credentials.profile import (
    login_provider,
    process_provider,
    role_provider,
    sso_provider,
)
from sagemaker_rt.credentials.provider_context import ProviderContext
from sagemaker_rt.credentials.shared_file import SharedFileCredentials
from sagemaker_rt.errors import CredentialsError, SharedConfigError
from sagemaker_rt.identity import Credentials
from sagemaker_rt.interfaces import CredentialsProvider

if TYPE_CHECKING:
    from sagemaker_rt.credentials.assume_role import MFACallback

__all__ = ["DefaultChain", "Link"]

_INSTANCE_METADATA: Final = "instance metadata"
# in code, or on the command line
_PROFILE_NAMED: Final = "a profile was named explicitly"


@frozen
class Link:
    """One link of the chain: a provider, or the reason why it is not used."""

    name: str
    provider: CredentialsProvider | None
    reason: str = ""
    """Why the provider is not used; empty if it is used."""


class DefaultChain:
    """Uses the first provider that is configured.

    The order is that of botocore: environment, role of a profile, web identity, SSO,
    keys in the shared files, console login, process, container, instance metadata. If
    the first configured provider fails, the next one is not tried: to sign with other
    credentials than the configured ones would hide the mistake.

    Args:
        mfa_code: Returns the code of an MFA device, for a role that requires one.
    """

    def __init__(
        self, context: ProviderContext, *, mfa_code: MFACallback | None = None
    ) -> None:
        self._context = context
        self._has_retrieved = False
        self._mfa_code: Final = mfa_code
        self._used: CredentialsProvider | None = None
        """The provider of the last retrieval."""

    def __repr__(self) -> str:
        return "DefaultChain()"

    @property
    def has_static_stability(self) -> bool:
        """Whether the provider that was used last has static stability."""
        return bool(getattr(self._used, "has_static_stability", False))

    @property
    def has_own_timeout(self) -> bool:
        """Whether the provider that is used limits its time itself."""
        return bool(getattr(self.links()[-1].provider, "has_own_timeout", False))

    def links(self) -> list[Link]:
        """Return the links in order, up to the one that is used; sends no request.

        Raises:
            CredentialsError: The configuration of a provider is invalid.
        """
        links: list[Link] = []
        for find in (
            self._environment,
            self._role,
            self._web_identity,
            self._sso,
            self._shared_files,
            self._login,
            self._process,
            self._container,
            self._instance_metadata,
        ):
            links.append(find())
            if links[-1].provider is not None:
                break
        return links

    async def retrieve(self) -> Credentials:
        """Return the credentials of the first provider that is configured.

        Raises:
            CredentialsError: No provider is configured, or the configured one failed.
        """
        if self._has_retrieved:  # the keys were refused, or have expired
            await self._reload()
        self._has_retrieved = True
        *others, last = self.links()
        self._used = last.provider
        if last.provider is None:
            raise _no_credentials([*others, last])
        try:
            return await last.provider.retrieve()
        except CredentialsError as error:
            if last.name != _INSTANCE_METADATA:
                raise
            # It is tried even if nothing is configured, so list all providers.
            links = [*others, evolve(last, reason=str(error))]
            raise _no_credentials(links) from error

    async def _reload(self) -> None:
        """Read the shared files again: their keys may have been replaced."""
        reload = self._context.reload_profiles
        if reload is not None:
            try:
                profiles = await in_thread(reload)
            except SharedConfigError as error:
                raise CredentialsError(str(error)) from error
            self._context = evolve(self._context, profiles=profiles)

    def explain(self) -> str:
        """Return the links as lines of text; sends no request.

        Raises:
            CredentialsError: The configuration of a provider is invalid.
        """
        return "\n".join(
            f"{link.name}: {link.reason or 'used'}" for link in self.links()
        )

    def _environment(self) -> Link:
        names = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
        if self._context.is_profile_in_code:
            return Link("environment", None, _PROFILE_NAMED)
        # one of them is enough: half a pair is an error, not a missing configuration
        if not any(map(self._context.variable, names)):
            return Link("environment", None, f"{' and '.join(names)} are not set")
        return Link("environment", EnvironmentCredentials(self._context.environ))

    def _role(self) -> Link:
        name = self._context.profile
        provider = role_provider(name, self._context, self._mfa_code)
        return _link("role", provider, f"profile {name!r} has no role_arn")

    def _web_identity(self) -> Link:
        names = ("AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_ROLE_ARN")
        token_file, arn = map(self._context.variable, names)
        if self._context.is_profile_in_code:
            return Link("web identity", None, _PROFILE_NAMED)
        if not token_file:
            found = self._context.section.get("web_identity_token_file")
            token_file = found.value if found is not None else None
        if not token_file:
            return Link("web identity", None, f"{names[0]} is not set")
        if not arn:
            message = f"{names[0]} is set, but {names[1]} is not; set both"
            raise CredentialsError(message)
        from sagemaker_rt.credentials.assume_role import (  # noqa: PLC0415 - slow to import
            WebIdentityCredentials,
        )

        provider = WebIdentityCredentials(
            role_arn=arn,
            token_file=token_file,
            session_name=self._context.variable("AWS_ROLE_SESSION_NAME"),
            context=self._context,
        )
        return Link("web identity", provider)

    def _sso(self) -> Link:
        name = self._context.profile
        provider = sso_provider(name, self._context.section, self._context)
        return _link("SSO", provider, f"profile {name!r} has no sso_session")

    def _shared_files(self) -> Link:
        name, section = self._context.profile, self._context.section
        if not SharedFileCredentials.is_configured(section):
            reason = f"profile {name!r} has no aws_access_key_id"
            return Link("shared files", None, reason)
        return Link("shared files", SharedFileCredentials(section, name))

    def _login(self) -> Link:
        name = self._context.profile
        provider = login_provider(name, self._context.section, self._context)
        return _link("login", provider, f"profile {name!r} has no login_session")

    def _process(self) -> Link:
        name = self._context.profile
        provider = process_provider(self._context.section)
        return _link("process", provider, f"profile {name!r} has no credential_process")

    def _container(self) -> Link:
        from sagemaker_rt.credentials.container import (  # noqa: PLC0415 - slow to import
            ContainerCredentials,
        )

        if not ContainerCredentials.is_configured(self._context):
            reason = "AWS_CONTAINER_CREDENTIALS_FULL_URI and …_RELATIVE_URI are not set"
            return Link("container", None, reason)
        return Link("container", ContainerCredentials(self._context))

    def _instance_metadata(self) -> Link:
        from sagemaker_rt.credentials.instance_metadata import (  # noqa: PLC0415 - slow to import
            InstanceMetadataCredentials,
        )

        if InstanceMetadataCredentials.is_disabled(self._context):
            reason = "AWS_EC2_METADATA_DISABLED is true"
            return Link(_INSTANCE_METADATA, None, reason)
        return Link(_INSTANCE_METADATA, InstanceMetadataCredentials(self._context))


def _link(name: str, provider: CredentialsProvider | None, reason: str) -> Link:
    return Link(name, provider, "" if provider is not None else reason)


def _no_credentials(links: list[Link]) -> CredentialsError:
    """Return the error that lists the *links*, and how to provide credentials."""
    tried = "; ".join(
        f"({number}) {link.name}: {link.reason}" for number, link in enumerate(links, 1)
    )
    message = (
        f"no credentials found; tried in this order: {tried}; set AWS_ACCESS_KEY_ID "
        "and AWS_SECRET_ACCESS_KEY, run `aws configure` or `aws sso login`, or pass "
        "credentials=…"
    )
    return CredentialsError(message)
