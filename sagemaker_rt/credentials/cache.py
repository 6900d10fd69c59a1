"""What stands in front of a provider, so that it is seldom asked."""

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
# Nobody signs with a set that may expire on its way to the service.
_MANDATORY: Final = 1 * _MINUTE


I = TypeVar("I", bound=Credentials | Token)
I_co = TypeVar("I_co", bound=Credentials | Token, covariant=True)


class _Provider(Protocol[I_co]):
    async def retrieve(self) -> I_co: ...


@define(eq=False)
class _Flight(Generic[I]):
    """A question that is under way, and how many wait for its answer."""

    task: asyncio.Task[I]
    waiting: int = 0


class _Cache(Generic[I]):
    """Keep what *provider* answered, and ask again in good time.

    A set is renewed 5, 15 or 60 minutes before its end, for lifetimes of up to 20, less
    than 90, and more minutes: one caller asks, and the others go on with what there is.
    In its last minute all of them wait. However many wait, the provider is asked once;
    if the last of them is cancelled, so is the question.

    If the provider fails, the set is used up to its last minute, and the provider asked
    again after 5 to 10 minutes. A provider that says ``has_static_stability`` is one
    whose failure says nothing of the credentials: its set is used even beyond its end.
    Without a set to fall back on, a failure is kept for 1 to 5 seconds.

    Args:
        chance: Draws a number in [0, 1), for the times after a failure.
        answers_within: Seconds after which a provider that does not answer has failed.
            One that says ``limits_itself`` has a time of its own: it runs a program, or
            asks a person.
    """

    kind: type[I]
    option: str

    def __init__(
        self,
        provider: _Provider[I],
        clock: Clock,
        *,
        chance: Callable[[], float] = random.random,
        answers_within: float = 22.0,
    ) -> None:
        self.provider: Final[_Provider[I]] = provider
        self.clock: Final = clock
        self._now: Final = checked_clock(clock)
        self._chance: Final = chance
        self._answers_within: Final = answers_within
        self._current: I | None = None
        self._fresh_until = self._good_until = -inf
        self._flight: _Flight[I] | None = None
        self._failure: CredentialsError | None = None
        self._failed_until = self._retry_at = -inf

    @property
    def can_renew(self) -> bool:
        """Say that the provider may have another set."""
        return True

    def peek(self) -> I | None:
        """Return what is kept, unless the provider is to be asked."""
        now, current = self._now(), self._current
        if now < self._fresh_until or current is None:
            return current
        is_asked_for = self._flight is not None and now < self._good_until
        is_left_alone = now < self._retry_at and self._is_usable(now)
        return current if is_asked_for or is_left_alone else None

    async def retrieve(self) -> I:
        """Return credentials that are good now.

        Raises:
            CredentialsError: The provider has none, or failed, or answers with
                something else.
        """
        if (current := self.peek()) is not None:
            return current
        if self._failure is not None and self._now() < self._failed_until:
            raise _another(self._failure)
        try:
            return await self._ask()
        except CredentialsError as error:
            if self._current is not None and self._is_usable(self._now()):
                return self._current
            raise _another(error) from error.__cause__

    async def renew(self, rejected: I) -> I | None:
        """Return credentials with another key than *rejected*, or None.

        Raises:
            CredentialsError: As `retrieve`; what is kept stays.
        """
        current = self._current
        if current is None or current is rejected:
            try:
                current = await self._ask()
            except CredentialsError as error:
                raise _another(error) from error.__cause__
        return current if _key(current) != _key(rejected) else None

    async def _ask(self) -> I:
        """Return the answer of the provider, together with all who wait for it."""
        loop = asyncio.get_running_loop()
        flight = self._flight
        if flight is None or flight.task.get_loop() is not loop:
            flight = self._flight = _Flight(loop.create_task(self._question()))
        flight.waiting += 1
        try:
            return await asyncio.shield(flight.task)
        finally:
            flight.waiting -= 1
            if not flight.waiting:
                flight.task.cancel()  # which does nothing if it is done
            is_over = flight.task.done() or not flight.waiting
            if is_over and self._flight is flight:
                self._flight = None

    async def _question(self) -> I:
        limits_itself = getattr(self.provider, "limits_itself", False)
        limit = asyncio.timeout(None if limits_itself else self._answers_within)
        name = type(self.provider).__name__
        try:
            async with limit:
                answer = self._require(await self._begun(name), name)
        except CredentialsError as error:
            self._note_failure(error)
            raise
        except SageMakerRuntimeError:
            raise
        except Exception as error:
            late = f"{name} did not answer within {self._answers_within:g} s"
            other = f"{name}.retrieve() raised {type(error).__name__}: {error}"
            failure = CredentialsError(late if limit.expired() else other)
            failure.component = self.option
            self._note_failure(failure)
            raise failure from error
        self._keep(answer)
        return answer

    def _begun(self, name: str) -> Awaitable[I]:
        """Ask the provider, which may be a caller's."""
        asked = self.provider.retrieve()
        if not isawaitable(asked):
            del asked  # which a traceback that shows local variables would show
            message = f"{name}.retrieve() is no coroutine function: write async def"
            raise CredentialsError(message)
        return asked

    def _keep(self, found: I) -> None:
        self._current, self._failure, self._retry_at = found, None, -inf
        self._fresh_until = self._good_until = inf
        if found.expires_at is not None:
            now, end = self._now(), found.expires_at.timestamp()
            self._good_until = end - _MANDATORY
            self._fresh_until = min(self._good_until, end - _advisory(end - now))
            if end <= now and self._is_stable():
                self._retry_at = self._later()
            elif self._fresh_until <= now < self._good_until:
                # the provider has no better one yet: it is not asked for every call
                self._retry_at = min(self._later(), self._good_until)

    def _note_failure(self, failure: CredentialsError) -> None:
        self._failure = failure
        self._failed_until = self._now() + 1.0 + 4.0 * self._chance()
        self._retry_at = self._later()

    def _later(self) -> float:
        return self._now() + 5 * _MINUTE * (1.0 + self._chance())

    def _is_usable(self, now: float) -> bool:
        """Tell whether the set that there is may be used though a better is wanted."""
        return now < self._good_until or self._is_stable()

    def _is_stable(self) -> bool:
        return bool(getattr(self.provider, "has_static_stability", False))

    def _require(self, found: object, name: str) -> I:
        """Return *found*, which a caller's provider returned."""
        if isinstance(found, self.kind):
            return found
        message = (
            f"{name}.retrieve() returned {type(found).__name__}; "
            f"it should return {self.kind.__name__}, or raise CredentialsError"
        )
        del found  # which a traceback that shows local variables would show
        raise CredentialsError(message)


class CredentialsCache(_Cache[Credentials]):
    """The cache of a provider of credentials."""

    kind = Credentials
    option = "credentials"


class TokenCache(_Cache[Token]):
    """The cache of a provider of bearer tokens."""

    kind = Token
    option = "token_provider"


def _key(identity: Credentials | Token) -> str:
    """Return what the service tells identities apart by."""
    return identity.token if isinstance(identity, Token) else identity.access_key_id


def _advisory(lifetime: float) -> float:
    """Return how long before its end a set that lasts for *lifetime* is renewed."""
    if lifetime <= 20 * _MINUTE:
        return 5 * _MINUTE
    return 15 * _MINUTE if lifetime < 90 * _MINUTE else 60 * _MINUTE


def _another(error: CredentialsError) -> CredentialsError:
    """Return *error* anew: each call writes on its own what it knows."""
    return copy.copy(error)
