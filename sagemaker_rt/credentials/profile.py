"""The provider that a profile of the shared files describes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sagemaker_rt.credentials.environment import EnvironmentCredentials
from sagemaker_rt.credentials.provider_context import ProviderContext
from sagemaker_rt.credentials.shared_file import SharedFileCredentials
from sagemaker_rt.errors import CredentialsError
from sagemaker_rt.interfaces import CredentialsProvider
from sagemaker_rt.sansio.shared_config import Section

if TYPE_CHECKING:
    from sagemaker_rt.credentials.assume_role import MFACallback
    from sagemaker_rt.credentials.login import LoginCredentials
    from sagemaker_rt.credentials.process import ProcessCredentials
    from sagemaker_rt.credentials.sso import SSOCredentials

__all__ = [
    "login_provider",
    "process_provider",
    "profile_provider",
    "role_provider",
    "sso_provider",
]

_CREDENTIAL_SOURCES: Final = ("Environment", "Ec2InstanceMetadata", "EcsContainer")
_SSO_ROLE: Final = ("sso_account_id", "sso_role_name")
_SSO_PORTAL: Final = ("sso_region", "sso_start_url")
_MAX_DIGITS: Final = 9


def profile_provider(
    name: str,
    context: ProviderContext,
    mfa_code: MFACallback | None,
    visited: tuple[str, ...] = (),
) -> CredentialsProvider | None:
    """Return the provider that profile *name* describes; None if it describes none.

    Args:
        visited: The profiles whose ``source_profile`` led to this one.

    Raises:
        CredentialsError: The profile is invalid, or its roles form a cycle.
    """
    section = _section(name, context, visited)
    if visited and SharedFileCredentials.is_configured(section):
        return SharedFileCredentials(section, name)  # the first credentials of a chain
    return (
        role_provider(name, context, mfa_code, visited)
        or sso_provider(name, section, context)
        or _keys_provider(name, section)
        or login_provider(name, section, context)
        or process_provider(section)
    )


def role_provider(
    name: str,
    context: ProviderContext,
    mfa_code: MFACallback | None,
    visited: tuple[str, ...] = (),
) -> CredentialsProvider | None:
    """Return the provider of the ``role_arn`` of profile *name*; None without one.

    Args:
        visited: The profiles whose ``source_profile`` led to this one.

    Raises:
        CredentialsError: The profile is invalid, or its roles form a cycle.
    """
    section = _section(name, context, visited)
    arn = _text(section, "role_arn")
    if arn is None:
        # the variable AWS_ROLE_ARN may complete the profile
        is_completed = not visited and context.variable("AWS_ROLE_ARN")
        if _text(section, "web_identity_token_file") and not is_completed:
            message = (
                f"profile {name!r} has a web_identity_token_file and no role_arn; set "
                "both"
            )
            raise CredentialsError(message)
        return None
    from sagemaker_rt.credentials.assume_role import (  # noqa: PLC0415 - slow to import
        AssumeRoleCredentials,
        WebIdentityCredentials,
    )

    token_file = _text(section, "web_identity_token_file")
    has_source = _text(section, "source_profile") or _text(section, "credential_source")
    if token_file is None and not has_source and not visited:
        # as botocore, which takes each setting from where it is
        token_file = context.variable("AWS_WEB_IDENTITY_TOKEN_FILE")
    if token_file:
        return WebIdentityCredentials(
            role_arn=arn,
            token_file=token_file,
            session_name=_text(section, "role_session_name"),
            context=context,
        )
    return AssumeRoleCredentials(
        role_arn=arn,
        source=_role_source(name, section, context, mfa_code, visited),
        session_name=_text(section, "role_session_name"),
        external_id=_text(section, "external_id"),
        duration_seconds=_seconds(section, "duration_seconds"),
        mfa_serial=_text(section, "mfa_serial"),
        mfa_code=mfa_code,
        context=context,
    )


def sso_provider(
    name: str, section: Section, context: ProviderContext
) -> SSOCredentials | None:
    """Return the provider of the SSO role of profile *name*; None without one.

    Raises:
        CredentialsError: A property is missing, or the ``sso-session`` is.
    """
    session = _text(section, "sso_session")
    values = {key: _text(section, key) for key in _SSO_ROLE}
    if session is None and not any(values.values()):
        return None
    portal: Section = section
    where = f"profile {name!r}"
    if session is not None:
        found = context.profiles.sso_sessions.get(session)
        where = f"[sso-session {session}]"
        if found is None:
            message = (
                f"profile {name!r} refers to {where}, which is not in the config file"
            )
            raise CredentialsError(message)
        portal = found
    values |= {key: _text(portal, key) for key in _SSO_PORTAL}
    missing = [key for key, value in values.items() if value is None]
    if missing:
        message = (
            f"SSO in {where} for profile {name!r}: {' and '.join(missing)} missing"
        )
        raise CredentialsError(message)
    from sagemaker_rt.credentials.sso import (  # noqa: PLC0415 - slow to import
        SSOCredentials,
    )

    return SSOCredentials(
        account_id=values["sso_account_id"] or "",
        role_name=values["sso_role_name"] or "",
        sso_region=values["sso_region"] or "",
        start_url=values["sso_start_url"] or "",
        session=session,
        context=context,
    )


def login_provider(
    name: str, section: Section, context: ProviderContext
) -> LoginCredentials | None:
    """Return the provider of the ``login_session`` of a profile; None without one.

    Args:
        name: The name of the profile, for errors.
    """
    session = _text(section, "login_session")
    if session is None:
        return None
    from sagemaker_rt.credentials.login import (  # noqa: PLC0415 - slow to import
        LoginCredentials,
    )

    return LoginCredentials(session=session, profile=name, context=context)


def process_provider(section: Section) -> ProcessCredentials | None:
    """Return the provider of the ``credential_process``; None without one."""
    command = _text(section, "credential_process")
    if command is None:
        return None
    from sagemaker_rt.credentials.process import (  # noqa: PLC0415 - slow to import
        ProcessCredentials,
    )

    return ProcessCredentials(command, account_id=_text(section, "aws_account_id"))


def _role_source(
    name: str,
    section: Section,
    context: ProviderContext,
    mfa_code: MFACallback | None,
    visited: tuple[str, ...],
) -> CredentialsProvider:
    """Return the provider that the role of profile *name* is assumed with."""
    source = _text(section, "credential_source")
    profile = _text(section, "source_profile")
    if (source is None) == (profile is None):
        message = (
            f"profile {name!r} has a role_arn and needs exactly one of source_profile "
            "and credential_source"
        )
        raise CredentialsError(message)
    if source is not None and source not in _CREDENTIAL_SOURCES:
        message = (
            f"credential_source in profile {name!r} must be one of "
            f"{', '.join(_CREDENTIAL_SOURCES)}: {source!r}"
        )
        raise CredentialsError(message)
    if source is not None:
        return _machine_provider(source, context)
    profile = profile or ""
    if profile == name and SharedFileCredentials.is_configured(section):
        return SharedFileCredentials(section, name)  # the profile's own keys
    if profile == name or profile in visited:
        path = " -> ".join([*visited, name, profile])
        message = f"the source_profile of these profiles forms a cycle: {path}"
        raise CredentialsError(message)
    provider = profile_provider(profile, context, mfa_code, (*visited, name))
    if provider is None:
        message = (
            f"source_profile {profile!r} of profile {name!r} has no credentials: "
            "expected keys, a role, SSO, a login or a process"
        )
        raise CredentialsError(message)
    return provider


def _machine_provider(source: str, context: ProviderContext) -> CredentialsProvider:
    if source == "Environment":
        return EnvironmentCredentials(context.environ)
    if source == "EcsContainer":
        from sagemaker_rt.credentials.container import (  # noqa: PLC0415 - slow to import
            ContainerCredentials,
        )

        return ContainerCredentials(context)
    from sagemaker_rt.credentials.instance_metadata import (  # noqa: PLC0415 - slow to import
        InstanceMetadataCredentials,
    )

    return InstanceMetadataCredentials(context)


def _keys_provider(name: str, section: Section) -> SharedFileCredentials | None:
    if not SharedFileCredentials.is_configured(section):
        return None
    return SharedFileCredentials(section, name)


def _section(name: str, context: ProviderContext, visited: tuple[str, ...]) -> Section:
    section = context.profiles.find(name)
    if section is None and visited:
        message = (
            f"source_profile {name!r} of profile {visited[-1]!r} is not in the shared "
            "files"
        )
        raise CredentialsError(message)
    return section or {}


def _text(section: Section, key: str) -> str | None:
    """Return the property *key*; None if it is missing or empty."""
    found = section.get(key)
    return found.value if found is not None and found.value else None


def _seconds(section: Section, key: str) -> int | None:
    found = section.get(key)
    if found is None or not found.value:
        return None
    if not found.value.isdecimal() or len(found.value) > _MAX_DIGITS:
        message = f"{key} in {found.where} must be a number of seconds: {found.value!r}"
        raise CredentialsError(message)
    return int(found.value)
