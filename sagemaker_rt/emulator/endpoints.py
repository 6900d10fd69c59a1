"""Which model stands behind which endpoint, and whether it is loaded yet."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from attrs import define, field, frozen

from sagemaker_rt.emulator.models import Model
from sagemaker_rt.emulator.responses import refusal
from sagemaker_rt.errors import OptionsError

__all__ = ["ColdStart", "Deployment", "Deployments"]


@frozen(kw_only=True)
class ColdStart:
    """For how long each target model answers that it is not ready.

    Both limits must have passed, counted from the first request for the target model.
    """

    requests: int = 0
    """How many requests are refused at the least."""
    duration: float = 0.0
    """Seconds, by the emulator's clock."""


@define
class _Loading:
    """How far the loading of one target model is."""

    since: float
    refused: int = 0


@define(eq=False, kw_only=True)
class Deployment:
    """One endpoint."""

    endpoint_name: str
    model: Model | None
    """None where every request must name an inference component."""
    inference_components: Mapping[str, Model] = field(factory=dict)
    variants: Sequence[str] = ("AllTraffic",)
    """The production variants; the first takes requests that name none."""
    cold_start: ColdStart = field(factory=ColdStart)
    _loading: dict[str | None, _Loading] = field(factory=dict, init=False)

    def model_of(self, component: str | None) -> Model:
        """Return the model that answers for *component*.

        Raises:
            Refusal: There is none of that name, or one must be named.
        """
        if component is not None:
            if component not in self.inference_components:
                message = f"Inference Component {component} not found."
                raise refusal(message)
            return self.inference_components[component]
        if self.model is None:
            message = "Inference Component Name header is required for this endpoint."
            raise refusal(message)
        return self.model

    def variant(self, target: str | None) -> str:
        """Return the variant that takes a request for *target*.

        Raises:
            Refusal: There is no such variant.
        """
        if target is None:
            return self.variants[0]
        if target not in self.variants:
            message = f"Variant {target} of endpoint {self.endpoint_name} not found."
            raise refusal(message)
        return target

    def load(self, target_model: str | None, now: float) -> None:
        """Count one request for *target_model*.

        Raises:
            Refusal: The model is not ready.
        """
        loading = self._loading.setdefault(target_model, _Loading(now))
        was_asked = loading.refused >= self.cold_start.requests
        if was_asked and now - loading.since >= self.cold_start.duration:
            return
        loading.refused += 1
        message = f"Model {target_model or self.endpoint_name} is not ready yet."
        raise refusal(message, code="ModelNotReadyException", status=429)


class Deployments:
    """All endpoints of the emulator's account."""

    def __init__(self, account: Callable[[], str], models: Mapping[str, Model]) -> None:
        self._account = account
        self._by_name: dict[str, Deployment] = {
            name: Deployment(endpoint_name=name, model=model)
            for name, model in models.items()
        }

    def add(self, deployment: Deployment) -> None:
        """Add *deployment*, or put it in the place of one with its name.

        Raises:
            OptionsError: Nothing in it could ever answer.
        """
        if deployment.model is None and not deployment.inference_components:
            message = (
                f"endpoint {deployment.endpoint_name!r} has no model; "
                "give one, or inference_components"
            )
            raise OptionsError(message)
        if not deployment.variants:
            message = f"endpoint {deployment.endpoint_name!r} has no variant"
            raise OptionsError(message)
        self._by_name[deployment.endpoint_name] = deployment

    def find(self, endpoint_name: str) -> Deployment:
        """Return the deployment of *endpoint_name*.

        Raises:
            Refusal: There is none.
        """
        deployment = self._by_name.get(endpoint_name)
        if deployment is None:
            message = (
                f"Endpoint {endpoint_name} of account {self._account()} not found."
            )
            raise refusal(message)
        return deployment
