"""How a request proves who sends it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, Literal, TypeAlias

from attrs import field, frozen
from attrs.validators import and_, deep_iterable, optional

from sagemaker_rt.errors import OptionsError
from sagemaker_rt.identity import AuthScheme
from sagemaker_rt.interfaces import HTTPAuthScheme, Signer, TokenProvider
from sagemaker_rt.options.checks import has_method, instance_of, is_callable, one_of

__all__ = [
    "AuthOptions",
    "AuthSchemeResolver",
    "PayloadSigning",
]

AuthSchemeResolver: TypeAlias = Callable[[str, str | None], Sequence[AuthScheme]]
"""From an operation's name and the region to the schemes that may be used, the
preferred one first. It is asked when the stack of a call is compiled."""


PayloadSigning: TypeAlias = Literal["signed", "unsigned"]
_PAYLOAD_SIGNINGS: Final[tuple[PayloadSigning, ...]] = ("signed", "unsigned")


_RETRIEVE: Final = "retrieve_identity"


def _schemes(value: object) -> tuple[Any, ...]:
    if not isinstance(value, Iterable):
        message = f"auth_schemes must be an iterable of schemes: {value!r}"
        raise OptionsError(message)
    return tuple(value)


def _names(value: object) -> tuple[str, ...] | None:
    if value is None:
        return None
    if isinstance(value, Iterable) and not isinstance(value, str):
        names = tuple(value)
        if all(isinstance(name, str) for name in names):
            return names
    message = f"auth_scheme_preference must be an iterable of names: {value!r}"
    raise OptionsError(message)


@frozen(kw_only=True)
class AuthOptions:
    """How a request proves who sends it; the credentials are an option of their own."""

    sigv4_signing_name: str | None = field(
        default=None, validator=optional(instance_of(str))
    )
    """The service to sign for, whatever an endpoint says."""
    sigv4_signing_region: str | None = field(
        default=None, validator=optional(instance_of(str))
    )
    """The region to sign for, whatever an endpoint says."""
    signer: Signer | None = field(default=None, validator=optional(has_method("sign")))
    """What signs requests; unset means Signature Version 4."""
    token_provider: TokenProvider | None = field(
        default=None, validator=optional(has_method("retrieve"))
    )
    """Where bearer tokens come from. They are used where no credentials are given, and
    where ``httpBearerAuth`` is preferred."""
    auth_schemes: tuple[HTTPAuthScheme, ...] = field(
        default=(),
        converter=_schemes,
        validator=deep_iterable(and_(has_method("sign"), has_method(_RETRIEVE))),
    )
    """Schemes of the caller's own, which are offered before the others."""
    auth_scheme_preference: tuple[str, ...] | None = field(
        default=None, converter=_names
    )
    """Names of schemes, the preferred one first: ``sigv4``, ``httpBearerAuth``,
    ``noAuth``; a namespace before ``#`` does not count."""
    auth_scheme_resolver: AuthSchemeResolver | None = field(
        default=None, validator=optional(is_callable)
    )
    """What offers schemes in the place of the service's rules."""
    payload_signing: PayloadSigning = field(
        default="signed", validator=one_of(*_PAYLOAD_SIGNINGS)
    )
    """``unsigned`` leaves the body out of the signature, so that a huge one need not be
    read twice; over TLS alone, and where the service accepts ``UNSIGNED-PAYLOAD``."""
