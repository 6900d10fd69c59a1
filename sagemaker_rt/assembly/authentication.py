"""From options to the middlewares that prove who calls."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TypeAlias

from attrs import frozen

from sagemaker_rt.context import CREDENTIALS, TOKEN
from sagemaker_rt.identity import AnonymousCredentials, AuthScheme, Credentials, Token
from sagemaker_rt.interfaces import (
    Clock,
    CredentialsStore,
    HTTPAuthScheme,
    Signer,
    TokenStore,
)
from sagemaker_rt.middleware.bearer_signing import BearerSigning
from sagemaker_rt.middleware.compute_payload_hash import ComputePayloadHash
from sagemaker_rt.middleware.get_identity import GetIdentity
from sagemaker_rt.middleware.resolve_auth_scheme import ResolveAuthScheme
from sagemaker_rt.middleware.scheme_signing import SchemeSigning
from sagemaker_rt.middleware.signing import Signing
from sagemaker_rt.middleware.unsigned_payload import UnsignedPayload
from sagemaker_rt.operations import SIGNING_NAME, Operation
from sagemaker_rt.options import AuthOptions
from sagemaker_rt.sansio.auth_schemes import (
    BEARER,
    NO_AUTH,
    SIGV4,
    choose,
    preferred,
)

__all__ = ["Authentication"]

_GetIdentity: TypeAlias = GetIdentity[Credentials] | GetIdentity[Token]


@frozen(kw_only=True)
class Authentication:
    """The middlewares for a call's scheme; None in the place of one that it needs not.

    Raises:
        OptionsError: No scheme that is offered can be used.
    """

    operation: Operation
    region: str | None
    options: AuthOptions
    credentials: CredentialsStore | AnonymousCredentials
    are_given: bool
    """Whether the caller gave credentials; else they are those of the default chain."""
    tokens: TokenStore | None
    signer: Signer
    clock: Clock

    @cached_property
    def scheme(self) -> AuthScheme:
        """How the call proves who sends it."""
        usable = {NO_AUTH, *self._own}
        if not isinstance(self.credentials, AnonymousCredentials):
            usable.add(SIGV4)
        if self.tokens is not None:
            usable.add(BEARER)
        preference = self.options.auth_scheme_preference or ()
        return choose(preferred(self._offered(), preference), usable)

    def _offered(self) -> Sequence[AuthScheme]:
        """Return what may be used, in the order of the caller's resolver or our own."""
        if self.options.auth_scheme_resolver is not None:
            return self.options.auth_scheme_resolver(self.operation.name, self.region)
        offered = [
            *(AuthScheme(id, SIGNING_NAME, self.region) for id in self._own),
            AuthScheme(SIGV4, SIGNING_NAME, self.region),
            AuthScheme(BEARER),
            AuthScheme(NO_AUTH),
        ]
        # who gives tokens alone does not want the default chain to be asked
        return offered if self.are_given else preferred(offered, [*self._own, BEARER])

    @property
    def _own(self) -> dict[str, HTTPAuthScheme]:
        return {scheme.id: scheme for scheme in self.options.auth_schemes}

    def compute_payload_hash(self) -> ComputePayloadHash | None:
        """Return what hashes the body, where that is signed."""
        is_signed = self.options.payload_signing == "signed"
        return ComputePayloadHash() if is_signed and self.scheme.id == SIGV4 else None

    def unsigned_payload(self) -> UnsignedPayload | None:
        """Return what leaves the body out of the signature, where that is wanted."""
        is_signed = self.options.payload_signing == "signed"
        return None if is_signed or self.scheme.id != SIGV4 else UnsignedPayload()

    def resolve_auth_scheme(self) -> ResolveAuthScheme | None:
        """Return what tells the scheme to those that follow it."""
        return None if self.scheme.id == NO_AUTH else ResolveAuthScheme(self.scheme)

    def get_identity(self) -> _GetIdentity | None:
        """Return what fetches credentials, or a token."""
        if self.scheme.id == BEARER and self.tokens is not None:
            return GetIdentity(self.tokens, TOKEN)
        if self.scheme.id != SIGV4 or isinstance(
            self.credentials, AnonymousCredentials
        ):
            return None
        return GetIdentity(self.credentials, CREDENTIALS)

    def signing(self) -> Signing | BearerSigning | SchemeSigning | None:
        """Return what signs, or writes the token."""
        if self.scheme.id in self._own:
            return SchemeSigning(self._own[self.scheme.id])
        if self.scheme.id == BEARER:
            return BearerSigning()
        if self.scheme.id == NO_AUTH:
            return None
        return Signing(
            self.signer,
            self.clock,
            name=self.options.sigv4_signing_name,
            region=self.options.sigv4_signing_region,
        )
