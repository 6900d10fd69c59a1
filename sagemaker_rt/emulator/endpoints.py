"""The endpoints of the emulator, and the models deployed to them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from attrs import define, field, frozen

from sagemaker_rt.emulator.models import Model
from sagemaker_rt.emulator.responses import rejection
from sagemaker_rt.errors import OptionsError

__all__ = ["ColdStart", "DeployedEndpoint", "DeployedEndpoints"]


@frozen(kw_only=True)
class ColdStart:
    """How long a target model is loaded, and rejects requests as not ready.

    Loading starts with the first request for the target model. It ends when both limits
    are reached.
    """

    requests: int = 0
    """Number of requests to reject."""
    duration: float = 0.0
    """Seconds, measured by the clock of the emulator."""


@define
class _LoadState:
    """State of one target model that is being loaded."""

    since: float
    rejected: int = 0


@define(eq=False, kw_only=True)
class DeployedEndpoint:
    """One endpoint, with its models and variants."""

    endpoint_name: str
    model: Model | None
    """None if each request must name an inference component."""
    inference_components: Mapping[str, Model] = field(factory=dict)
    variants: Sequence[str] = ("AllTraffic",)
    """Production variants. The first one serves requests without a target variant."""
    cold_start: ColdStart = field(factory=ColdStart)
    _load_states: dict[str | None, _LoadState] = field(factory=dict, init=False)

    def find_model(self, component: str | None) -> Model:
        """Return the model of an inference component, or of the endpoint if it is None.

        Raises:
            RequestRejected: The component does not exist, or the endpoint needs one.
        """
        if component is not None:
            if component not in self.inference_components:
                message = f"Inference Component {component} not found."
                raise rejection(message)
            return self.inference_components[component]
        if self.model is None:
            message = "Inference Component Name header is required for this endpoint."
            raise rejection(message)
        return self.model

    def find_variant(self, target: str | None) -> str:
        """Return the production variant that serves a request for variant *target*.

        Raises:
            RequestRejected: The variant does not exist.
        """
        if target is None:
            return self.variants[0]
        if target not in self.variants:
            message = f"Variant {target} of endpoint {self.endpoint_name} not found."
            raise rejection(message)
        return target

    def require_loaded(self, target_model: str | None, now: float) -> None:
        """Count a request for *target_model*, and reject it during the cold start.

        Raises:
            RequestRejected: The model is not ready.
        """
        # each target model of a multi-model endpoint is loaded separately
        state = self._load_states.setdefault(target_model, _LoadState(now))
        was_rejected_enough = state.rejected >= self.cold_start.requests
        if was_rejected_enough and now - state.since >= self.cold_start.duration:
            return
        state.rejected += 1
        message = f"Model {target_model or self.endpoint_name} is not ready yet."
        raise rejection(message, code="ModelNotReadyException", status=429)


class DeployedEndpoints:
    """All endpoints of the emulator.

    Args:
        account: Returns the account id that error messages name.
        models: The endpoints at the start, by name.
    """

    def __init__(self, account: Callable[[], str], models: Mapping[str, Model]) -> None:
        self._account = account
        self._by_name: dict[str, DeployedEndpoint] = {
            name: DeployedEndpoint(endpoint_name=name, model=model)
            for name, model in models.items()
        }

    def add(self, endpoint: DeployedEndpoint) -> None:
        """Add *endpoint*; an endpoint with the same name is replaced.

        Raises:
            OptionsError: The endpoint has no model or no variant.
        """
        if endpoint.model is None and not endpoint.inference_components:
            message = (
                f"endpoint {endpoint.endpoint_name!r} has no model; "
                "set model or inference_components"
            )
            raise OptionsError(message)
        if not endpoint.variants:
            message = f"endpoint {endpoint.endpoint_name!r} has no variant"
            raise OptionsError(message)
        self._by_name[endpoint.endpoint_name] = endpoint

    def find(self, endpoint_name: str) -> DeployedEndpoint:
        """Return an endpoint by its name.

        Raises:
            RequestRejected: The endpoint does not exist.
        """
        endpoint = self._by_name.get(endpoint_name)
        if endpoint is None:
            message = (
                f"Endpoint {endpoint_name} of account {self._account()} not found."
            )
            raise rejection(message)
        return endpoint
