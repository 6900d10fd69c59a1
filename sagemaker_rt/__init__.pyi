# Written by `python -m tests --fix` from the list in __init__.py.

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
from sagemaker_rt.credentials.provider_context import ProviderContext
from sagemaker_rt.credentials.shared_file import SharedFileCredentials
from sagemaker_rt.credentials.sso import SSOCredentials
from sagemaker_rt.credentials.sso_token import SSOTokenProvider
from sagemaker_rt.credentials.static import StaticCredentials, StaticTokenProvider
from sagemaker_rt.endpoint_resolvers import (
    DefaultEndpointResolver,
    DefaultEndpointResolverV2,
    endpoint_resolver_from_url,
)
from sagemaker_rt.errors import (
    AsyncInferenceError,
    AsyncJobTimeoutError,
    BatchStoppedError,
    BudgetExceededError,
    CallRefusedError,
    CertificateError,
    CircuitOpenError,
    ClientStateError,
    ComponentError,
    ConcurrencyLimitError,
    ConnectError,
    ConnectionLostError,
    ConnectTimeoutError,
    ContainerStreamError,
    CorruptMessageError,
    CredentialsError,
    DeserializationError,
    DuplicateMiddlewareError,
    EndpointNotFoundError,
    EndpointResolutionError,
    EventStreamError,
    HTTP2NotSupportedError,
    IncompleteOutputError,
    InputValidationError,
    InternalDependencyException,
    InternalFailure,
    InternalServerError,
    InternalStreamFailure,
    InvalidJSONError,
    InvalidTextError,
    LineTooLongError,
    ModelError,
    ModelNotReadyException,
    ModelStreamError,
    OptionsError,
    OutputDecodingError,
    ParamValidationError,
    PoolTimeoutError,
    ProfileNotFoundError,
    ReplayBufferFullError,
    RequestAbortedError,
    RequestTimeoutError,
    ResponseTargetError,
    ResponseTooLargeError,
    RetryCapacityNotAvailableError,
    S3Error,
    SageMakerRuntimeError,
    SerializationError,
    ServiceError,
    ServiceUnavailable,
    ServiceUnavailableError,
    SessionEndedError,
    SessionError,
    SessionNotClosedError,
    SessionNotOpenedError,
    SharedConfigError,
    StackError,
    StreamRefusedError,
    ThrottlingException,
    TransportError,
    TruncatedBodyError,
    TruncatedStreamError,
    UnknownFormatError,
    UnknownMiddlewareError,
    UnknownServiceError,
    UnmodeledEventError,
    ValidationError,
)
from sagemaker_rt.file_body import FileBody
from sagemaker_rt.hooks import hook
from sagemaker_rt.http import (
    Endpoint,
    Headers,
    Request,
    Response,
    ResponseBody,
    Timeouts,
)
from sagemaker_rt.identity import AnonymousCredentials, AuthScheme, Credentials, Token
from sagemaker_rt.inference.async_jobs import AsyncJob
from sagemaker_rt.inference.call_results import CallProgress, CallResult, OnError
from sagemaker_rt.inference.codecs.codec import Codec
from sagemaker_rt.inference.codecs.csv_codec import CSVCodec
from sagemaker_rt.inference.codecs.json_codecs import JSONCodec, JSONLinesCodec
from sagemaker_rt.inference.codecs.numpy_codecs import NPYCodec, NPZCodec
from sagemaker_rt.inference.codecs.registry import register_codec
from sagemaker_rt.inference.codecs.text_codecs import RawCodec, TextCodec
from sagemaker_rt.inference.job_results import AsyncResultChunks
from sagemaker_rt.inference.many_calls import (
    CallDefaults,
    CallInput,
    ManyCalls,
    call_many,
)
from sagemaker_rt.inference.openai_path import OpenAIArguments
from sagemaker_rt.inference.runtime_client import RuntimeClient
from sagemaker_rt.inference.sessions import Session
from sagemaker_rt.interfaces import (
    Clock,
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
from sagemaker_rt.invocation.opening import Opening
from sagemaker_rt.invocation.preparation import RequestPrepared
from sagemaker_rt.invocation.unsent_request import UnsentRequest
from sagemaker_rt.middleware.resolve_endpoint import ResolveEndpoint
from sagemaker_rt.observability.log_formatter import LogFormatter
from sagemaker_rt.observability.log_mode import LogMode
from sagemaker_rt.operations import API_VERSION, SERVICE_ID, SIGNING_NAME
from sagemaker_rt.options import (
    Option,
    Options,
    with_api_options,
    with_context_value,
    with_endpoint_resolver,
    with_endpoint_resolver_v2,
    with_options,
    with_sigv4_signing_name,
    with_sigv4_signing_region,
)
from sagemaker_rt.resilience.budget import BUDGET, Budget, with_budget
from sagemaker_rt.resilience.circuit_breaker import CircuitBreaker, with_circuit_breaker
from sagemaker_rt.resilience.concurrency_limit import (
    ConcurrencyLimit,
    with_concurrency_limit,
)
from sagemaker_rt.resilience.failover import (
    FAILOVER_TARGET,
    Failover,
    FailoverTarget,
    with_failover,
)
from sagemaker_rt.resilience.hedging import HEDGED, Hedging, with_hedging
from sagemaker_rt.resilience.response_cache import (
    CACHE,
    CacheResult,
    ResponseCache,
    with_response_cache,
)
from sagemaker_rt.resilience.shadow_traffic import (
    ShadowResult,
    ShadowTraffic,
    with_shadow_traffic,
)
from sagemaker_rt.resilience.weighted_variants import (
    STICKY_KEY,
    WeightedVariants,
    with_weighted_variants,
)
from sagemaker_rt.sansio.backoff import CustomBackoff, Jitter, LegacyBackoff
from sagemaker_rt.sansio.circuit import CircuitPolicy
from sagemaker_rt.sansio.container_error_rules import ModelErrorReason
from sagemaker_rt.sansio.defaults_mode import DefaultsMode
from sagemaker_rt.sansio.endpoint_parameters import (
    EndpointParameters,
    EndpointResolverOptions,
)
from sagemaker_rt.sansio.endpoints import KeepPrefixes
from sagemaker_rt.sansio.model_error_reasons import (
    ErrorClassifier,
    register_error_classifier,
)
from sagemaker_rt.sansio.presign import generate_bearer_token
from sagemaker_rt.sansio.retried_model_errors import RetriedReason
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
from sagemaker_rt.sansio.server_sent_events import ServerSentEvent
from sagemaker_rt.sansio.stream_deadlines import StreamLimits
from sagemaker_rt.sansio.stream_timing import STREAM_TIMING, StreamTiming
from sagemaker_rt.sansio.text_deltas import DeltaFormat, TextDelta, ToolCallDelta, Usage
from sagemaker_rt.sansio.validation_modes import Validation
from sagemaker_rt.shapes import (
    NEW_SESSION,
    BodyLike,
    InvokeEndpointAsyncInput,
    InvokeEndpointAsyncOutput,
    InvokeEndpointInput,
    InvokeEndpointOutput,
    InvokeEndpointWithBidirectionalStreamInput,
    InvokeEndpointWithBidirectionalStreamOutput,
    InvokeEndpointWithResponseStreamInput,
    InvokeEndpointWithResponseStreamOutput,
    PayloadPart,
    RequestPayloadPart,
    ResponsePayloadPart,
    SessionInfo,
    UnknownEvent,
)
from sagemaker_rt.signers.requests_auth import RequestsAuthSigner
from sagemaker_rt.signers.sigv4 import SigV4Signer
from sagemaker_rt.stack import Stack
from sagemaker_rt.step import Step
from sagemaker_rt.step_inputs import (
    BuildInput,
    DeserializeInput,
    FinalizeInput,
    Handler,
    InitializeInput,
    Middleware,
    Output,
    SerializeInput,
)
from sagemaker_rt.streaming.bidirectional_stream import BidirectionalStream
from sagemaker_rt.streaming.decoded_stream import DecodedStream, Decoder, DeltaStream
from sagemaker_rt.streaming.duplex import DuplexClient, DuplexConnection
from sagemaker_rt.streaming.event_functions import Event
from sagemaker_rt.streaming.event_receiver import BidirectionalEvent
from sagemaker_rt.streaming.heartbeat import (
    HEARTBEAT,
    HeartbeatIterator,
    with_heartbeat,
)
from sagemaker_rt.streaming.reconnecting_stream import Reconnected, ReconnectingStream
from sagemaker_rt.streaming.response_stream import ResponseStream
from sagemaker_rt.streaming.response_stream_handler import ResponseStreamHandler
from sagemaker_rt.streaming.stream_call import StreamCall
from sagemaker_rt.streaming.text_reader import register_delta_format
from sagemaker_rt.transport.aiohttp_client import AiohttpClient
from sagemaker_rt.transport.native.client import NativeClient

__version__: str

__all__ = [
    "API_VERSION",
    "BUDGET",
    "CACHE",
    "FAILOVER_TARGET",
    "HEARTBEAT",
    "HEDGED",
    "NEW_SESSION",
    "SERVICE_ID",
    "SIGNING_NAME",
    "STICKY_KEY",
    "STREAM_TIMING",
    "AiohttpClient",
    "AnonymousCredentials",
    "AssumeRoleCredentials",
    "AsyncInferenceError",
    "AsyncJob",
    "AsyncJobTimeoutError",
    "AsyncResultChunks",
    "AttemptResult",
    "AuthScheme",
    "BatchStoppedError",
    "BidirectionalEvent",
    "BidirectionalStream",
    "BodyLike",
    "BotocoreCredentials",
    "Budget",
    "BudgetExceededError",
    "BuildInput",
    "CSVCodec",
    "CacheResult",
    "CallDefaults",
    "CallInput",
    "CallProgress",
    "CallRefusedError",
    "CallResult",
    "CertificateError",
    "CircuitBreaker",
    "CircuitOpenError",
    "CircuitPolicy",
    "Client",
    "ClientStateError",
    "Clock",
    "Codec",
    "CognitoIdentityCredentials",
    "ComponentError",
    "ConcurrencyLimit",
    "ConcurrencyLimitError",
    "Config",
    "ConnectError",
    "ConnectTimeoutError",
    "ConnectionLostError",
    "ContainerCredentials",
    "ContainerStreamError",
    "Context",
    "CorruptMessageError",
    "Credentials",
    "CredentialsError",
    "CredentialsProvider",
    "CustomBackoff",
    "DecodedStream",
    "Decoder",
    "DefaultChain",
    "DefaultEndpointResolver",
    "DefaultEndpointResolverV2",
    "DefaultsMode",
    "DeltaFormat",
    "DeltaStream",
    "DeserializationError",
    "DeserializeInput",
    "DuplexClient",
    "DuplexConnection",
    "DuplicateMiddlewareError",
    "Endpoint",
    "EndpointNotFoundError",
    "EndpointParameters",
    "EndpointResolutionError",
    "EndpointResolver",
    "EndpointResolverOptions",
    "EndpointResolverV2",
    "EnvironmentCredentials",
    "ErrorClassifier",
    "Event",
    "EventStreamError",
    "Failover",
    "FailoverTarget",
    "FileBody",
    "FinalizeInput",
    "HTTP2NotSupportedError",
    "HTTPAuthScheme",
    "HTTPClient",
    "Handler",
    "Headers",
    "HeartbeatIterator",
    "Hedging",
    "IncompleteOutputError",
    "InitializeInput",
    "InputValidationError",
    "InstanceMetadataCredentials",
    "InternalDependencyException",
    "InternalFailure",
    "InternalServerError",
    "InternalStreamFailure",
    "InvalidJSONError",
    "InvalidTextError",
    "InvokeEndpointAsyncInput",
    "InvokeEndpointAsyncOutput",
    "InvokeEndpointInput",
    "InvokeEndpointOutput",
    "InvokeEndpointWithBidirectionalStreamInput",
    "InvokeEndpointWithBidirectionalStreamOutput",
    "InvokeEndpointWithResponseStreamInput",
    "InvokeEndpointWithResponseStreamOutput",
    "JSONCodec",
    "JSONLinesCodec",
    "Jitter",
    "KeepPrefixes",
    "Key",
    "LegacyBackoff",
    "LineTooLongError",
    "LogFormatter",
    "LogMode",
    "LoginCredentials",
    "ManyCalls",
    "Metadata",
    "MeterProvider",
    "Middleware",
    "ModelError",
    "ModelErrorReason",
    "ModelNotReadyException",
    "ModelStreamError",
    "NPYCodec",
    "NPZCodec",
    "NativeClient",
    "NoRetry",
    "NopRetryer",
    "OnError",
    "OpenAIArguments",
    "Opening",
    "Option",
    "Options",
    "OptionsError",
    "Output",
    "OutputDecodingError",
    "ParamValidationError",
    "PayloadPart",
    "PoolTimeoutError",
    "ProcessCredentials",
    "ProfileNotFoundError",
    "ProviderContext",
    "RawCodec",
    "Reconnected",
    "ReconnectingStream",
    "ReplayBufferFullError",
    "Request",
    "RequestAbortedError",
    "RequestPayloadPart",
    "RequestPrepared",
    "RequestTimeoutError",
    "RequestsAuthSigner",
    "ResolveEndpoint",
    "Response",
    "ResponseBody",
    "ResponseCache",
    "ResponsePayloadPart",
    "ResponseStream",
    "ResponseStreamHandler",
    "ResponseTargetError",
    "ResponseTooLargeError",
    "RetriedReason",
    "RetryCapacityNotAvailableError",
    "RetryDecision",
    "RetryPolicy",
    "RetryQuota",
    "RetryRules",
    "RetryTerms",
    "Retryer",
    "RuntimeClient",
    "S3Error",
    "SSOCredentials",
    "SSOTokenProvider",
    "SageMakerBearerTokenProvider",
    "SageMakerRuntimeError",
    "SerializationError",
    "SerializeInput",
    "ServerSentEvent",
    "ServiceError",
    "ServiceUnavailable",
    "ServiceUnavailableError",
    "Session",
    "SessionEndedError",
    "SessionError",
    "SessionInfo",
    "SessionNotClosedError",
    "SessionNotOpenedError",
    "ShadowResult",
    "ShadowTraffic",
    "SharedConfigError",
    "SharedFileCredentials",
    "SigV4Signer",
    "Signer",
    "Stack",
    "StackError",
    "StandardRetryer",
    "StaticCredentials",
    "StaticTokenProvider",
    "Step",
    "StreamCall",
    "StreamLimits",
    "StreamRefusedError",
    "StreamTiming",
    "TextCodec",
    "TextDelta",
    "ThrottlingException",
    "Timeouts",
    "Token",
    "TokenProvider",
    "ToolCallDelta",
    "TracerProvider",
    "TransportError",
    "TruncatedBodyError",
    "TruncatedStreamError",
    "UnknownEvent",
    "UnknownFormatError",
    "UnknownMiddlewareError",
    "UnknownServiceError",
    "UnmodeledEventError",
    "UnsentRequest",
    "Usage",
    "Validation",
    "ValidationError",
    "WebIdentityCredentials",
    "WeightedVariants",
    "call_many",
    "endpoint_resolver_from_url",
    "from_dict",
    "generate_bearer_token",
    "hook",
    "register_codec",
    "register_delta_format",
    "register_error_classifier",
    "to_dict",
    "with_api_options",
    "with_budget",
    "with_circuit_breaker",
    "with_concurrency_limit",
    "with_context_value",
    "with_endpoint_resolver",
    "with_endpoint_resolver_v2",
    "with_failover",
    "with_heartbeat",
    "with_hedging",
    "with_options",
    "with_response_cache",
    "with_shadow_traffic",
    "with_sigv4_signing_name",
    "with_sigv4_signing_region",
    "with_weighted_variants",
]
