"""The default chain: which provider answers, and why those before it do not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from attrs import evolve, frozen

from sagemaker_rt import credentials
from sagemaker_rt.credentials.environment import EnvironmentCredentials
from sagemaker_rt.credentials.profile import login_of, process_of, role_of, sso_of
from sagemaker_rt.credentials.provider_context import ProviderContext
from sagemaker_rt.credentials.shared_file import SharedFileCredentials
from sagemaker_rt.errors import CredentialsError
from sagemaker_rt.identity import Credentials
from sagemaker_rt.interfaces import CredentialsProvider

if TYPE_CHECKING:
    from sagemaker_rt.credentials.assume_role import MFACallback

__all__ = ["DefaultChain", "Link"]


@frozen
class Link:
    """A provider of the chain, or why it is none."""

    name: str
    provider: CredentialsProvider | None
    reason: str = ""
    """Why it is not asked."""


class DefaultChain:
    """Ask the first provider that there is something to ask for.

    In order: environment, a profile's role, web identity, SSO, the shared files' keys,
    a login of the console, a profile's program, container, instance metadata. The
    first that is configured is the one; what it raises is what there is to say.

    Args:
        mfa_code: Asked for the code of an MFA device, where a role wants one.
    """

    def __init__(
        self, context: ProviderContext, *, mfa_code: MFACallback | None = None
    ) -> None:
        self._context: Final = context
        self._mfa_code: Final = mfa_code
        self._chosen: CredentialsProvider | None = None

    def __repr__(self) -> str:
        return "DefaultChain()"

    @property
    def has_static_stability(self) -> bool:
        """Whether the provider that was asked has it."""
        return bool(getattr(self._chosen, "has_static_stability", False))

    @property
    def limits_itself(self) -> bool:
        """Whether the provider that is asked has a time of its own."""
        return bool(getattr(self.links()[-1].provider, "limits_itself", False))

    def links(self) -> list[Link]:
        """Return all providers in order, up to the one that is asked.

        Raises:
            CredentialsError: A profile contradicts itself.
        """
        links: list[Link] = []
        for find in (
            self._environment,
            self._role,
            self._web_identity,
            self._sso,
            self._shared_file,
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
        """Return the credentials of the provider that is asked.

        Raises:
            CredentialsError: There is none, or it fails.
        """
        *others, last = self.links()
        self._chosen = last.provider
        if last.provider is None:
            raise _none([*others, last])
        try:
            return await last.provider.retrieve()
        except CredentialsError as error:
            if not isinstance(last.provider, credentials.InstanceMetadataCredentials):
                raise
            # nobody has asked for that one: the others may have been meant
            raise _none([*others, evolve(last, reason=str(error))]) from error

    def explain(self) -> str:
        """Return the links as lines of text; nothing is asked."""
        return "\n".join(
            f"{link.name}: {link.reason or 'is asked'}" for link in self.links()
        )

    def _environment(self) -> Link:
        names = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
        variable = self._context.variable
        if self._context.is_profile_in_code:
            return Link("environment", None, "a profile was named in code")
        if not any(map(variable, names)):
            return Link("environment", None, f"{' and '.join(names)} are not set")
        return Link("environment", EnvironmentCredentials(self._context.environ))

    def _role(self) -> Link:
        name = self._context.profile
        provider = role_of(name, self._context, self._mfa_code)
        return _link("role", provider, f"profile {name!r} has no role_arn")

    def _web_identity(self) -> Link:
        names = ("AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_ROLE_ARN")
        variable = self._context.variable
        token_file, arn = map(variable, names)
        if self._context.is_profile_in_code:
            return Link("web identity", None, "a profile was named in code")
        if not token_file:
            return Link("web identity", None, f"{names[0]} is not set")
        if not arn:
            message = f"{names[0]} is set, and {names[1]} is not"
            raise CredentialsError(message)
        provider = credentials.WebIdentityCredentials(
            role_arn=arn,
            token_file=token_file,
            session_name=variable("AWS_ROLE_SESSION_NAME"),
            context=self._context,
        )
        return Link("web identity", provider)

    def _sso(self) -> Link:
        name = self._context.profile
        provider = sso_of(name, self._context.section, self._context)
        return _link("SSO", provider, f"profile {name!r} has no sso_session")

    def _shared_file(self) -> Link:
        name, section = self._context.profile, self._context.section
        if not SharedFileCredentials.is_configured(section):
            reason = f"profile {name!r} has no aws_access_key_id"
            return Link("shared files", None, reason)
        return Link("shared files", SharedFileCredentials(section, name))

    def _login(self) -> Link:
        name = self._context.profile
        provider = login_of(name, self._context.section, self._context)
        return _link("login", provider, f"profile {name!r} has no login_session")

    def _process(self) -> Link:
        name = self._context.profile
        provider = process_of(self._context.section)
        return _link("process", provider, f"profile {name!r} has no credential_process")

    def _container(self) -> Link:
        if not credentials.ContainerCredentials.is_configured(self._context):
            reason = "no AWS_CONTAINER_CREDENTIALS_… is set"
            return Link("container", None, reason)
        return Link("container", credentials.ContainerCredentials(self._context))

    def _instance_metadata(self) -> Link:
        if credentials.InstanceMetadataCredentials.is_disabled(self._context):
            reason = "AWS_EC2_METADATA_DISABLED is true"
            return Link("instance metadata", None, reason)
        provider = credentials.InstanceMetadataCredentials(self._context)
        return Link("instance metadata", provider)


def _none(links: list[Link]) -> CredentialsError:
    reasons = "; ".join(f"{link.name}: {link.reason}" for link in links)
    return CredentialsError(f"no credentials: {reasons}; pass credentials=…")


def _link(name: str, provider: CredentialsProvider | None, reason: str) -> Link:
    return Link(name, provider, "" if provider is not None else reason)
