"""An asyncio-native client for Amazon SageMaker Runtime.

::

    async with Client(region="eu-west-1") as client:
        output = await client.invoke_endpoint(endpoint_name="my-model", body=b"...")

What most callers need is here; the rest is in the modules. Names are imported when they
are first used, so that importing the package costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sagemaker_rt.bound_client import BoundClient
    from sagemaker_rt.client import Client
    from sagemaker_rt.config.config import Config
    from sagemaker_rt.context import AttemptResult, Context, Key, Metadata
    from sagemaker_rt.converters import from_dict, to_dict
    from sagemaker_rt.credentials.assume_role import (
        AssumeRoleCredentials,
        WebIdentityCredentials,
    )
    from sagemaker_rt.credentials.bearer_token import SageMakerBearerTokenProvider
    from sagemaker_rt.credentials.botocore import BotocoreCredentials
    from sagemaker_rt.credentials.chain import DefaultChain
    from sagemaker_rt.credentials.cognito import CognitoIdentityCredentials
    from sagemaker_rt.credentials.container import ContainerCredentials
    from sagemaker_rt.credentials.environment import EnvironmentCredentials
    from sagemaker_rt.credentials.instance_metadata import InstanceMetadataCredentials
    from sagemaker_rt.credentials.login import LoginCredentials
    from sagemaker_rt.credentials.process import ProcessCredentials
    from sagemaker_rt.credentials.provider_context import Surroundings
    from sagemaker_rt.credentials.shared_file import SharedFileCredentials
    from sagemaker_rt.credentials.sso import SSOCredentials
    from sagemaker_rt.credentials.static import StaticCredentials
    from sagemaker_rt.endpoint_resolvers import (
        DefaultEndpointResolver,
        DefaultEndpointResolverV2,
        endpoint_resolver_from_url,
    )
    from sagemaker_rt.errors import (
        CertificateError,
        ClientStateError,
        ConnectError,
        ConnectionLostError,
        ConnectTimeoutError,
        CorruptMessageError,
        CredentialsError,
        DeserializationError,
        DuplicateMiddlewareError,
        EndpointNotFoundError,
        EndpointResolutionError,
        EventStreamError,
        InternalDependencyException,
        InternalFailure,
        InternalStreamFailure,
        ModelError,
        ModelNotReadyException,
        ModelStreamError,
        OptionsError,
        ParamValidationError,
        PoolTimeoutError,
        ProfileNotFoundError,
        RequestAbortedError,
        RequestTimeoutError,
        ResponseTargetError,
        ResponseTooLargeError,
        RetryCapacityNotAvailableError,
        SageMakerRuntimeError,
        SerializationError,
        ServiceError,
        ServiceUnavailable,
        SharedConfigError,
        StackError,
        TransportError,
        TruncatedBodyError,
        TruncatedStreamError,
        UnknownMiddlewareError,
        UnknownServiceError,
        UnmodeledEventError,
        ValidationError,
    )
    from sagemaker_rt.http import Endpoint, Headers, Request, Response
    from sagemaker_rt.identity import (
        AnonymousCredentials,
        AuthScheme,
        Credentials,
        Token,
    )
    from sagemaker_rt.interfaces import (
        CredentialsProvider,
        EndpointResolver,
        EndpointResolverV2,
        HTTPAuthScheme,
        HTTPClient,
        MeterProvider,
        Retryer,
        Signer,
        TokenProvider,
        TracerProvider,
    )
    from sagemaker_rt.invocation.unsent_request import UnsentRequest
    from sagemaker_rt.middleware.resolve_endpoint import ResolveEndpoint
    from sagemaker_rt.observability.log_formatter import LogFormatter
    from sagemaker_rt.observability.log_mode import LogMode
    from sagemaker_rt.operations import API_VERSION, SERVICE_ID, SIGNING_NAME
    from sagemaker_rt.options import (
        Option,
        Options,
        with_adaptive_wait,
        with_allow_insecure,
        with_api_options,
        with_app_id,
        with_auth_scheme_preference,
        with_auth_scheme_resolver,
        with_auth_schemes,
        with_client_side_monitoring,
        with_client_side_monitoring_client_id,
        with_client_side_monitoring_host,
        with_client_side_monitoring_port,
        with_clock,
        with_clock_offset,
        with_connect_timeout,
        with_correct_clock_skew,
        with_credentials,
        with_custom_backoff,
        with_defaults_mode,
        with_endpoint_resolver,
        with_endpoint_resolver_v2,
        with_endpoint_url,
        with_http_client,
        with_ignore_configured_endpoint_urls,
        with_log_level,
        with_log_mode,
        with_logger,
        with_max_attempts,
        with_max_redirects,
        with_max_response_bytes,
        with_meter_provider,
        with_min_compression_bytes,
        with_model_not_ready_timeout,
        with_on_chunk_received,
        with_on_chunk_sent,
        with_payload_signing,
        with_pool_timeout,
        with_port,
        with_read_timeout,
        with_region,
        with_request_compression,
        with_response_target,
        with_retry_ambiguous,
        with_retry_base_delay,
        with_retry_jitter,
        with_retry_max_delay,
        with_retry_mode,
        with_retry_model_errors,
        with_retry_rules,
        with_retryer,
        with_signer,
        with_sigv4_signing_name,
        with_sigv4_signing_region,
        with_stream_timeout,
        with_token_provider,
        with_total_timeout,
        with_tracer_provider,
        with_use_dualstack_endpoint,
        with_use_fips_endpoint,
        with_use_ssl,
        with_user_agent_extra,
        with_validate,
        with_write_timeout,
    )
    from sagemaker_rt.porting import ported_options
    from sagemaker_rt.sansio.backoff import CustomBackoff, Jitter, LegacyBackoff
    from sagemaker_rt.sansio.defaults_modes import DefaultsMode
    from sagemaker_rt.sansio.endpoints import (
        EndpointParameters,
        EndpointResolverOptions,
        KeepPrefixes,
    )
    from sagemaker_rt.sansio.presign import generate_bearer_token
    from sagemaker_rt.sansio.retry import (
        NopRetryer,
        NoRetry,
        RetryDecision,
        RetryPolicy,
        RetryQuota,
        RetryRules,
        RetryTerms,
        StandardRetryer,
    )
    from sagemaker_rt.sansio.validation_kinds import Validation
    from sagemaker_rt.shapes import (
        NEW_SESSION,
        InvokeEndpointAsyncInput,
        InvokeEndpointAsyncOutput,
        InvokeEndpointInput,
        InvokeEndpointOutput,
        InvokeEndpointWithResponseStreamInput,
        InvokeEndpointWithResponseStreamOutput,
        PayloadPart,
        SessionInfo,
        UnknownEvent,
    )
    from sagemaker_rt.signers.requests_auth import RequestsAuthSigner
    from sagemaker_rt.signers.sigv4 import SigV4Signer
    from sagemaker_rt.stack import (
        BuildInput,
        DeserializeInput,
        FinalizeInput,
        Handler,
        InitializeInput,
        Middleware,
        Output,
        SerializeInput,
        Stack,
        Step,
        hook,
    )
    from sagemaker_rt.streaming.response_stream import ResponseStream
    from sagemaker_rt.streaming.response_stream_handler import ResponseStreamHandler
    from sagemaker_rt.transport.aiohttp_client import AiohttpClient

__all__ = [
    "API_VERSION",
    "NEW_SESSION",
    "SERVICE_ID",
    "SIGNING_NAME",
    "AiohttpClient",
    "AnonymousCredentials",
    "AssumeRoleCredentials",
    "AttemptResult",
    "AuthScheme",
    "BotocoreCredentials",
    "BoundClient",
    "BuildInput",
    "CertificateError",
    "Client",
    "ClientStateError",
    "CognitoIdentityCredentials",
    "Config",
    "ConnectError",
    "ConnectTimeoutError",
    "ConnectionLostError",
    "ContainerCredentials",
    "Context",
    "CorruptMessageError",
    "Credentials",
    "CredentialsError",
    "CredentialsProvider",
    "CustomBackoff",
    "DefaultChain",
    "DefaultEndpointResolver",
    "DefaultEndpointResolverV2",
    "DefaultsMode",
    "DeserializationError",
    "DeserializeInput",
    "DuplicateMiddlewareError",
    "Endpoint",
    "EndpointNotFoundError",
    "EndpointParameters",
    "EndpointResolutionError",
    "EndpointResolver",
    "EndpointResolverOptions",
    "EndpointResolverV2",
    "EnvironmentCredentials",
    "EventStreamError",
    "FinalizeInput",
    "HTTPAuthScheme",
    "HTTPClient",
    "Handler",
    "Headers",
    "InitializeInput",
    "InstanceMetadataCredentials",
    "InternalDependencyException",
    "InternalFailure",
    "InternalStreamFailure",
    "InvokeEndpointAsyncInput",
    "InvokeEndpointAsyncOutput",
    "InvokeEndpointInput",
    "InvokeEndpointOutput",
    "InvokeEndpointWithResponseStreamInput",
    "InvokeEndpointWithResponseStreamOutput",
    "Jitter",
    "KeepPrefixes",
    "Key",
    "LegacyBackoff",
    "LogFormatter",
    "LogMode",
    "LoginCredentials",
    "Metadata",
    "MeterProvider",
    "Middleware",
    "ModelError",
    "ModelNotReadyException",
    "ModelStreamError",
    "NoRetry",
    "NopRetryer",
    "Option",
    "Options",
    "OptionsError",
    "Output",
    "ParamValidationError",
    "PayloadPart",
    "PoolTimeoutError",
    "ProcessCredentials",
    "ProfileNotFoundError",
    "Request",
    "RequestAbortedError",
    "RequestTimeoutError",
    "RequestsAuthSigner",
    "ResolveEndpoint",
    "Response",
    "ResponseStream",
    "ResponseStreamHandler",
    "ResponseTargetError",
    "ResponseTooLargeError",
    "RetryCapacityNotAvailableError",
    "RetryDecision",
    "RetryPolicy",
    "RetryQuota",
    "RetryRules",
    "RetryTerms",
    "Retryer",
    "SSOCredentials",
    "SageMakerBearerTokenProvider",
    "SageMakerRuntimeError",
    "SerializationError",
    "SerializeInput",
    "ServiceError",
    "ServiceUnavailable",
    "SessionInfo",
    "SharedConfigError",
    "SharedFileCredentials",
    "SigV4Signer",
    "Signer",
    "Stack",
    "StackError",
    "StandardRetryer",
    "StaticCredentials",
    "Step",
    "Surroundings",
    "Token",
    "TokenProvider",
    "TracerProvider",
    "TransportError",
    "TruncatedBodyError",
    "TruncatedStreamError",
    "UnknownEvent",
    "UnknownMiddlewareError",
    "UnknownServiceError",
    "UnmodeledEventError",
    "UnsentRequest",
    "Validation",
    "ValidationError",
    "WebIdentityCredentials",
    "endpoint_resolver_from_url",
    "from_dict",
    "generate_bearer_token",
    "hook",
    "ported_options",
    "to_dict",
    "with_adaptive_wait",
    "with_allow_insecure",
    "with_api_options",
    "with_app_id",
    "with_auth_scheme_preference",
    "with_auth_scheme_resolver",
    "with_auth_schemes",
    "with_client_side_monitoring",
    "with_client_side_monitoring_client_id",
    "with_client_side_monitoring_host",
    "with_client_side_monitoring_port",
    "with_clock",
    "with_clock_offset",
    "with_connect_timeout",
    "with_correct_clock_skew",
    "with_credentials",
    "with_custom_backoff",
    "with_defaults_mode",
    "with_endpoint_resolver",
    "with_endpoint_resolver_v2",
    "with_endpoint_url",
    "with_http_client",
    "with_ignore_configured_endpoint_urls",
    "with_log_level",
    "with_log_mode",
    "with_logger",
    "with_max_attempts",
    "with_max_redirects",
    "with_max_response_bytes",
    "with_meter_provider",
    "with_min_compression_bytes",
    "with_model_not_ready_timeout",
    "with_on_chunk_received",
    "with_on_chunk_sent",
    "with_payload_signing",
    "with_pool_timeout",
    "with_port",
    "with_read_timeout",
    "with_region",
    "with_request_compression",
    "with_response_target",
    "with_retry_ambiguous",
    "with_retry_base_delay",
    "with_retry_jitter",
    "with_retry_max_delay",
    "with_retry_mode",
    "with_retry_model_errors",
    "with_retry_rules",
    "with_retryer",
    "with_signer",
    "with_sigv4_signing_name",
    "with_sigv4_signing_region",
    "with_stream_timeout",
    "with_token_provider",
    "with_total_timeout",
    "with_tracer_provider",
    "with_use_dualstack_endpoint",
    "with_use_fips_endpoint",
    "with_use_ssl",
    "with_user_agent_extra",
    "with_validate",
    "with_write_timeout",
]

_HOMES = {
    "bound_client": "BoundClient",
    "client": "Client",
    "config.config": "Config",
    "context": "AttemptResult Context Key Metadata",
    "converters": "from_dict to_dict",
    "credentials.assume_role": "AssumeRoleCredentials WebIdentityCredentials",
    "credentials.bearer_token": "SageMakerBearerTokenProvider",
    "credentials.botocore": "BotocoreCredentials",
    "credentials.chain": "DefaultChain",
    "credentials.cognito": "CognitoIdentityCredentials",
    "credentials.container": "ContainerCredentials",
    "credentials.environment": "EnvironmentCredentials",
    "credentials.instance_metadata": "InstanceMetadataCredentials",
    "credentials.login": "LoginCredentials",
    "credentials.process": "ProcessCredentials",
    "credentials.shared_file": "SharedFileCredentials",
    "credentials.sso": "SSOCredentials",
    "credentials.static": "StaticCredentials",
    "credentials.provider_context": "Surroundings",
    "endpoint_resolvers": (
        "DefaultEndpointResolver DefaultEndpointResolverV2 endpoint_resolver_from_url"
    ),
    "errors": (
        "CertificateError ClientStateError ConnectError ConnectTimeoutError "
        "ConnectionLostError CorruptMessageError CredentialsError "
        "DeserializationError DuplicateMiddlewareError EndpointNotFoundError "
        "EndpointResolutionError EventStreamError InternalDependencyException "
        "InternalFailure InternalStreamFailure ModelError "
        "ModelNotReadyException ModelStreamError OptionsError "
        "ParamValidationError PoolTimeoutError ProfileNotFoundError "
        "RequestAbortedError RequestTimeoutError ResponseTargetError "
        "ResponseTooLargeError RetryCapacityNotAvailableError "
        "SageMakerRuntimeError SerializationError ServiceError "
        "ServiceUnavailable SharedConfigError StackError TransportError "
        "TruncatedBodyError TruncatedStreamError UnknownMiddlewareError "
        "UnknownServiceError UnmodeledEventError ValidationError"
    ),
    "http": "Endpoint Headers Request Response",
    "identity": "AnonymousCredentials AuthScheme Credentials Token",
    "interfaces": (
        "CredentialsProvider EndpointResolver EndpointResolverV2 HTTPAuthScheme "
        "HTTPClient MeterProvider Retryer Signer TokenProvider TracerProvider"
    ),
    "observability.log_formatter": "LogFormatter",
    "observability.log_mode": "LogMode",
    "middleware.resolve_endpoint": "ResolveEndpoint",
    "operations": "API_VERSION SERVICE_ID SIGNING_NAME",
    "options": (
        "Option Options with_adaptive_wait with_allow_insecure with_api_options "
        "with_app_id with_auth_scheme_preference with_auth_scheme_resolver "
        "with_auth_schemes with_client_side_monitoring "
        "with_client_side_monitoring_client_id with_client_side_monitoring_host "
        "with_client_side_monitoring_port with_clock with_clock_offset "
        "with_connect_timeout with_correct_clock_skew with_credentials "
        "with_custom_backoff with_defaults_mode with_endpoint_resolver "
        "with_endpoint_resolver_v2 with_endpoint_url with_http_client "
        "with_ignore_configured_endpoint_urls with_log_level with_log_mode "
        "with_logger with_max_attempts with_max_redirects "
        "with_max_response_bytes with_meter_provider with_min_compression_bytes "
        "with_model_not_ready_timeout with_on_chunk_received with_on_chunk_sent "
        "with_payload_signing with_pool_timeout with_port with_read_timeout "
        "with_region with_request_compression with_response_target "
        "with_retry_ambiguous with_retry_base_delay with_retry_jitter "
        "with_retry_max_delay with_retry_mode with_retry_model_errors "
        "with_retry_rules with_retryer with_signer with_sigv4_signing_name "
        "with_sigv4_signing_region with_stream_timeout with_token_provider "
        "with_total_timeout with_tracer_provider with_use_dualstack_endpoint "
        "with_use_fips_endpoint with_use_ssl with_user_agent_extra "
        "with_validate with_write_timeout"
    ),
    "porting": "ported_options",
    "streaming.response_stream": "ResponseStream",
    "streaming.response_stream_handler": "ResponseStreamHandler",
    "sansio.backoff": "CustomBackoff Jitter LegacyBackoff",
    "sansio.defaults_modes": "DefaultsMode",
    "sansio.endpoints": "EndpointParameters EndpointResolverOptions KeepPrefixes",
    "sansio.presign": "generate_bearer_token",
    "sansio.retry": (
        "NoRetry NopRetryer RetryDecision RetryPolicy RetryQuota RetryRules "
        "RetryTerms StandardRetryer"
    ),
    "sansio.validation_kinds": "Validation",
    "shapes": (
        "InvokeEndpointAsyncInput InvokeEndpointAsyncOutput InvokeEndpointInput "
        "InvokeEndpointOutput InvokeEndpointWithResponseStreamInput "
        "InvokeEndpointWithResponseStreamOutput NEW_SESSION PayloadPart "
        "SessionInfo UnknownEvent"
    ),
    "signers.requests_auth": "RequestsAuthSigner",
    "signers.sigv4": "SigV4Signer",
    "stack": (
        "BuildInput DeserializeInput FinalizeInput Handler InitializeInput "
        "Middleware Output SerializeInput Stack Step hook"
    ),
    "transport.aiohttp_client": "AiohttpClient",
    "invocation.unsent_request": "UnsentRequest",
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names.split()}

if not TYPE_CHECKING:  # with it, a checker would take any name for one of ours

    def __getattr__(name: str) -> object:
        if name not in _HOME_OF:
            message = f"module {__name__!r} has no attribute {name!r}"
            raise AttributeError(message)
        value = getattr(import_module(f"{__name__}.{_HOME_OF[name]}"), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
