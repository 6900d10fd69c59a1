"""Everything that may be set: `Options`, in groups of a file each, and ``with_…``."""

from __future__ import annotations

from sagemaker_rt.options.endpoint import (
    EndpointOptions,
    with_allow_insecure,
    with_endpoint_resolver,
    with_endpoint_resolver_v2,
    with_endpoint_url,
    with_ignore_configured_endpoint_urls,
    with_port,
    with_use_dualstack_endpoint,
    with_use_fips_endpoint,
    with_use_ssl,
)
from sagemaker_rt.options.fields import OptionFields
from sagemaker_rt.options.http import (
    HTTPOptions,
    with_http_client,
    with_max_response_bytes,
)
from sagemaker_rt.options.logging import LoggingOptions, with_log_mode, with_logger
from sagemaker_rt.options.options import (
    Options,
    with_api_options,
    with_app_id,
    with_clock,
    with_credentials,
    with_region,
    with_signer,
    with_validate,
)
from sagemaker_rt.options.retry import (
    RetryMode,
    RetryOptions,
    with_max_attempts,
    with_retry_mode,
    with_retryer,
)
from sagemaker_rt.options.setting import (
    Addition,
    Composition,
    Option,
    Setting,
    apply,
    is_value,
)
from sagemaker_rt.options.timeouts import (
    TimeoutOptions,
    with_connect_timeout,
    with_pool_timeout,
    with_read_timeout,
    with_total_timeout,
)
from sagemaker_rt.options.tls import TLSOptions

__all__ = [
    "Addition",
    "Composition",
    "EndpointOptions",
    "HTTPOptions",
    "LoggingOptions",
    "Option",
    "OptionFields",
    "Options",
    "RetryMode",
    "RetryOptions",
    "Setting",
    "TLSOptions",
    "TimeoutOptions",
    "apply",
    "is_value",
    "with_allow_insecure",
    "with_api_options",
    "with_app_id",
    "with_clock",
    "with_connect_timeout",
    "with_credentials",
    "with_endpoint_resolver",
    "with_endpoint_resolver_v2",
    "with_endpoint_url",
    "with_http_client",
    "with_ignore_configured_endpoint_urls",
    "with_log_mode",
    "with_logger",
    "with_max_attempts",
    "with_max_response_bytes",
    "with_pool_timeout",
    "with_port",
    "with_read_timeout",
    "with_region",
    "with_retry_mode",
    "with_retryer",
    "with_signer",
    "with_total_timeout",
    "with_use_dualstack_endpoint",
    "with_use_fips_endpoint",
    "with_use_ssl",
    "with_validate",
]
