"""An asyncio-native client for Amazon SageMaker Runtime.

```python
async with Client(region="eu-west-1") as client:
    output = await client.invoke_endpoint(endpoint_name="my-model", body=b"...")
```

The names that most programs need are here, and the others are in the modules. Each name
is imported at its first use, so that ``import sagemaker_rt`` is fast.
"""

# for type checkers, `python -m tests --fix` generates __init__.pyi from this file

from __future__ import annotations

from importlib import import_module

_EXPORTS = {
    "client": ("Client",),
    "config.config": ("Config",),
    "context": ("AttemptResult", "Context", "Key", "Metadata"),
    "converters": ("from_dict", "to_dict"),
    "credentials.assume_role": ("AssumeRoleCredentials", "WebIdentityCredentials"),
    "credentials.bearer_token": ("SageMakerBearerTokenProvider",),
    "credentials.botocore": ("BotocoreCredentials",),
    "credentials.chain": ("DefaultChain",),
    "credentials.cognito": ("CognitoIdentityCredentials",),
    "credentials.container": ("ContainerCredentials",),
    "credentials.environment": ("EnvironmentCredentials",),
    "credentials.instance_metadata": ("InstanceMetadataCredentials",),
    "credentials.login": ("LoginCredentials",),
    "credentials.process": ("ProcessCredentials",),
    "credentials.provider_context": ("ProviderContext",),
    "credentials.shared_file": ("SharedFileCredentials",),
    "credentials.sso": ("SSOCredentials",),
    "credentials.sso_token": ("SSOTokenProvider",),
    "credentials.static": ("StaticCredentials", "StaticTokenProvider"),
    "endpoint_resolvers": (
        "DefaultEndpointResolver",
        "DefaultEndpointResolverV2",
        "endpoint_resolver_from_url",
    ),
    "errors": (
        "AsyncInferenceError",
        "AsyncJobTimeoutError",
        "BatchStoppedError",
        "BudgetExceededError",
        "CallRefusedError",
        "CertificateError",
        "CircuitOpenError",
        "ClientStateError",
        "ComponentError",
        "ConcurrencyLimitError",
        "ConnectError",
        "ConnectTimeoutError",
        "ConnectionLostError",
        "ContainerStreamError",
        "CorruptMessageError",
        "CredentialsError",
        "DeserializationError",
        "DuplicateMiddlewareError",
        "EndpointNotFoundError",
        "EndpointResolutionError",
        "EventStreamError",
        "IncompleteOutputError",
        "InternalDependencyException",
        "InternalFailure",
        "InternalStreamFailure",
        "InvalidJSONError",
        "InvalidTextError",
        "LineTooLongError",
        "ModelError",
        "ModelNotReadyException",
        "ModelStreamError",
        "OptionsError",
        "OutputDecodingError",
        "ParamValidationError",
        "PoolTimeoutError",
        "ProfileNotFoundError",
        "RequestAbortedError",
        "RequestTimeoutError",
        "ResponseTargetError",
        "ResponseTooLargeError",
        "RetryCapacityNotAvailableError",
        "S3Error",
        "SageMakerRuntimeError",
        "SerializationError",
        "ServiceError",
        "ServiceUnavailable",
        "SessionEndedError",
        "SessionError",
        "SessionNotClosedError",
        "SessionNotOpenedError",
        "SharedConfigError",
        "StackError",
        "ThrottlingException",
        "TransportError",
        "TruncatedBodyError",
        "TruncatedStreamError",
        "UnknownFormatError",
        "UnknownMiddlewareError",
        "UnknownServiceError",
        "UnmodeledEventError",
        "ValidationError",
    ),
    "file_body": ("FileBody",),
    "hooks": ("hook",),
    "http": (
        "Endpoint",
        "Headers",
        "Request",
        "Response",
        "ResponseBody",
        "Timeouts",
    ),
    "identity": ("AnonymousCredentials", "AuthScheme", "Credentials", "Token"),
    "inference.call_results": ("CallProgress", "CallResult", "OnError"),
    "inference.many_calls": ("CallDefaults", "CallInput", "ManyCalls", "call_many"),
    "inference.codecs.codec": ("Codec",),
    "inference.codecs.csv_codec": ("CSVCodec",),
    "inference.codecs.json_codecs": ("JSONCodec", "JSONLinesCodec"),
    "inference.codecs.numpy_codecs": ("NPYCodec", "NPZCodec"),
    "inference.codecs.registry": ("register_codec",),
    "inference.codecs.text_codecs": ("RawCodec", "TextCodec"),
    "inference.runtime_client": ("RuntimeClient",),
    "inference.session_call": ("SessionCall",),
    "inference.sessions": ("Session",),
    "interfaces": (
        "Clock",
        "CredentialsProvider",
        "EndpointResolver",
        "EndpointResolverV2",
        "HTTPAuthScheme",
        "HTTPClient",
        "MeterProvider",
        "Retryer",
        "Signer",
        "TokenProvider",
        "TracerProvider",
    ),
    "inference.async_jobs": ("AsyncJob",),
    "inference.job_results": ("AsyncResultChunks",),
    "inference.openai_path": ("OpenAIArguments",),
    "invocation.preparation": ("RequestPrepared",),
    "invocation.unsent_request": ("UnsentRequest",),
    "middleware.resolve_endpoint": ("ResolveEndpoint",),
    "observability.log_formatter": ("LogFormatter",),
    "observability.log_mode": ("LogMode",),
    "operations": ("API_VERSION", "SERVICE_ID", "SIGNING_NAME"),
    "options": (
        "Option",
        "Options",
        "with_api_options",
        "with_context_value",
        "with_endpoint_resolver",
        "with_endpoint_resolver_v2",
        "with_options",
        "with_sigv4_signing_name",
        "with_sigv4_signing_region",
    ),
    "resilience.budget": ("BUDGET", "Budget", "with_budget"),
    "resilience.circuit_breaker": ("CircuitBreaker", "with_circuit_breaker"),
    "resilience.concurrency_limit": ("ConcurrencyLimit", "with_concurrency_limit"),
    "resilience.failover": (
        "FAILOVER_TARGET",
        "Failover",
        "FailoverTarget",
        "with_failover",
    ),
    "resilience.hedging": ("HEDGED", "Hedging", "with_hedging"),
    "resilience.response_cache": (
        "CACHE",
        "CacheResult",
        "ResponseCache",
        "with_response_cache",
    ),
    "resilience.shadow_traffic": (
        "ShadowResult",
        "ShadowTraffic",
        "with_shadow_traffic",
    ),
    "resilience.weighted_variants": (
        "STICKY_KEY",
        "WeightedVariants",
        "with_weighted_variants",
    ),
    "sansio.backoff": ("CustomBackoff", "Jitter", "LegacyBackoff"),
    "sansio.circuit": ("CircuitPolicy",),
    "sansio.container_error_rules": ("ModelErrorReason",),
    "sansio.defaults_mode": ("DefaultsMode",),
    "sansio.endpoint_parameters": ("EndpointParameters", "EndpointResolverOptions"),
    "sansio.endpoints": ("KeepPrefixes",),
    "sansio.model_error_reasons": ("ErrorClassifier", "register_error_classifier"),
    "sansio.presign": ("generate_bearer_token",),
    "sansio.server_sent_events": ("ServerSentEvent",),
    "sansio.stream_timing": ("STREAM_TIMING", "StreamTiming"),
    "sansio.text_deltas": ("DeltaFormat", "TextDelta", "ToolCallDelta", "Usage"),
    "sansio.retried_model_errors": ("RetriedReason",),
    "sansio.retry": (
        "NoRetry",
        "NopRetryer",
        "RetryDecision",
        "RetryPolicy",
        "RetryQuota",
        "RetryRules",
        "RetryTerms",
        "StandardRetryer",
    ),
    "sansio.validation_modes": ("Validation",),
    "shapes": (
        "BodyLike",
        "InvokeEndpointAsyncInput",
        "InvokeEndpointAsyncOutput",
        "InvokeEndpointInput",
        "InvokeEndpointOutput",
        "InvokeEndpointWithResponseStreamInput",
        "InvokeEndpointWithResponseStreamOutput",
        "NEW_SESSION",
        "PayloadPart",
        "SessionInfo",
        "UnknownEvent",
    ),
    "signers.requests_auth": ("RequestsAuthSigner",),
    "signers.sigv4": ("SigV4Signer",),
    "stack": ("Stack",),
    "step": ("Step",),
    "step_inputs": (
        "BuildInput",
        "DeserializeInput",
        "FinalizeInput",
        "Handler",
        "InitializeInput",
        "Middleware",
        "Output",
        "SerializeInput",
    ),
    "streaming.decoded_stream": ("DecodedStream", "Decoder", "DeltaStream"),
    "streaming.event_functions": ("Event",),
    "streaming.heartbeat": ("HEARTBEAT", "HeartbeatIterator", "with_heartbeat"),
    "streaming.text_reader": ("register_delta_format",),
    "streaming.response_stream": ("ResponseStream",),
    "streaming.stream_call": ("StreamCall",),
    "streaming.response_stream_handler": ("ResponseStreamHandler",),
    "transport.aiohttp_client": ("AiohttpClient",),
    "transport.native.client": ("NativeClient",),
}
"""The public names, by the module that defines them."""

# how pdoc reads the docstrings
__docformat__ = "google"

_MODULE_OF = {name: module for module, names in _EXPORTS.items() for name in names}

# type checkers read the list in the stub
__all__ = [*_MODULE_OF]  # noqa: PLE0604 - strings # pyright: ignore[reportUnsupportedDunderAll]


def __getattr__(name: str) -> object:
    if name not in _MODULE_OF:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    value = getattr(import_module(f"{__name__}.{_MODULE_OF[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
