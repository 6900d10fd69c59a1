"""What may be set: `Options`, its groups, and functional options."""

from __future__ import annotations

from sagemaker_rt.options.auth import AuthOptions, AuthSchemeResolver
from sagemaker_rt.options.bodies import BodyOptions, RequestCompressionMode
from sagemaker_rt.options.endpoint import EndpointOptions
from sagemaker_rt.options.functional_options import (
    APIOptions,
    ContextValue,
    Option,
    OptionChain,
    OptionValues,
    apply_options,
    is_cacheable,
    sets_context_values,
    split_context_values,
    with_api_options,
    with_context_value,
    with_endpoint_resolver,
    with_endpoint_resolver_v2,
    with_options,
    with_sigv4_signing_name,
    with_sigv4_signing_region,
)
from sagemaker_rt.options.http import HTTPOptions
from sagemaker_rt.options.logging import LoggingOptions
from sagemaker_rt.options.options import Options
from sagemaker_rt.options.retry import (
    RetryMode,
    RetryOptions,
    RetryRulesName,
)
from sagemaker_rt.options.streams import StreamOptions
from sagemaker_rt.options.telemetry import TelemetryOptions
from sagemaker_rt.options.timeouts import TimeoutOptions
from sagemaker_rt.options.tls import TLSOptions

__all__ = [
    "APIOptions",
    "AuthOptions",
    "AuthSchemeResolver",
    "BodyOptions",
    "ContextValue",
    "EndpointOptions",
    "HTTPOptions",
    "LoggingOptions",
    "Option",
    "OptionChain",
    "OptionValues",
    "Options",
    "RequestCompressionMode",
    "RetryMode",
    "RetryOptions",
    "RetryRulesName",
    "StreamOptions",
    "TLSOptions",
    "TelemetryOptions",
    "TimeoutOptions",
    "apply_options",
    "is_cacheable",
    "sets_context_values",
    "split_context_values",
    "with_api_options",
    "with_context_value",
    "with_endpoint_resolver",
    "with_endpoint_resolver_v2",
    "with_options",
    "with_sigv4_signing_name",
    "with_sigv4_signing_region",
]
