"""Components of a client that live as long as it does.

Options are plain values. Objects with state are kept here: the connections, the retry
quota, the cached credentials, the signing keys and the corrected clocks.
"""

from __future__ import annotations

import random
from functools import cached_property
from typing import TYPE_CHECKING, Final, TypeAlias, TypeVar

from sagemaker_rt.assembly.components import Components
from sagemaker_rt.credentials.static import StaticCredentials
from sagemaker_rt.endpoint_resolvers import DefaultEndpointResolverV2
from sagemaker_rt.errors import OptionsError
from sagemaker_rt.identity import AnonymousCredentials, Credentials
from sagemaker_rt.interfaces import CredentialsStore, HTTPClient
from sagemaker_rt.invocation.default_components import (
    make_duplex_client,
    make_http_client,
    make_retryer,
    require_client_options,
    require_default_connections,
)
from sagemaker_rt.options import Options
from sagemaker_rt.sansio.clock_skew import CorrectedClock
from sagemaker_rt.sansio.retry import RetryQuota
from sagemaker_rt.signers.sigv4 import SigV4Signer

if TYPE_CHECKING:
    from ssl import SSLContext

    from sagemaker_rt.config.config_loader import ConfigLoader
    from sagemaker_rt.credentials.cache import CredentialsCache, TokenCache
    from sagemaker_rt.credentials.chain import DefaultChain
    from sagemaker_rt.middleware.adaptive_rate_limit import RateLimiters
    from sagemaker_rt.streaming.duplex import DuplexClient

__all__ = ["ClientComponents"]

V = TypeVar("V")
_Key: TypeAlias = tuple[object, ...]
"""The ids of objects, and values."""

# How many credentials providers, token providers and clocks are remembered: more than
# an application uses, and few enough for one that makes a provider for each call.
_MAX_REMEMBERED: Final = 10_000


class ClientComponents:
    """Makes the components that a call needs, and keeps those that calls share."""

    def __init__(self, configuration: ConfigLoader) -> None:
        self._configuration = configuration
        self._quota = RetryQuota()
        self._signer = SigV4Signer()
        self._endpoint_resolver = DefaultEndpointResolverV2()
        self._chain: DefaultChain | None = None
        self._credentials: dict[_Key, CredentialsCache] = {}
        self._tokens: dict[_Key, TokenCache] = {}
        self._clocks: dict[_Key, CorrectedClock] = {}
        self._default_name: object = None
        self.default_http_client: HTTPClient | None = None
        """The connections that were opened here; None until a call needs them."""
        self.default_duplex_client: DuplexClient | None = None
        """The same for streams in both directions."""

    def of(self, options: Options) -> Components:
        """Return the components for calls with *options*, which are resolved."""
        return Components(
            environ=self._configuration.environ,
            clock=self._clock(options),
            retryer=make_retryer(options.retry, self._quota),
            rate_limiters=lambda: self._rate_limiters,
            credentials=self._credentials_store(options),
            tokens=self._token_store(options),
            signer=options.auth.signer or self._signer,
            endpoint_resolver=(
                options.endpoint.endpoint_resolver_v2 or self._endpoint_resolver
            ),
            random_bits=random.getrandbits,
        )

    def http_client(self, options: Options) -> HTTPClient:
        """Return the HTTP client for calls with *options*, which are resolved.

        Raises:
            OptionsError: An option of connections differs from the client's, or is set
                beside a custom HTTP client.
        """
        of_client = self._configuration.connection_options
        require_client_options(of_client, options)
        custom, name = options.http.custom_http_client, options.http.http_client
        if custom is not None:
            if of_client.http.custom_http_client is not None:
                require_default_connections(self._configuration.options)
            return custom
        if self.default_http_client is None:
            self.default_http_client = make_http_client(
                of_client.replace(http_client=name),
                self._configuration.load_ssl_context,
            )
            self._default_name = name
        if name != self._default_name:
            message = (
                f"http_client={name!r} cannot be set per call; pass it to Client(), "
                "or set an HTTP client"
            )
            raise OptionsError(message)
        return self.default_http_client

    def duplex_client(self, options: Options) -> DuplexClient:
        """Return the client for streams in both directions; *options* are resolved.

        Raises:
            OptionsError: An option of connections differs from the client's, or the
                package `h2` is not installed.
        """
        of_client = self._configuration.connection_options
        require_client_options(of_client, options)
        if options.streams.duplex_client is not None:
            return options.streams.duplex_client
        if self.default_duplex_client is None:
            source = self._configuration.ca_bundle_source
            self.default_duplex_client = make_duplex_client(of_client, source)
        return self.default_duplex_client

    def in_force(self, options: Options) -> Options:
        """Return *options*, which are resolved, with the components that calls use.

        They are the credentials, with their cache, the signer and the HTTP client.

        Raises:
            OptionsError: An option of connections differs from the client's.
        """
        store = self._credentials_store(options)
        is_fixed = isinstance(store, StaticCredentials | AnonymousCredentials)
        return options.replace(
            credentials=options.credentials if is_fixed else store,
            signer=options.auth.signer or self._signer,
            http_client=self.http_client(options),
        )

    async def aclose(self) -> None:
        """Close the connections that were opened here.

        Raises:
            ClientStateError: They belong to another event loop, which is still open.
        """
        if self.default_duplex_client is not None:
            await self.default_duplex_client.aclose()
        if self.default_http_client is not None:
            await self.default_http_client.aclose()

    @cached_property
    def _rate_limiters(self) -> RateLimiters:
        from sagemaker_rt.middleware.adaptive_rate_limit import (  # noqa: PLC0415 - if it is on
            RateLimiters,
        )

        return RateLimiters()

    def _clock(self, options: Options) -> CorrectedClock:
        """Return the clock that all calls with the same clock options correct."""
        retry = options.retry
        is_corrected = retry.correct_clock_skew is not False
        key = (id(options.clock), retry.clock_offset, is_corrected)
        clock = self._clocks.get(key)
        if clock is None:
            clock = CorrectedClock(options.clock, retry.clock_offset)
            _remember(self._clocks, key, clock)
        return clock

    def _default_chain(self, options: Options) -> DefaultChain:
        if self._chain is None:
            from sagemaker_rt.config.config import Config  # noqa: PLC0415 - unless credentials are set
            from sagemaker_rt.credentials.chain import DefaultChain  # noqa: PLC0415 - unless credentials are set

            configuration = self._configuration
            config = configuration.config or Config(configuration.environ)
            is_in_code = configuration.options.profile is not None
            self._chain = DefaultChain(
                config.provider_context(
                    region=options.region,
                    is_profile_in_code=is_in_code,
                    proxies=options.http.proxies,
                    make_ssl_context=self._ssl_context,
                    allow_insecure=options.endpoint.allow_insecure,
                    endpoint=options.endpoint,
                )
            )
        return self._chain

    def _ssl_context(self) -> SSLContext | None:
        """Return the TLS context for credentials services.

        It is the client's, unless that accepts every certificate: that is for endpoints
        under test, and does not apply to them.
        """
        configuration = self._configuration
        context = configuration.ssl_context
        tls = configuration.connection_options.tls
        # without requests by TLS, the client has not loaded its certificates
        if context is None and tls.verify_ssl:
            context = tls.context(configuration.ca_bundle_source)
        # `ssl` does not allow host names to be checked without certificates
        return context if getattr(context, "check_hostname", False) else None

    def _credentials_store(
        self, options: Options
    ) -> CredentialsStore | AnonymousCredentials:
        credentials = options.credentials
        if isinstance(credentials, AnonymousCredentials):
            return credentials
        if isinstance(credentials, Credentials):
            return StaticCredentials(credentials)
        from sagemaker_rt.credentials.cache import CredentialsCache  # noqa: PLC0415 - unless they are fixed

        if isinstance(credentials, CredentialsCache):  # of a client: see in_force
            return credentials
        provider = credentials or self._default_chain(options)
        key = (id(provider), id(options.clock))
        cache = self._credentials.get(key)
        if cache is None:
            cache = CredentialsCache(provider, options.clock)
            _remember(self._credentials, key, cache)
        return cache

    def _token_store(self, options: Options) -> TokenCache | None:
        provider = options.auth.token_provider
        if provider is None:
            return None
        from sagemaker_rt.credentials.cache import TokenCache  # noqa: PLC0415 - if it is on

        key = (id(provider), id(options.clock))
        cache = self._tokens.get(key)
        if cache is None:
            cache = TokenCache(provider, options.clock)
            _remember(self._tokens, key, cache)
        return cache


def _remember(known: dict[_Key, V], key: _Key, value: V) -> None:
    """Add *value*, which holds the objects in *key*, so that their ids stay unique."""
    if len(known) >= _MAX_REMEMBERED:
        del known[next(iter(known))]
    known[key] = value
