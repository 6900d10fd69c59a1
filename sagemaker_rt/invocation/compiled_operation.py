"""What the calls of a client are made of, and what they share while they live.

Options are values and hold nothing that lives; the connections, the retry quota, the
cached credentials and the signing keys are here.
"""

from __future__ import annotations

import asyncio
import random
from collections import deque
from collections.abc import Awaitable, Iterable, Mapping
from typing import TYPE_CHECKING, Final, TypeVar

from attrs import frozen

from sagemaker_rt.assembly.standard_stack import Omitted, Parts, standard_stack
from sagemaker_rt.config.config import Config
from sagemaker_rt.config.config_loader import Groundwork
from sagemaker_rt.context import Context
from sagemaker_rt.credentials.cache import CredentialsCache, TokenCache
from sagemaker_rt.credentials.chain import DefaultChain
from sagemaker_rt.credentials.static import StaticCredentials
from sagemaker_rt.endpoint_resolvers import (
    DefaultEndpointResolverV2,
    require_endpoint,
)
from sagemaker_rt.errors import (
    OptionsError,
    RequestTimeoutError,
    SageMakerRuntimeError,
    StackError,
)
from sagemaker_rt.http import Endpoint
from sagemaker_rt.identity import AnonymousCredentials, Credentials
from sagemaker_rt.interfaces import Clock, CredentialsStore, HTTPClient
from sagemaker_rt.invocation.components import (
    changed,
    make_http_client,
    make_retryer,
    send_by,
)
from sagemaker_rt.middleware.adaptive_rate_limit import RateLimiters
from sagemaker_rt.operations import OPERATIONS, Operation
from sagemaker_rt.options import Options
from sagemaker_rt.sansio.clock_skew import CorrectedClock
from sagemaker_rt.sansio.retry import RetryQuota
from sagemaker_rt.sansio.suggestions import did_you_mean
from sagemaker_rt.signers.sigv4 import SigV4Signer
from sagemaker_rt.stack import (
    DeserializeInput,
    Handler,
    InitializeInput,
    Output,
    Send,
    Stack,
)

if TYPE_CHECKING:
    from ssl import SSLContext

__all__ = ["Call", "Calls"]

C = TypeVar("C", CredentialsCache, TokenCache)

# seconds in which a call's own parts see that its time is over
_GRACE: Final = 0.02
# of providers, or of clocks, that calls bring with them
_MAX_KEPT: Final = 64


@frozen
class Call:
    """An operation under certain options, ready to run any number of times."""

    operation: str
    handler: Handler[InitializeInput]
    total_timeout: float | None

    def run(self, params: object, begun: float | None = None) -> Awaitable[Output]:
        """Begin a call with *params*; what need not wait of it has been done then.

        Args:
            begun: When, by the event loop's time; unset, it is now.
        """
        input = InitializeInput(params)
        if self.total_timeout is None:
            return self.handler(Context(self.operation), input)
        begun = asyncio.get_running_loop().time() if begun is None else begun
        deadline = begun + self.total_timeout
        context = Context(self.operation, deadline)
        return _ended(self.handler(context, input), context, deadline)


class Calls:
    """Makes calls, and the living parts that they need, of what *groundwork* knows."""

    operations: Final[Mapping[str, Operation]] = OPERATIONS
    """The operations by name."""

    def __init__(self, groundwork: Groundwork) -> None:
        self._groundwork = groundwork
        self._quota = RetryQuota()
        self._rate_limiters = RateLimiters()
        self._signer = SigV4Signer()
        self._endpoint_resolver = DefaultEndpointResolverV2()
        self._chain: DefaultChain | None = None
        self._credentials: deque[CredentialsCache] = deque(maxlen=_MAX_KEPT)
        self._tokens: deque[TokenCache] = deque(maxlen=_MAX_KEPT)
        self._clocks: deque[tuple[object, CorrectedClock]] = deque(maxlen=_MAX_KEPT)
        self._http_client: HTTPClient | None = None

    def operation(self, name: str) -> Operation:
        """Return the operation of that name, as the model or a method has it.

        Raises:
            OptionsError: There is none.
        """
        words = name.split("_") if name.islower() else []
        found = self.operations.get("".join(map(str.capitalize, words)) or name)
        if found is None:
            there_are = f"there are {[*self.operations]}"
            hint = did_you_mean(name, self.operations, otherwise=there_are)
            message = f"there is no operation {name!r}{hint}"
            raise OptionsError(message)
        return found

    def compile(
        self, operation: Operation, options: Options, send: Send | None = None
    ) -> Call:
        """Return *operation*, ready to run under *options*.

        Args:
            send: Stands in the place of the HTTP client.

        Raises:
            OptionsError: The options, with the environment, do not go together.
            StackError: A function in ``api_options`` failed.
        """
        options = self._groundwork.filled(options)
        stack, _ = self.stack(operation, options)
        own_send = send_by(self._http_client_of(options))
        total_timeout = options.timeouts.total_timeout
        return Call(operation.name, stack.decorate(send or own_send), total_timeout)

    def stack(
        self, operation: Operation, options: Options
    ) -> tuple[Stack, list[Omitted]]:
        """Return the stack of *operation*, edited, and what was left out of it."""
        options = self._groundwork.filled(options)
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

    async def endpoint(self, options: Options) -> Endpoint:
        """Return where a call would go, by the resolvers of its stack alone."""
        stack, _ = self.stack(self.operation("InvokeEndpoint"), options)
        resolving = Stack()
        if "ResolveEndpoint" in stack.serialize:
            resolving.serialize.add(stack.serialize.get("ResolveEndpoint"))
        resolving.finalize.add(stack.finalize.get("ResolveEndpointV2"))

        async def arrive(_: Context, input: DeserializeInput) -> Output:
            return Output(input.request.endpoint)

        context = Context("InvokeEndpoint")
        output = await resolving.decorate(arrive)(context, InitializeInput(None))
        return require_endpoint(output.result)

    async def aclose(self) -> None:
        """Close the connections that were made here."""
        if self._http_client is not None:
            await self._http_client.aclose()

    def _parts(self, options: Options) -> Parts:
        return Parts(
            environ=self._groundwork.environ,
            clock=self._clock(options),
            retryer=make_retryer(options.retry, self._quota),
            rate_limiters=self._rate_limiters,
            credentials=self._provider(options),
            tokens=self._token_store(options),
            signer=options.auth.signer or self._signer,
            endpoint_resolver=(
                options.endpoint.endpoint_resolver_v2 or self._endpoint_resolver
            ),
            random_bits=random.getrandbits,
        )

    def _clock(self, options: Options) -> CorrectedClock:
        """Return the clock that all calls with the same options correct."""
        retry = options.retry
        key = retry.clock_offset, retry.correct_clock_skew is not False
        for known, corrected in self._clocks:
            if corrected.clock is options.clock and known == key:
                return corrected
        corrected = CorrectedClock(options.clock, retry.clock_offset)
        self._clocks.append((key, corrected))
        return corrected

    def _default_chain(self, options: Options) -> DefaultChain:
        if self._chain is None:
            config = self._groundwork.config or Config(self._groundwork.environ)
            is_in_code = self._groundwork.options.profile is not None
            self._chain = DefaultChain(
                config.surroundings(
                    region=options.region,
                    is_profile_in_code=is_in_code,
                    proxies=options.http.proxies,
                    make_ssl_context=self._trust,
                    allow_insecure=options.endpoint.allow_insecure,
                )
            )
        return self._chain

    def _trust(self) -> SSLContext | None:
        """Return whom credentials' services are trusted by; never is that nobody."""
        groundwork = self._groundwork
        return groundwork.ssl_context if groundwork.options.tls.verify_ssl else None

    def _provider(self, options: Options) -> CredentialsStore | AnonymousCredentials:
        given = options.credentials
        if isinstance(given, AnonymousCredentials):
            return given
        if isinstance(given, Credentials):
            return StaticCredentials(given)
        provider = self._default_chain(options) if given is None else given
        cache = _kept(self._credentials, provider, options.clock)
        if cache is None:
            cache = CredentialsCache(provider, options.clock)
            self._credentials.append(cache)
        return cache

    def _token_store(self, options: Options) -> TokenCache | None:
        provider = options.auth.token_provider
        if provider is None:
            return None
        cache = _kept(self._tokens, provider, options.clock)
        if cache is None:
            cache = TokenCache(provider, options.clock)
            self._tokens.append(cache)
        return cache

    def _http_client_of(self, options: Options) -> HTTPClient:
        base = self._groundwork.of_connections
        for name in changed(base, options):
            message = f"{name} is settled with the client; give it to Client()"
            raise OptionsError(message)
        if options.http.http_client is not None:
            return options.http.http_client
        if self._http_client is None:
            self._http_client = make_http_client(base, self._groundwork.ssl_context)
        return self._http_client


def _kept(caches: Iterable[C], provider: object, clock: Clock) -> C | None:
    """Return which of *caches* stands in front of *provider*, by *clock*."""
    return next(
        (c for c in caches if c.provider is provider and c.clock is clock), None
    )


async def _ended(call: Awaitable[Output], context: Context, deadline: float) -> Output:
    """Return the output of *call*, which is ended if it does not end by itself.

    What waits inside of it knows the deadline, and what has been sent until then. It
    comes first: this is for what others have put into the stack.
    """
    limit = asyncio.timeout_at(deadline + _GRACE)
    try:
        async with limit:
            return await call
    except TimeoutError as error:
        if isinstance(error, SageMakerRuntimeError) or not limit.expired():
            raise
        message = "the call's total time is over: a part or middleware did not return"
        failed = RequestTimeoutError(message)
        failed.operation = context.operation
        failed.request_sent = failed.may_have_executed = True  # for all that is known
        raise failed from error
