"""The standard stack: the middleware that a call runs through, in order.

Read this page first. Each line adds one middleware, or records why these options do
without it. What a middleware does is in the file of its name, in ``middleware/``.
"""

from __future__ import annotations

from typing import Final, TypeVar

from sagemaker_rt.assembly import middleware_factories as make
from sagemaker_rt.assembly.authentication import Authentication
from sagemaker_rt.assembly.components import Components
from sagemaker_rt.assembly.logging import LogMiddleware
from sagemaker_rt.assembly.omitted import Omitted
from sagemaker_rt.assembly.telemetry import Telemetry
from sagemaker_rt.middleware.add_raw_response_to_metadata import (
    AddRawResponseToMetadata,
)
from sagemaker_rt.middleware.client_request_id import ClientRequestID
from sagemaker_rt.middleware.operation_input_validation import OperationInputValidation
from sagemaker_rt.middleware.operation_serializer import OperationSerializer
from sagemaker_rt.middleware.record_response_timing import RecordResponseTiming
from sagemaker_rt.middleware.request_id_retriever import RequestIDRetriever
from sagemaker_rt.middleware.response_error_wrapper import ResponseErrorWrapper
from sagemaker_rt.operations import Operation
from sagemaker_rt.options import Options
from sagemaker_rt.stack import Middleware, Stack, Step
from sagemaker_rt.step_inputs import StepInput

__all__ = ["Omitted", "standard_stack"]

I = TypeVar("I", bound=StepInput)


class _Builder:
    """A stack under construction."""

    def __init__(self, telemetry: Telemetry) -> None:
        self.telemetry: Final = telemetry
        self.stack: Final = Stack()
        self.omitted: Final[list[Omitted]] = []

    def add(self, step: Step[I], middleware: Middleware[I] | Omitted) -> None:
        """Add *middleware* to *step*, or keep its place and record why it is off."""
        if isinstance(middleware, Omitted):
            self.omitted.append(middleware)
            step.reserve(middleware.id, middleware.reason)
        else:
            step.add(self.telemetry.timed(middleware), calls_next_once=True)


def standard_stack(
    operation: Operation, options: Options, components: Components
) -> tuple[Stack, list[Omitted]]:
    """Return the stack that a call of *operation* runs through, and what it omits."""
    auth = Authentication.of(operation, options, components)
    logs = LogMiddleware(operation, options)
    builder = _Builder(Telemetry(operation, options, region=auth.signing_region))
    telemetry, stack, add = builder.telemetry, builder.stack, builder.add

    add(stack.initialize, telemetry.call_tracing())
    add(stack.initialize, telemetry.call_metrics())
    add(stack.initialize, logs.call_logger())
    add(stack.initialize, OperationInputValidation(operation, options.validate))

    add(stack.serialize, make.resolve_endpoint(options))
    add(stack.serialize, OperationSerializer(operation))

    add(stack.build, ClientRequestID(components.random_bits))
    add(stack.build, make.request_compression(operation, options))
    add(stack.build, auth.compute_payload_hash())
    add(stack.build, make.user_agent(options))
    add(stack.build, make.recursion_detection(components))

    add(stack.finalize, telemetry.call_monitoring(components.retryer.max_attempts))
    add(stack.finalize, make.retry(operation, options, components, logs))
    add(stack.finalize, telemetry.attempt_tracing())  # from here on, per attempt
    add(stack.finalize, telemetry.attempt_metrics())
    add(stack.finalize, telemetry.attempt_monitoring())
    add(stack.finalize, make.adaptive_rate_limit(options, components))
    add(stack.finalize, make.follow_redirects(options))
    add(stack.finalize, auth.resolve_auth_scheme())
    add(stack.finalize, auth.get_identity())
    add(stack.finalize, make.resolve_endpoint_v2(operation, options, components))
    add(stack.finalize, auth.unsigned_payload())
    add(stack.finalize, auth.signing())

    add(stack.deserialize, AddRawResponseToMetadata())
    add(stack.deserialize, make.event_stream_deserializer(operation, logs))
    add(stack.deserialize, ResponseErrorWrapper())
    add(stack.deserialize, RequestIDRetriever())
    add(stack.deserialize, make.operation_deserializer(operation, options))
    add(stack.deserialize, RecordResponseTiming(options.clock))
    add(stack.deserialize, make.write_response_target(operation, options))
    add(stack.deserialize, make.report_progress(operation, options))
    add(stack.deserialize, logs.request_response_logger())  # nearest to the wire
    return stack, [*builder.omitted, *auth.unused_schemes()]
