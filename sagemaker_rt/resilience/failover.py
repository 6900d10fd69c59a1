"""Call another region, endpoint or account if one fails."""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from time import monotonic
from typing import Any, Final

from sagemaker_rt.context import Context, Key
from sagemaker_rt.errors import OptionsError, SageMakerRuntimeError
from sagemaker_rt.middleware.get_identity import GetIdentity
from sagemaker_rt.middleware.resolve_endpoint_v2 import ResolveEndpointV2
from sagemaker_rt.operations import INVOKE_ENDPOINT_ASYNC
from sagemaker_rt.options import APIOptions, with_api_options
from sagemaker_rt.resilience.changed_member import with_member
from sagemaker_rt.resilience.endpoint_states import EndpointStates
from sagemaker_rt.resilience.failover_targets import (
    TARGET_INDEX,
    AuthenticateAtTarget,
    FailoverTarget,
    ResolveTarget,
    credentials_store,
)
from sagemaker_rt.resilience.stack_edits import (
    EventCounter,
    insert,
    insert_in_initialize,
)
from sagemaker_rt.sansio.circuit import CircuitPolicy, CircuitState
from sagemaker_rt.sansio.endpoint_failures import blames_endpoint, may_run_elsewhere
from sagemaker_rt.sansio.target_health import TargetHealth
from sagemaker_rt.shapes import NEW_SESSION
from sagemaker_rt.stack import Handler, InitializeInput, Output, Stack

__all__ = ["FAILOVER_TARGET", "Failover", "FailoverTarget", "with_failover"]

_ID: Final = "Failover"
_NO_SESSION: Final = (None, NEW_SESSION)
_MAX_SESSIONS: Final = 10_000
_DEFAULT_POLICY: Final = CircuitPolicy(min_failures=3)
_log = logging.getLogger(__name__)

FAILOVER_TARGET: Key[FailoverTarget] = Key("failover_target")
"""In the metadata of outputs and errors: the target that the call was last made at."""


class Failover:
    """Call the first healthy target, and then others, as an edit of the stack.

    A target may have another region, endpoint name, endpoint URL and credentials than
    the client; ``FailoverTarget()`` is the client's own. Targets are tried in order. A
    call goes on to the next target if the model has not run, and the reason may not
    exist there: the endpoint cannot be reached, responds with a status from 500,
    throttles, or does not exist; the credentials are rejected or missing; or another
    middleware refused the call. If the model may have run, the error is raised, unless
    *retry_ambiguous* is True. A `ModelError` is always raised.

    A target that fails repeatedly is unhealthy, as *health* defines. It is passed over,
    and probed by a single call from time to time. If no target is healthy, the call is
    made all the same. Each endpoint name has a health for each target.

    **Retries**: the call is retried at each target; ``max_attempts=1`` goes to the next
    one at once. ``total_timeout`` is for all targets together. **Streams** are opened
    elsewhere until the headers of a response arrive. **Sessions** stay at the target
    that opened them; an unknown one is looked for at the first target. Asynchronous
    invocations go to the first target only, since their results are in a bucket of its
    account. **Cancellation** ends the call, and does not count.

    Args:
        targets: Where calls go, in order of preference.
        health: When a target is unhealthy, and for how long.
        retry_ambiguous: Whether a call may be made elsewhere although the model may
            have run.
        time: Returns seconds; for tests.

    Raises:
        OptionsError: No target was passed, or one of them is not a `FailoverTarget`.
    """

    def __init__(
        self,
        *targets: FailoverTarget,
        health: CircuitPolicy = _DEFAULT_POLICY,
        retry_ambiguous: bool = False,
        time: Callable[[], float] = monotonic,
    ) -> None:
        wrong = [target for target in targets if not isinstance(target, FailoverTarget)]
        if wrong or not targets:
            message = f"Failover takes one FailoverTarget or more, not {wrong!r}"
            raise OptionsError(message)
        self.targets: Final = targets
        self.health_policy: Final = health
        self.retry_ambiguous: Final = retry_ambiguous
        self.time: Final = time
        self.stores: Final = tuple(map(credentials_store, targets))
        """The caches of the credentials of the targets; None without any."""
        self.health: Final[EndpointStates[TargetHealth]] = EndpointStates(
            lambda: TargetHealth(health, len(targets)),
            lambda state: {*state.states} == {"closed"},
        )
        """The health of the targets, by the endpoint names of calls."""
        self._sessions: Final[OrderedDict[str, int]] = OrderedDict()

    def states(
        self, endpoint_name: str
    ) -> tuple[tuple[FailoverTarget, CircuitState], ...]:
        """Return the targets with their states for calls of *endpoint_name*."""
        states = self.health["", endpoint_name].states
        return tuple(zip(self.targets, states, strict=True))

    def target_of_session(self, session_id: str) -> int:
        """Return the number of the target that has opened the session."""
        return self._sessions.get(session_id, 0)

    def remember_session(self, session_id: str, index: int) -> None:
        """Keep the target of a new session; the oldest of 10,000 is forgotten."""
        if len(self._sessions) >= _MAX_SESSIONS:
            self._sessions.popitem(last=False)
        self._sessions[session_id] = index

    def __call__(self, stack: Stack) -> None:
        """Insert the fail-over into *stack*, around everything that makes a request."""
        # before the validation, which then also checks the name at the target
        insert_in_initialize(stack, _FailOver(self, stack), id=_ID)
        resolving: Any = stack.finalize.get("ResolveEndpointV2")
        if not isinstance(resolving, ResolveEndpointV2):  # its duration is measured
            resolving = resolving.middleware
        insert(
            stack.serialize,
            ResolveTarget(resolving.endpoints, self.targets),
            id="FailoverEndpoint",
            after=("ResolveEndpoint",),
            calls_next_once=True,
        )
        self._authenticate(stack)

    def _authenticate(self, stack: Stack) -> None:
        if "GetIdentity" not in stack.finalize:
            if any(self.stores):
                message = "a FailoverTarget with credentials needs signed calls"
                raise OptionsError(message)
            return
        present: Any = stack.finalize.get("GetIdentity")
        # that of an earlier Failover is replaced
        of_client = wanted = getattr(present, "of_client", present)
        if any(self.stores):
            wanted = AuthenticateAtTarget(of_client, self.stores)
        if wanted is present:
            return
        measured = getattr(of_client, "middleware", of_client)
        stack.finalize.swap(
            "GetIdentity",
            wanted,
            new_id="GetIdentity",
            calls_next_once=isinstance(measured, GetIdentity),
        )

    def __repr__(self) -> str:
        targets = ", ".join(map(repr, self.targets))
        return f"Failover({targets}, retry_ambiguous={self.retry_ambiguous})"

    def __reduce__(self) -> tuple[object, ...]:
        settings = (self.targets, self.health_policy, self.retry_ambiguous)
        return _unpickle, settings


def with_failover(failover: Failover) -> APIOptions:
    """Make calls at the targets of *failover*."""
    return with_api_options(failover)


def _unpickle(
    targets: tuple[FailoverTarget, ...], health: CircuitPolicy, retry_ambiguous: object
) -> Failover:
    return Failover(*targets, health=health, retry_ambiguous=bool(retry_ambiguous))


class _FailOver:
    """The middleware of one stack."""

    def __init__(self, failover: Failover, stack: Stack) -> None:
        self._failover: Final = failover
        self._health: Final = failover.health
        self._names: Final = tuple(t.endpoint_name for t in failover.targets)
        self._time: Final = failover.time
        self._events: Final = EventCounter(
            stack, "failover", "Calls made elsewhere, and targets that changed state."
        )

    async def __call__(
        self,
        ctx: Context,
        input: InitializeInput[Any],
        next: Handler[InitializeInput[Any]],
    ) -> Output:
        params, health = input.params, self._health["", input.params.endpoint_name]
        if ctx.operation == INVOKE_ENDPOINT_ASYNC.name or ctx.is_prepare:
            index, permit, is_bound = 0, None, True
        elif (session_id := getattr(params, "session_id", None)) in _NO_SESSION:
            index, permit, is_bound = *health.choose((), self._time()), False
        else:
            index, permit = self._failover.target_of_session(session_id), None
            is_bound = True
        failures: dict[int, BaseException] = {}
        while True:
            try:
                output = await self._call_at(index, ctx, input, next)
            except BaseException as error:
                failures[index] = error
                self._record_failure(health, (index, permit), error, ctx)
                if is_bound or not self._goes_on(failures, error):
                    _describe(error, failures)
                    raise
            else:
                break
            index, permit = health.choose(failures, self._time())
            input = InitializeInput(params)
            self._events.add("elsewhere", ctx.endpoint_name)
            if ctx.last_exchange is not None:
                ctx.last_exchange.metadata = ctx.last_exchange.response = None
        if health.record(index, permit, failed=False, now=self._time()):
            self._report(health, index, ctx)
        output.metadata[FAILOVER_TARGET] = self._failover.targets[index]
        if getattr(output.result, "new_session_id", None) is not None:
            self._failover.remember_session(output.result.new_session.id, index)
        return output

    def _call_at(
        self,
        index: int,
        ctx: Context,
        input: InitializeInput[Any],
        next: Handler[InitializeInput[Any]],
    ) -> Awaitable[Output]:
        name = self._names[index]
        if name is not None:
            input = InitializeInput(with_member(input.params, "endpoint_name", name))
        if index:  # without a number, it is the first target
            ctx = ctx.with_value(TARGET_INDEX, index)
        return next(ctx, input)

    def _goes_on(
        self, failures: Mapping[int, BaseException], error: BaseException
    ) -> bool:
        failover = self._failover
        return len(failures) < len(failover.targets) and may_run_elsewhere(
            error, retry_ambiguous=failover.retry_ambiguous
        )

    def _record_failure(
        self,
        health: TargetHealth,
        choice: tuple[int, int | None],
        error: BaseException,
        ctx: Context,
    ) -> None:
        failover, (index, permit) = self._failover, choice
        if isinstance(error, SageMakerRuntimeError):
            error.metadata[FAILOVER_TARGET] = failover.targets[index]
        failed = blames_endpoint(error)
        if health.record(index, permit, failed=failed, now=failover.time()):
            self._report(health, index, ctx)

    def _report(self, health: TargetHealth, index: int, ctx: Context) -> None:
        """Report the state that the target *index* has changed to."""
        state = health.states[index]
        self._events.add(f"target_{state}", ctx.endpoint_name)
        _log.warning(
            "target %d of endpoint %r is %s: %r",
            index + 1,
            ctx.endpoint_name,
            "healthy" if state == "closed" else "unhealthy",
            self._failover.targets[index],
        )


def _describe(error: BaseException, failures: Mapping[int, BaseException]) -> None:
    """Write on *error*, which ends the call, what happened at the other targets."""
    if not isinstance(error, SageMakerRuntimeError):
        return
    for index, failure in failures.items():
        if failure is error or not isinstance(failure, SageMakerRuntimeError):
            continue
        error.request_sent |= failure.request_sent
        error.may_have_executed |= failure.may_have_executed
        error.add_note(
            f"target {index + 1} failed before: {type(failure).__name__}: {failure}"
        )
