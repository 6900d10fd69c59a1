"""Refuse calls to an endpoint that fails, until a probe has succeeded."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from functools import partial
from time import monotonic
from typing import Final

from attrs import asdict

from sagemaker_rt.context import Context
from sagemaker_rt.errors import CircuitOpenError
from sagemaker_rt.options import with_api_options
from sagemaker_rt.options.functional_options import APIOptions
from sagemaker_rt.resilience.endpoint_states import (
    EndpointKey,
    EndpointStates,
    counts_for_endpoint,
    endpoint_key,
)
from sagemaker_rt.resilience.stack_edits import EventCounter, insert
from sagemaker_rt.sansio.circuit import Circuit, CircuitPolicy, CircuitState
from sagemaker_rt.sansio.endpoint_failures import blames_endpoint
from sagemaker_rt.stack import FinalizeInput, Handler, Output, Stack
from sagemaker_rt.streaming.stream_end import stream_of

__all__ = ["CircuitBreaker", "with_circuit_breaker"]

_ID: Final = "CircuitBreaker"
_log = logging.getLogger(__name__)


class CircuitBreaker:
    """One circuit per endpoint, as an edit of the stack: `with_circuit_breaker`.

    An endpoint is a name at a host, so that equal names in two regions have two
    circuits. The circuit opens if at least *min_failures* requests of the last *window*
    seconds failed, and their share is at least *failure_rate*. Then requests are
    refused with a `CircuitOpenError`. After *open_seconds* one request is sent as a
    probe. If it succeeds, the circuit closes. If it fails, it stays open for twice as
    long, up to *max_open_seconds*.

    A failure is a lost connection, a timeout, a broken response, a status from 500, or
    a `ModelError` because of a container that does not respond (0, 502, 503 or 504). A
    throttled, cancelled or unsent request does not count. Any other response is a
    success, also an error such as 400.

    **Retries**: each attempt counts, and `CircuitOpenError` is not retried.
    **Streams**: a stream succeeds when its headers arrive, and fails once more if it
    breaks later. **Sessions** and asynchronous invocations are treated like others.
    **Cancellation**: a cancelled probe does not count; the next request is the probe.

    Clients that have the same object share the circuits: a client, and those derived
    from it. Pickling keeps the settings, and not the circuits.

    Args:
        time: Returns seconds; for tests.

    Raises:
        OptionsError: A setting is out of its range.
    """

    def __init__(  # noqa: PLR0913 - keyword-only settings with defaults
        self,
        *,
        failure_rate: float = 0.5,
        min_failures: int = 5,
        window: float = 10.0,
        open_seconds: float = 5.0,
        max_open_seconds: float = 60.0,
        time: Callable[[], float] = monotonic,
    ) -> None:
        self.policy: Final = CircuitPolicy(
            failure_rate=failure_rate,
            min_failures=min_failures,
            window=window,
            open_seconds=open_seconds,
            max_open_seconds=max_open_seconds,
        )
        """When circuits open, and for how long."""
        self.time: Final = time
        self.circuits: Final[EndpointStates[Circuit]] = EndpointStates(
            partial(Circuit, self.policy), lambda circuit: circuit.state == "closed"
        )
        """The circuits of the endpoints that were called."""

    def states(self) -> Mapping[EndpointKey, CircuitState]:
        """Return the state of each circuit, by host and endpoint name."""
        return {key: circuit.state for key, circuit in self.circuits}

    def __call__(self, stack: Stack) -> None:
        """Insert the breaker into *stack*, around the signing of each attempt."""
        insert(
            stack.finalize,
            _BreakCircuits(self, stack),
            id=_ID,
            after=("ConcurrencyLimit", "ResolveEndpointV2"),
            calls_next_once=True,
        )

    def __repr__(self) -> str:
        settings = asdict(self.policy).items()
        return f"CircuitBreaker({', '.join(f'{k}={v!r}' for k, v in settings)})"

    def __reduce__(self) -> tuple[object, ...]:
        return _unpickle, (asdict(self.policy),)


def with_circuit_breaker(breaker: CircuitBreaker | None = None) -> APIOptions:
    """Refuse calls to endpoints that fail, as *breaker* decides.

    Args:
        breaker: One that other clients have too, or one with other settings; a new one
            by default.
    """
    return with_api_options(CircuitBreaker() if breaker is None else breaker)


def _unpickle(settings: Mapping[str, float]) -> CircuitBreaker:
    return CircuitBreaker(**settings)  # type: ignore[arg-type] # min_failures is an int


class _BreakCircuits:
    """The middleware of one stack."""

    def __init__(self, breaker: CircuitBreaker, stack: Stack) -> None:
        self._circuits: Final = breaker.circuits
        self._time: Final = breaker.time
        self._events: Final = EventCounter(
            stack, "circuit_breaker", "Refused attempts, and changes of circuits."
        )

    async def __call__(
        self, ctx: Context, input: FinalizeInput, next: Handler[FinalizeInput]
    ) -> Output:
        if not counts_for_endpoint(ctx):
            return await next(ctx, input)
        circuit = self._circuits.of(ctx, input.request)
        permit = circuit.allow(self._time())
        if permit is None:
            raise self._refusal(circuit, endpoint_key(ctx, input.request))
        try:
            output = await next(ctx, input)
        except BaseException as error:
            self._record(circuit, permit, error, endpoint_key(ctx, input.request))
            raise
        if circuit.record(permit, failed=False, now=self._time()):
            self._report(circuit, endpoint_key(ctx, input.request))
        stream = stream_of(ctx, output.result)
        if stream is not None:
            # its success is counted already, and a later failure counts in addition
            key = endpoint_key(ctx, input.request)

            def record_failure(_: object, error: BaseException | None) -> None:
                if error is not None:
                    self._record(circuit, permit, error, key)

            stream.when_ended(record_failure)
        return output

    def _record(
        self, circuit: Circuit, permit: int, error: BaseException, key: EndpointKey
    ) -> None:
        failed = blames_endpoint(error)
        if circuit.record(permit, failed=failed, now=self._time()):
            self._report(circuit, key)

    def _report(self, circuit: Circuit, key: EndpointKey) -> None:
        """Report the state that the circuit has changed to."""
        self._events.add(circuit.state, key.endpoint_name)
        _log.warning(
            "the circuit of endpoint %r at %s is %s",
            key.endpoint_name,
            key.host,
            circuit.state,
        )

    def _refusal(self, circuit: Circuit, key: EndpointKey) -> CircuitOpenError:
        self._events.add("refused", key.endpoint_name)
        seconds = circuit.seconds_until_probe(self._time())
        then = f"the next probe is in {seconds:.3f} s" if seconds else "a probe is sent"
        error = CircuitOpenError(
            f"endpoint {key.endpoint_name!r} at {key.host} fails, and its circuit is "
            f"open; {then}"
        )
        error.endpoint_name = key.endpoint_name
        error.retry_after = seconds
        return error
