"""What the edits of this folder do with a stack: find the meter, and insert."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeVar

from sagemaker_rt.middleware.call_metrics import CallMetrics
from sagemaker_rt.observability.instruments import counter
from sagemaker_rt.operations import SERVICE_ID
from sagemaker_rt.stack import InitializeInput, Middleware, Stack, Step
from sagemaker_rt.step_inputs import StepInput

if TYPE_CHECKING:
    from opentelemetry.metrics import Meter

__all__ = ["EventCounter", "insert", "insert_in_initialize", "meter_of"]

# The order in the initialize step, which does not depend on that of the options. A copy
# for a shadow is sent to the target of the call, and a call counts once for a budget.
_ORDER: Final = (
    "Budget",
    "Failover",
    "WeightedVariants",
    "ShadowTraffic",
    "OperationInputValidation",
)

I = TypeVar("I", bound=StepInput)


def insert(
    step: Step[I],
    middleware: Middleware[I],
    *,
    id: str,
    after: tuple[str, ...] = (),
    calls_next_once: bool = False,
) -> None:
    """Insert *middleware* after the first of *after* that *step* has.

    The last of *after* may be off. Without *after*, *middleware* is appended. One with
    the same ID is replaced, so that a call overrides what its client has.
    """
    if id in step:
        step.remove(id)
    if not after:
        step.add(middleware, id=id, calls_next_once=calls_next_once)
        return
    anchor = next((anchor for anchor in after if anchor in step), after[-1])
    step.insert(middleware, after=anchor, id=id, calls_next_once=calls_next_once)


def insert_in_initialize(
    stack: Stack, middleware: Middleware[InitializeInput[Any]], *, id: str
) -> None:
    """Insert *middleware* in the order of the middlewares of this folder.

    One with the same ID is replaced. It may call ``next`` several times if it passes on
    a new input each time.
    """
    step = stack.initialize
    if id in step:
        step.remove(id)
    later = _ORDER[_ORDER.index(id) + 1 :]
    before = next((other for other in later if other in step), later[-1])
    step.insert(middleware, before=before, id=id, calls_next_once=True)


def meter_of(stack: Stack) -> Meter | None:
    """Return the meter of the client's ``meter_provider``; None without one."""
    if "CallMetrics" not in stack.initialize:
        return None
    metrics = stack.initialize.get("CallMetrics")
    return metrics.meter if isinstance(metrics, CallMetrics) else None


class EventCounter:
    """Counts events by endpoint; without a meter, it counts nothing.

    Args:
        name: The name of the metric, after ``client.resilience.``.
        description: What is counted.
    """

    def __init__(self, stack: Stack, name: str, description: str) -> None:
        meter = meter_of(stack)
        full_name = f"client.resilience.{name}"
        self._counter: Final = (
            None if meter is None else counter(meter, full_name, "{event}", description)
        )

    def add(self, event: str, endpoint_name: str | None) -> None:
        """Count one *event* of the endpoint."""
        if self._counter is not None:
            attributes = {
                "rpc.service": SERVICE_ID,
                "aws.sagemaker.endpoint_name": endpoint_name or "",
                "event": event,
            }
            self._counter.add(1, attributes)
