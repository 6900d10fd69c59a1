"""Names of the AWS SDK for Go: `Options` of a service, and `aws.Config`."""

from __future__ import annotations

from typing import Final

from sagemaker_rt.porting import conversions, units
from sagemaker_rt.porting.entries import Entries, Into, Nested, Nothing, Refused

__all__ = ["GO"]

GO: Final[Entries] = {
    "APIOptions": Into("api_options"),
    "AppID": Into("app_id"),
    "AuthSchemePreference": Into("auth_scheme_preference"),
    "AuthSchemeResolver": Into("auth_scheme_resolver"),
    "AuthSchemes": Into("auth_schemes"),
    "BaseEndpoint": Into("endpoint_url", conversions.text),
    "BearerAuthTokenProvider": Into("token_provider"),
    "ClientLogMode": Into("log_mode", conversions.log_mode),
    "Credentials": Into("credentials"),
    "DefaultsMode": Into("defaults_mode", conversions.mode_of_defaults),
    "DisableRequestCompression": Nothing(
        "is as it is: no operation asks for compression, request_compression does"
    ),
    "EndpointOptions": Nested(
        {
            "DisableHTTPS": Into("use_ssl", conversions.opposite),
            "LogDeprecated": Nothing("is LogMode.DEPRECATED_USAGE here"),
            "Logger": Nothing("is the client's logger here"),
            "ResolvedRegion": Nothing("is what the endpoint itself says here"),
            "UseDualStackEndpoint": Into("use_dualstack_endpoint", conversions.state),
            "UseFIPSEndpoint": Into("use_fips_endpoint", conversions.state),
        }
    ),
    "EndpointResolver": Into("endpoint_resolver"),
    "EndpointResolverV2": Into("endpoint_resolver_v2"),
    "HTTPClient": Into("http_client"),
    "HTTPSignerV4": Into("signer"),
    "Interceptors": Refused(
        "a middleware before or after a named one does it: with_api_options"
    ),
    "Logger": Into("logger"),
    "MeterProvider": Into("meter_provider"),
    "Region": Into("region", conversions.region),
    "RequestMinCompressSizeBytes": Into("min_compression_bytes"),
    "RetryMaxAttempts": Into("max_attempts", units.attempts_or_unset),
    "RetryMode": Into("retry_mode", conversions.mode_of_retries),
    "Retryer": Into("retryer"),
    "RuntimeEnvironment": Nothing("is found out here"),
    "SigV4SigningName": Into("sigv4_signing_name", conversions.text),
    "SigV4SigningRegion": Into("sigv4_signing_region", conversions.text),
    "TracerProvider": Into("tracer_provider"),
}
