"""From options to the middleware that authenticates calls: schemes and signing."""

from __future__ import annotations

from collections.abc import Coroutine, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Final, Self, TypeAlias

from attrs import frozen

from sagemaker_rt.assembly.components import Components
from sagemaker_rt.assembly.omitted import Omitted
from sagemaker_rt.context import CREDENTIALS, TOKEN
from sagemaker_rt.errors import ComponentError
from sagemaker_rt.frozen_value import FrozenValue
from sagemaker_rt.identity import AnonymousCredentials, AuthScheme, Credentials, Token
from sagemaker_rt.interfaces import (
    Clock,
    CredentialsStore,
    HTTPAuthScheme,
    Signer,
    TokenStore,
    needs_identity,
)
from sagemaker_rt.middleware.compute_payload_hash import ComputePayloadHash
from sagemaker_rt.middleware.get_identity import GetIdentity
from sagemaker_rt.middleware.resolve_auth_scheme import ResolveAuthScheme
from sagemaker_rt.middleware.signing import Signing
from sagemaker_rt.operations import SIGNING_NAME, Operation
from sagemaker_rt.options import AuthOptions, Options
from sagemaker_rt.options.auth import AuthSchemeResolver
from sagemaker_rt.sansio.auth_schemes import (
    BEARER,
    NO_AUTH,
    SIGV4,
    choose_scheme,
    is_named,
    sort_by_preference,
)
from sagemaker_rt.sansio.component_calls import call_component
from sagemaker_rt.sansio.endpoints import normalize_region

if TYPE_CHECKING:
    from sagemaker_rt.middleware.bearer_signing import BearerSigning
    from sagemaker_rt.middleware.custom_scheme_signing import CustomSchemeSigning
    from sagemaker_rt.middleware.streaming_events_payload import StreamingEventsPayload
    from sagemaker_rt.middleware.unsigned_payload import UnsignedPayload

__all__ = ["Authentication"]

_LONGEST_STREAM: Final = 31 * 60.0  # the service closes a stream after 30 minutes
_ANONYMOUS: Final = "the caller is anonymous"

_GetIdentity: TypeAlias = GetIdentity[Credentials] | GetIdentity[Token]


@frozen(kw_only=True, eq=False, repr=False, slots=False)
class Authentication(FrozenValue):
    """Makes the middleware for the authentication scheme of a call.

    Raises:
        ComponentError: The ``auth_scheme_resolver`` raised an exception.
        OptionsError: No scheme is usable with these options.
    """

    operation: Operation
    region: str | None
    options: AuthOptions
    credentials: CredentialsStore | AnonymousCredentials
    has_credentials_option: bool
    """Whether ``credentials`` is set; else the default chain is used."""
    tokens: TokenStore | None
    signer: Signer
    clock: Clock

    @classmethod
    def of(cls, operation: Operation, options: Options, components: Components) -> Self:
        """Return the authentication of calls of *operation*."""
        region = options.region
        return cls(
            operation=operation,
            region=None if region is None else normalize_region(region)[0],
            options=options.auth,
            credentials=components.credentials,
            has_credentials_option=options.credentials is not None,
            tokens=components.tokens,
            signer=components.signer,
            clock=components.clock,
        )

    @cached_property
    def scheme(self) -> AuthScheme:
        """The scheme that authenticates the call."""
        usable = {NO_AUTH, *self._custom_schemes}
        if not isinstance(self.credentials, AnonymousCredentials):
            usable.add(SIGV4)
        if self.tokens is not None:
            usable.add(BEARER)
        preference = self.options.auth_scheme_preference or ()
        offered = sort_by_preference(self._offered(), preference)
        return choose_scheme(offered, usable, preference)

    def unused_schemes(self) -> list[Omitted]:
        """Return the preferred scheme that is not used without a token provider."""
        preference = self.options.auth_scheme_preference or ()
        if self.tokens is not None or not is_named(AuthScheme(BEARER), preference):
            return []
        reason = f"token_provider is not set; {self.scheme.id} is used instead"
        return [Omitted(BEARER, reason)]

    def _offered(self) -> Sequence[AuthScheme]:
        """Return the schemes in order of preference, by a custom resolver or ours."""
        resolver = self.options.auth_scheme_resolver
        if resolver is not None:
            return _resolved(resolver, self.operation.name, self.region)
        offered = [
            *(AuthScheme(id, SIGNING_NAME, self.region) for id in self._custom_schemes),
            AuthScheme(SIGV4, SIGNING_NAME, self.region),
            AuthScheme(BEARER),
            AuthScheme(NO_AUTH),
        ]
        if self.has_credentials_option:
            return offered
        # a token provider without credentials: do not search the default chain
        return sort_by_preference(offered, [*self._custom_schemes, BEARER])

    @property
    def _custom_schemes(self) -> dict[str, HTTPAuthScheme]:
        return {scheme.id: scheme for scheme in self.options.auth_schemes}

    def compute_payload_hash(
        self,
    ) -> ComputePayloadHash | StreamingEventsPayload | Omitted:
        """Return the middleware that hashes a body that is signed."""
        if self.operation.is_bidirectional:
            from sagemaker_rt.middleware.streaming_events_payload import (  # noqa: PLC0415 - if it is on
                StreamingEventsPayload,
            )

            return StreamingEventsPayload()
        if self._signs_payload:
            return ComputePayloadHash()
        return Omitted("ComputePayloadHash", "the body is not signed")

    def unsigned_payload(self) -> UnsignedPayload | Omitted:
        """Return the middleware that leaves the body out of the signature."""
        if self.scheme.id != SIGV4:
            return Omitted("UnsignedPayload", "the call is not signed by SigV4")
        if self.operation.is_bidirectional:
            return Omitted("UnsignedPayload", "each event is signed")
        if self._signs_payload:
            return Omitted("UnsignedPayload", "payload_signing is not unsigned")
        from sagemaker_rt.middleware.unsigned_payload import (  # noqa: PLC0415 - if it is on
            UnsignedPayload,
        )

        return UnsignedPayload()

    def resolve_auth_scheme(self) -> ResolveAuthScheme | Omitted:
        """Return the middleware that passes the scheme to those after it."""
        if self.scheme.id == NO_AUTH:
            return Omitted("ResolveAuthScheme", _ANONYMOUS)
        return ResolveAuthScheme(self.scheme)

    def get_identity(self) -> _GetIdentity | Omitted:
        """Return the middleware that retrieves credentials, or a token."""
        if self.scheme.id in self._custom_schemes:
            return Omitted("GetIdentity", "the custom scheme has the identity")
        if self.scheme.id == BEARER and self.tokens is not None:
            return GetIdentity(self.tokens, TOKEN)
        if self.scheme.id != SIGV4 or isinstance(
            self.credentials, AnonymousCredentials
        ):
            return Omitted("GetIdentity", _ANONYMOUS)
        if not needs_identity(self.signer):
            return Omitted("GetIdentity", "the signer has its own credentials")
        store = self.credentials
        if self.operation.is_bidirectional:
            from sagemaker_rt.credentials.minimum_lifetime import (  # noqa: PLC0415 - if it is on
                MinimumLifetime,
            )

            # they sign each event until the stream ends
            store = MinimumLifetime(store, self.clock, _LONGEST_STREAM)
        return GetIdentity(store, CREDENTIALS)

    def signing(self) -> Signing | BearerSigning | CustomSchemeSigning | Omitted:
        """Return the middleware that signs, or writes the token."""
        if self.scheme.id in self._custom_schemes:
            from sagemaker_rt.middleware.custom_scheme_signing import (  # noqa: PLC0415 - if it is on
                CustomSchemeSigning,
            )

            return CustomSchemeSigning(self._custom_schemes[self.scheme.id])
        if self.scheme.id == BEARER:
            from sagemaker_rt.middleware.bearer_signing import (  # noqa: PLC0415 - if it is on
                BearerSigning,
            )

            return BearerSigning()
        if self.scheme.id == NO_AUTH:
            return Omitted("Signing", _ANONYMOUS)
        return Signing(
            self.signer,
            self.clock,
            name=self.options.sigv4_signing_name,
            region=self.options.sigv4_signing_region,
        )

    @property
    def signing_region(self) -> str | None:
        """The region that the call is signed for; None if SigV4 does not sign it."""
        if self.scheme.id != SIGV4:
            return None
        return self.options.sigv4_signing_region or self.region

    @property
    def _signs_payload(self) -> bool:
        return self.scheme.id == SIGV4 and self.options.payload_signing == "signed"


def _resolved(
    resolver: AuthSchemeResolver, operation: str, region: str | None
) -> Sequence[AuthScheme]:
    """Return the schemes that a custom *resolver* returns."""
    option = "auth_scheme_resolver"
    schemes = call_component(option, resolver, operation, region)
    if isinstance(schemes, list | tuple):
        if all(isinstance(scheme, AuthScheme) for scheme in schemes):
            return tuple(schemes)
        kinds = sorted({type(scheme).__name__ for scheme in schemes})
        problem = f"returned a sequence of {', '.join(kinds)}"
    else:
        problem = f"returned {type(schemes).__name__}"
        if isinstance(schemes, Coroutine):
            schemes.close()  # it is never awaited
    problem = f"{problem}; it must return a list or tuple of AuthScheme"
    raise ComponentError.from_result(option, resolver, problem)
