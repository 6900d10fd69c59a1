"""The cache in front of a provider: one retrieval for all calls, early refresh."""

from __future__ import annotations

import asyncio
import copy
import random
from collections.abc import Awaitable, Callable
from inspect import isawaitable
from math import inf
from typing import Final, Generic, Protocol, TypeVar

from attrs import define

from sagemaker_rt.errors import CredentialsError, SageMakerRuntimeError
from sagemaker_rt.identity import Credentials, Token
from sagemaker_rt.interfaces import Clock
from sagemaker_rt.sansio.checked_clock import checked_clock

__all__ = ["CredentialsCache", "TokenCache"]

_MINUTE: Final = 60.0
# credentials with less time than this may expire before the service checks them
_MANDATORY_WINDOW: Final = 1 * _MINUTE


I = TypeVar("I", bound=Credentials | Token)
I_co = TypeVar("I_co", bound=Credentials | Token, covariant=True)


class _Provider(Protocol[I_co]):
    async def retrieve(self) -> I_co: ...


@define(eq=False)
class _Retrieval(Generic[I]):
    """A running call of the provider, and the number of calls that wait for it."""

    task: asyncio.Task[I]
    waiters: int = 0


class _Cache(Generic[I]):
    """Caches the identity (credentials, or a token) that *provider* returns.

    An identity is refreshed 5, 15 or 60 minutes before it expires, for lifetimes of up
    to 20, less than 90, and more minutes. In this advisory window one call refreshes,
    and the others use the cached identity. In the last minute, the mandatory window,
    all calls wait for the refresh. The provider is called once for all of them; if all
    of them are cancelled, so is the call of the provider.

    If the provider fails in the advisory window, the cached identity is used up to the
    mandatory window, and the provider called again after 5 to 10 minutes. A provider
    with the attribute ``has_static_stability = True`` declares that its failure does
    not mean that the identity is revoked: it is then used even after it has expired.
    Without a usable identity, a failure is raised to all calls for 1 to 5 seconds
    before the provider is called again.

    Args:
        chance: Draws a number in [0, 1), for the jitter of these times.
        timeout: Seconds that `retrieve` of the provider may take. A provider with the
            attribute ``has_own_timeout = True``, which runs a program or asks a person,
            has no such limit.
    """

    identity_type: type[I]
    option: str
    """The option that a custom provider is set by, for errors."""

    def __init__(
        self,
        provider: _Provider[I],
        clock: Clock,
        *,
        chance: Callable[[], float] = random.random,
        timeout: float = 22.0,
    ) -> None:
        self.provider: Final[_Provider[I]] = provider
        self.clock: Final = clock
        self._now: Final = checked_clock(clock)
        self._chance: Final = chance
        self._timeout: Final = timeout
        self._cached: I | None = None
        self._advisory_from = self._mandatory_from = -inf
        """When the two windows of the cached identity begin."""
        self._retrieval: _Retrieval[I] | None = None
        self._failure: CredentialsError | None = None
        self._failure_until = -inf
        """Until when the failure is raised again without a usable identity."""
        self._next_refresh = -inf
        """When the provider may be called again while the identity is usable."""

    @property
    def can_renew(self) -> bool:
        """Return True: the provider may return another identity."""
        return True

    def peek(self) -> I | None:
        """Return the cached identity, or None if the provider has to be called."""
        now, cached = self._now(), self._cached
        if now < self._advisory_from or cached is None:
            return cached
        is_being_refreshed = self._retrieval is not None and now < self._mandatory_from
        is_postponed = now < self._next_refresh and self._is_usable(now)
        return cached if is_being_refreshed or is_postponed else None

    async def retrieve(self) -> I:
        """Return an identity that is valid now.

        Raises:
            CredentialsError: The provider has none, failed, or returned a value of
                another type.
        """
        if (cached := self.peek()) is not None:
            return cached
        if self._failure is not None and self._now() < self._failure_until:
            raise _copy(self._failure)
        try:
            return await self._join_retrieval()
        except CredentialsError as error:
            if self._cached is not None and self._is_usable(self._now()):
                return self._cached
            raise _copy(error) from error.__cause__

    async def renew(self, rejected: I) -> I | None:
        """Return an identity with another key than *rejected*, or None.

        The provider is called unless that happened since it returned *rejected*.

        Raises:
            CredentialsError: As `retrieve`; the cached identity is kept.
        """
        current = self._cached
        if current is None or current is rejected:
            try:
                current = await self._join_retrieval()
            except CredentialsError as error:
                raise _copy(error) from error.__cause__
        return current if _key_of(current) != _key_of(rejected) else None

    async def _join_retrieval(self) -> I:
        """Return the result of the running retrieval, which is started if none runs.

        The retrieval is a task, so that cancelling one waiting call does not end it for
        the others. The last one that is cancelled ends it.
        """
        loop = asyncio.get_running_loop()
        retrieval = self._retrieval
        # the loop of an abandoned retrieval may be closed: its task never ends then
        if retrieval is None or retrieval.task.get_loop() is not loop:
            task = loop.create_task(self._call_provider())
            retrieval = self._retrieval = _Retrieval(task)
        retrieval.waiters += 1
        try:
            return await asyncio.shield(retrieval.task)
        finally:
            retrieval.waiters -= 1
            if not retrieval.waiters:
                retrieval.task.cancel()  # does nothing if it is done
            is_over = retrieval.task.done() or not retrieval.waiters
            if is_over and self._retrieval is retrieval:
                self._retrieval = None

    async def _call_provider(self) -> I:
        """Return the identity that the provider returns, and cache it."""
        has_own_timeout = getattr(self.provider, "has_own_timeout", False)
        limit = asyncio.timeout(None if has_own_timeout else self._timeout)
        name = type(self.provider).__name__
        try:
            async with limit:
                identity = self._require(await self._start_retrieve(name), name)
        except CredentialsError as error:
            self._store_failure(error)
            raise
        except SageMakerRuntimeError:
            raise
        except Exception as error:
            late = f"{name}.retrieve() did not return within {self._timeout:g} s"
            other = f"{name}.retrieve() raised {type(error).__name__}: {error}"
            failure = self._error(late if limit.expired() else other)
            self._store_failure(failure)
            raise failure from error
        self._store(identity)
        return identity

    def _start_retrieve(self, name: str) -> Awaitable[I]:
        """Call ``retrieve`` of the provider, which may be a custom one."""
        result = self.provider.retrieve()
        if not isawaitable(result):
            del result  # may be a secret, which a traceback with local variables shows
            message = f"{name}.retrieve() is not a coroutine function: use async def"
            raise self._error(message)
        return result

    def _store(self, identity: I) -> None:
        self._cached, self._failure, self._next_refresh = identity, None, -inf
        self._advisory_from = self._mandatory_from = inf
        if identity.expires_at is None:
            return
        now, expiry = self._now(), identity.expires_at.timestamp()
        self._mandatory_from = expiry - _MANDATORY_WINDOW
        advisory_from = expiry - _advisory_window(expiry - now)
        self._advisory_from = min(self._mandatory_from, advisory_from)
        if expiry <= now and self._has_static_stability():
            self._next_refresh = self._postponed()
        elif self._advisory_from <= now < self._mandatory_from:
            # the provider has nothing newer yet, as one with its own cache: without
            # this, every call in the window would call it
            self._next_refresh = min(self._postponed(), self._mandatory_from)

    def _store_failure(self, failure: CredentialsError) -> None:
        self._failure = failure
        self._failure_until = self._now() + 1.0 + 4.0 * self._chance()
        self._next_refresh = self._postponed()

    def _postponed(self) -> float:
        """Return when to call the provider again: in 5 to 10 minutes."""
        return self._now() + 5 * _MINUTE * (1.0 + self._chance())

    def _is_usable(self, now: float) -> bool:
        """Return whether the cached identity may be used when a refresh failed."""
        return now < self._mandatory_from or self._has_static_stability()

    def _has_static_stability(self) -> bool:
        return bool(getattr(self.provider, "has_static_stability", False))

    def _require(self, identity: object, name: str) -> I:
        """Return *identity* if it is of the right type; a custom provider made it."""
        if isinstance(identity, self.identity_type):
            return identity
        message = (
            f"{name}.retrieve() returned {type(identity).__name__}; it must return "
            f"{self.identity_type.__name__} or raise CredentialsError"
        )
        del identity  # may be a secret, which a traceback with local variables shows
        raise self._error(message)

    def _error(self, message: str) -> CredentialsError:
        error = CredentialsError(message)
        error.component = self.option
        return error


class CredentialsCache(_Cache[Credentials]):
    """The cache of a credentials provider."""

    identity_type = Credentials
    option = "credentials"


class TokenCache(_Cache[Token]):
    """The cache of a token provider."""

    identity_type = Token
    option = "token_provider"


def _key_of(identity: Credentials | Token) -> str:
    """Return the text by which the service distinguishes identities."""
    return identity.token if isinstance(identity, Token) else identity.access_key_id


def _advisory_window(lifetime: float) -> float:
    """Return how many seconds before its expiry an identity is refreshed."""
    if lifetime <= 20 * _MINUTE:
        return 5 * _MINUTE
    return 15 * _MINUTE if lifetime < 90 * _MINUTE else 60 * _MINUTE


def _copy(error: CredentialsError) -> CredentialsError:
    """Return a copy of *error*, on which each call writes its own facts."""
    return copy.copy(error)
