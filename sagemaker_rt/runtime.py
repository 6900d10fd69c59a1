"""What a client and the clients derived from it share while they live.

Options are values and hold nothing that lives; the connections, the retry quota, the
cached credentials and the signing keys are here.
"""

from __future__ import annotations

import os
import random
from collections import deque
from collections.abc import Mapping
from typing import Final

from attrs import frozen

from sagemaker_rt.assembly import Omitted, Parts, standard_stack
from sagemaker_rt.config import with_environment
from sagemaker_rt.context import ENDPOINT, Context, Metadata
from sagemaker_rt.credentials.cache import CredentialsCache
from sagemaker_rt.credentials.environment import EnvironmentCredentials
from sagemaker_rt.credentials.static import StaticCredentials
from sagemaker_rt.endpoint_resolvers import DefaultEndpointResolverV2
from sagemaker_rt.errors import ClientStateError, OptionsError, StackError
from sagemaker_rt.identity import AnonymousCredentials, Credentials
from sagemaker_rt.interfaces import CredentialsStore, HTTPClient, Retryer
from sagemaker_rt.operations import Operation
from sagemaker_rt.options import Options
from sagemaker_rt.sansio.retry import NopRetryer, RetryQuota, StandardRetryer
from sagemaker_rt.signers.sigv4 import SigV4Signer
from sagemaker_rt.stack import (
    DeserializeInput,
    Handler,
    InitializeInput,
    Output,
    Send,
    Stack,
)

__all__ = ["Call", "Runtime"]

_DEFAULT_MAX_ATTEMPTS: Final = 3
_MAX_PROVIDERS: Final = 64


@frozen
class Call:
    """An operation under certain options, ready to run any number of times."""

    handler: Handler[InitializeInput]
    total_timeout: float | None


class Runtime:
    """The living parts of a client, made from its *options* when they are needed."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._environ: Mapping[str, str] = (
            os.environ if options.environ is None else options.environ
        )
        self._quota = RetryQuota()
        self._signer = SigV4Signer()
        self._endpoint_resolver = DefaultEndpointResolverV2()
        self._environment_credentials = EnvironmentCredentials(self._environ)
        self._credentials: deque[CredentialsCache] = deque(maxlen=_MAX_PROVIDERS)
        self._http_client: HTTPClient | None = None
        self._is_closed = False

    def require_open(self) -> None:
        """Raise `ClientStateError` once the client is closed."""
        if self._is_closed:
            message = "the client is closed; make a new one"
            raise ClientStateError(message)

    def compile(self, operation: Operation, options: Options) -> Call:
        """Return *operation*, ready to run under *options*.

        Raises:
            OptionsError: The options, with the environment, do not go together.
            StackError: A function in ``api_options`` failed.
        """
        options = with_environment(options, self._environ)
        stack, _ = self.stack(operation, options)
        send = _send_by(self._http_client_of(options))
        return Call(stack.decorate(send), options.timeouts.total_timeout)

    def stack(
        self, operation: Operation, options: Options
    ) -> tuple[Stack, list[Omitted]]:
        """Return the stack of *operation*, edited, and what was left out of it."""
        options = with_environment(options, self._environ)
        stack, omitted = standard_stack(operation, options, self._parts(options))
        for edit in options.api_options:
            try:
                edit(stack)
            except Exception as error:
                name = getattr(edit, "__qualname__", repr(edit))
                message = f"api_options function {name} failed: {error}"
                kind = type(error) if isinstance(error, StackError) else StackError
                raise kind(message) from error
        return stack, omitted

    async def aclose(self) -> None:
        """Close what was opened here; a client that was given stays open.

        Raises:
            ClientStateError: The connections belong to another event loop, which lives;
                they stay open.
        """
        if self._http_client is not None:
            await self._http_client.aclose()
        self._is_closed = True

    def _parts(self, options: Options) -> Parts:
        return Parts(
            environ=self._environ,
            retryer=self._retryer(options),
            credentials=self._provider(options),
            signer=options.signer or self._signer,
            endpoint_resolver=(
                options.endpoint.endpoint_resolver_v2 or self._endpoint_resolver
            ),
            random_bits=random.getrandbits,
        )

    def _provider(self, options: Options) -> CredentialsStore | AnonymousCredentials:
        given = options.credentials
        if isinstance(given, AnonymousCredentials):
            return given
        if isinstance(given, Credentials):
            return StaticCredentials(given)
        provider = self._environment_credentials if given is None else given
        for cache in self._credentials:
            if cache.provider is provider and cache.clock is options.clock:
                return cache
        cache = CredentialsCache(provider, options.clock)
        self._credentials.append(cache)
        return cache

    def _retryer(self, options: Options) -> Retryer:
        retry = options.retry
        if retry.retryer is not None:
            return retry.retryer
        if retry.retry_mode == "off":
            return NopRetryer()
        return StandardRetryer(
            self._quota,
            random.random,
            max_attempts=retry.max_attempts or _DEFAULT_MAX_ATTEMPTS,
        )

    def _http_client_of(self, options: Options) -> HTTPClient:
        for name, settled in _settled(self._options).items():
            if _settled(options)[name] != settled:
                message = f"{name} is settled with the client; give it to Client()"
                raise OptionsError(message)
        if options.http.http_client is not None:
            return options.http.http_client
        if self._http_client is None:
            self._http_client = _make_http_client(self._options)
        return self._http_client


def _settled(options: Options) -> dict[str, object]:
    """Return what the client's connections and its environment were made of."""
    http = options.http
    return {
        "max_connections": http.max_connections,
        "keepalive_timeout": http.keepalive_timeout,
        "proxy": http.proxy,
        "ssl_context": options.tls.ssl_context,
        "environ": options.environ,
    }


def _make_http_client(options: Options) -> HTTPClient:
    # aiohttp costs three times what asyncio does to import
    from sagemaker_rt.transport.aiohttp import (  # noqa: PLC0415 - when it is needed
        AiohttpClient,
    )

    return AiohttpClient(
        max_connections=options.http.max_connections,
        keepalive_timeout=options.http.keepalive_timeout,
        proxy=options.http.proxy,
        ssl_context=options.tls.ssl_context,
    )


def _send_by(http_client: HTTPClient) -> Send:
    """Return the innermost handler, which waits for *http_client*."""
    exchange = http_client.send

    async def send(_: Context, input: DeserializeInput) -> Output:
        request = input.request
        metadata = Metadata()
        if request.endpoint is not None:
            metadata[ENDPOINT] = request.endpoint
        return Output(None, await exchange(request), metadata)

    return send
