"""Options for signing and authentication."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, Literal, TypeAlias

from attrs import Attribute, field, frozen
from attrs.validators import and_, deep_iterable, optional

from sagemaker_rt.errors import OptionsError
from sagemaker_rt.frozen_value import FrozenValue
from sagemaker_rt.identity import AuthScheme
from sagemaker_rt.interfaces import HTTPAuthScheme, Signer, TokenProvider
from sagemaker_rt.options.checks import has_method, instance_of, is_plain, one_of

__all__ = [
    "AuthOptions",
    "AuthSchemeResolver",
    "PayloadSigning",
]

AuthSchemeResolver: TypeAlias = Callable[[str, str | None], Sequence[AuthScheme]]
"""Returns the schemes for an operation name and a region, in order of preference.

It is called when the stack of a call is compiled.
"""

PayloadSigning: TypeAlias = Literal["signed", "unsigned"]
_PAYLOAD_SIGNING: Final[tuple[PayloadSigning, ...]] = ("signed", "unsigned")


def _schemes(value: Iterable[HTTPAuthScheme]) -> tuple[Any, ...]:
    if not isinstance(value, Iterable):  # not every caller runs a type checker
        message = f"auth_schemes must be an iterable of schemes: {value!r}"
        raise OptionsError(message)
    return tuple(value)


def _names(value: Iterable[str] | None) -> tuple[str, ...] | None:
    if value is None:
        return None
    if isinstance(value, Iterable) and not isinstance(value, str):
        names = tuple(value)
        if all(isinstance(name, str) for name in names):
            return names
    message = f"auth_scheme_preference must be an iterable of names: {value!r}"
    raise OptionsError(message)


def _has_id(_: object, attribute: Attribute[Any], value: object) -> None:
    try:
        id = getattr(value, "id", None)
    except Exception as error:
        message = f"{attribute.name}: the id of {value!r} cannot be read"
        raise OptionsError(message) from error
    if not isinstance(id, str) or not id:
        message = f"{attribute.name} must be objects with an id that is text: {value!r}"
        raise OptionsError(message)


@frozen(kw_only=True, eq=False, repr=False)
class AuthOptions(FrozenValue):
    """Options for signing and authentication. See also ``credentials``."""

    sigv4_signing_name: str | None = field(
        default=None, validator=optional(instance_of(str))
    )
    """The service name in signatures; the default is the endpoint's, or
    ``sagemaker``."""
    sigv4_signing_region: str | None = field(
        default=None, validator=optional(instance_of(str))
    )
    """The region in signatures; the default is the endpoint's, or *region*."""
    signer: Signer | None = field(default=None, validator=optional(has_method("sign")))
    """A custom signer; the default is Signature Version 4."""
    token_provider: TokenProvider | None = field(
        default=None, validator=optional(has_method("retrieve"))
    )
    """The source of bearer tokens. They are used if *credentials* is not set, or if
    *auth_scheme_preference* begins with ``httpBearerAuth``."""
    auth_schemes: tuple[HTTPAuthScheme, ...] = field(
        default=(),
        converter=_schemes,
        validator=deep_iterable(
            and_(has_method("sign"), has_method("retrieve_identity"), _has_id)
        ),
    )
    """Custom authentication schemes, which are preferred to the others."""
    auth_scheme_preference: tuple[str, ...] | None = field(
        default=None, converter=_names
    )
    """Names of authentication schemes in order of preference: ``sigv4``,
    ``httpBearerAuth``, ``noAuth``. A namespace before ``#`` is ignored. If it names
    ``httpBearerAuth`` and *token_provider* is not set, the next scheme that it names is
    used; without one, the call is an error."""
    auth_scheme_resolver: AuthSchemeResolver | None = field(
        default=None, validator=optional(is_plain)
    )
    """A function of the operation's name and the region that returns the usable
    schemes; it replaces the rules of the service."""
    payload_signing: PayloadSigning = field(
        default="signed", validator=one_of(*_PAYLOAD_SIGNING)
    )
    """``unsigned`` leaves the body out of the signature, so that a large body is read
    once. It needs HTTPS, and a server that accepts ``UNSIGNED-PAYLOAD``."""
