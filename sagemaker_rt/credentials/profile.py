"""From a profile of the shared files to the provider that it describes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sagemaker_rt import credentials
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

__all__ = ["login_of", "of_profile", "process_of", "role_of", "sso_of"]

_SOURCES: Final = ("Environment", "Ec2InstanceMetadata", "EcsContainer")
_ACCOUNT_AND_ROLE: Final = ("sso_account_id", "sso_role_name")
_MOST_DIGITS: Final = 9
_PORTAL: Final = ("sso_region", "sso_start_url")


def role_of(
    name: str,
    context: ProviderContext,
    mfa_code: MFACallback | None,
    seen: tuple[str, ...] = (),
) -> CredentialsProvider | None:
    """Return the provider of the role that profile *name* assumes; None without one.

    Args:
        seen: The profiles that lead to this one.

    Raises:
        CredentialsError: The profile contradicts itself, or leads back to itself.
    """
    section = _section(name, context, seen)
    arn = _text(section, "role_arn")
    if arn is None:
        return None
    if token_file := _text(section, "web_identity_token_file"):
        return credentials.WebIdentityCredentials(
            role_arn=arn,
            token_file=token_file,
            session_name=_text(section, "role_session_name"),
            context=context,
        )
    return credentials.AssumeRoleCredentials(
        role_arn=arn,
        source=_source(name, section, context, mfa_code, seen),
        session_name=_text(section, "role_session_name"),
        external_id=_text(section, "external_id"),
        duration_seconds=_seconds(section, "duration_seconds"),
        mfa_serial=_text(section, "mfa_serial"),
        mfa_code=mfa_code,
        context=context,
    )


def _source(
    name: str,
    section: Section,
    context: ProviderContext,
    mfa_code: MFACallback | None,
    seen: tuple[str, ...],
) -> CredentialsProvider:
    """Return what the role of profile *name* is assumed with."""
    named = _text(section, "credential_source")
    profile = _text(section, "source_profile")
    if (named is None) == (profile is None):
        message = (
            f"profile {name!r} has a role_arn; it needs one of source_profile and "
            "credential_source"
        )
        raise CredentialsError(message)
    if named is not None and named not in _SOURCES:
        message = (
            f"credential_source in profile {name!r} must be one of "
            f"{', '.join(_SOURCES)}: {named!r}"
        )
        raise CredentialsError(message)
    if named is not None:
        return _named(named, context)
    profile = profile or ""
    if profile == name and SharedFileCredentials.is_configured(section):
        return SharedFileCredentials(section, name)  # its own keys are meant
    if profile == name or profile in seen:
        way = " -> ".join([*seen, name, profile])
        message = f"the roles of profiles lead in a circle: {way}"
        raise CredentialsError(message)
    source = of_profile(profile, context, mfa_code, (*seen, name))
    if source is None:
        message = (
            f"source_profile {profile!r} of profile {name!r} has no credentials: "
            "neither keys, role, SSO, login nor process"
        )
        raise CredentialsError(message)
    return source


def _named(source: str, context: ProviderContext) -> CredentialsProvider:
    if source == "Environment":
        return EnvironmentCredentials(context.environ)
    if source == "EcsContainer":
        return credentials.ContainerCredentials(context)
    return credentials.InstanceMetadataCredentials(context)


def of_profile(
    name: str,
    context: ProviderContext,
    mfa_code: MFACallback | None,
    seen: tuple[str, ...] = (),
) -> CredentialsProvider | None:
    """Return the provider that profile *name* describes; None without one."""
    section = _section(name, context, seen)
    if seen and SharedFileCredentials.is_configured(section):
        return SharedFileCredentials(section, name)  # where a way of roles begins
    return (
        role_of(name, context, mfa_code, seen)
        or sso_of(name, section, context)
        or _keys_of(name, section)
        or login_of(name, section, context)
        or process_of(section)
    )


def _keys_of(name: str, section: Section) -> SharedFileCredentials | None:
    if not SharedFileCredentials.is_configured(section):
        return None
    return SharedFileCredentials(section, name)


def sso_of(
    name: str, section: Section, context: ProviderContext
) -> SSOCredentials | None:
    """Return the provider of the SSO role of profile *name*; None without one.

    Raises:
        CredentialsError: Something that it takes is missing, or said twice.
    """
    session = _text(section, "sso_session")
    wanted = {key: _text(section, key) for key in _ACCOUNT_AND_ROLE}
    if session is None and not any(wanted.values()):
        return None
    portal: Section = section
    where = f"profile {name!r}"
    if session is not None:
        found = context.profiles.sso_sessions.get(session)
        where = f"[sso-session {session}]"
        if found is None:
            message = f"profile {name!r} names {where}, which is not there"
            raise CredentialsError(message)
        portal = found
    wanted |= {key: _text(portal, key) for key in _PORTAL}
    missing = [key for key, value in wanted.items() if value is None]
    if missing:
        message = f"SSO by {where}, for profile {name!r}: no {' and no '.join(missing)}"
        raise CredentialsError(message)
    return credentials.SSOCredentials(
        account_id=wanted["sso_account_id"] or "",
        role_name=wanted["sso_role_name"] or "",
        sso_region=wanted["sso_region"] or "",
        start_url=wanted["sso_start_url"] or "",
        session=session,
        context=context,
    )


def login_of(
    name: str, section: Section, context: ProviderContext
) -> LoginCredentials | None:
    """Return the provider of the login that profile *name* names; None without one."""
    session = _text(section, "login_session")
    if session is None:
        return None
    return credentials.LoginCredentials(session=session, profile=name, context=context)


def process_of(section: Section) -> ProcessCredentials | None:
    """Return the provider that runs the profile's program; None without one."""
    command = _text(section, "credential_process")
    return None if command is None else credentials.ProcessCredentials(command)


def _section(name: str, context: ProviderContext, seen: tuple[str, ...]) -> Section:
    section = context.profiles.profiles.get(name)
    if section is None and seen:
        message = f"source_profile {name!r} of profile {seen[-1]!r} is not there"
        raise CredentialsError(message)
    return section or {}


def _text(section: Section, key: str) -> str | None:
    found = section.get(key)
    return found.value if found is not None and found.value else None


def _seconds(section: Section, key: str) -> int | None:
    found = section.get(key)
    if found is None or not found.value:
        return None
    if not found.value.isdecimal() or len(found.value) > _MOST_DIGITS:
        message = f"{key} in {found.where} must be a number of seconds: {found.value!r}"
        raise CredentialsError(message)
    return int(found.value)
