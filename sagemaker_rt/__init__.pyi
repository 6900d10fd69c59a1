# Written by `python -m tests --fix` from the list in __init__.py.

from sagemaker_rt.client import (
    Client as Client,
)
from sagemaker_rt.config.config import (
    Config as Config,
)
from sagemaker_rt.context import (
    AttemptResult as AttemptResult,
    Context as Context,
    Key as Key,
    Metadata as Metadata,
)
from sagemaker_rt.converters import (
    from_dict as from_dict,
    to_dict as to_dict,
)
from sagemaker_rt.credentials.assume_role import (
    AssumeRoleCredentials as AssumeRoleCredentials,
    WebIdentityCredentials as WebIdentityCredentials,
)
from sagemaker_rt.credentials.bearer_token import (
    SageMakerBearerTokenProvider as SageMakerBearerTokenProvider,
)
from sagemaker_rt.credentials.botocore import (
    BotocoreCredentials as BotocoreCredentials,
)
from sagemaker_rt.credentials.chain import (
    DefaultChain as DefaultChain,
)
from sagemaker_rt.credentials.cognito import (
    CognitoIdentityCredentials as CognitoIdentityCredentials,
)
from sagemaker_rt.credentials.container import (
    ContainerCredentials as ContainerCredentials,
)
from sagemaker_rt.credentials.environment import (
    EnvironmentCredentials as EnvironmentCredentials,
)
from sagemaker_rt.credentials.instance_metadata import (
    InstanceMetadataCredentials as InstanceMetadataCredentials,
)
from sagemaker_rt.credentials.login import (
    LoginCredentials as LoginCredentials,
)
from sagemaker_rt.credentials.process import (
    ProcessCredentials as ProcessCredentials,
)
from sagemaker_rt.credentials.provider_context import (
    ProviderContext as ProviderContext,
)
from sagemaker_rt.credentials.shared_file import (
    SharedFileCredentials as SharedFileCredentials,
)
from sagemaker_rt.credentials.sso import (
    SSOCredentials as SSOCredentials,
)
from sagemaker_rt.credentials.static import (
    StaticCredentials as StaticCredentials,
)
from sagemaker_rt.endpoint_resolvers import (
    DefaultEndpointResolver as DefaultEndpointResolver,
    DefaultEndpointResolverV2 as DefaultEndpointResolverV2,
    endpoint_resolver_from_url as endpoint_resolver_from_url,
)
from sagemaker_rt.errors import (
    CertificateError as CertificateError,
    ClientStateError as ClientStateError,
    ComponentError as ComponentError,
    ConnectError as ConnectError,
    ConnectTimeoutError as ConnectTimeoutError,
    ConnectionLostError as ConnectionLostError,
    CorruptMessageError as CorruptMessageError,
    CredentialsError as CredentialsError,
    DeserializationError as DeserializationError,
    DuplicateMiddlewareError as DuplicateMiddlewareError,
    EndpointNotFoundError as EndpointNotFoundError,
    EndpointResolutionError as EndpointResolutionError,
    EventStreamError as EventStreamError,
    InternalDependencyException as InternalDependencyException,
    InternalFailure as InternalFailure,
    InternalStreamFailure as InternalStreamFailure,
    ModelError as ModelError,
    ModelNotReadyException as ModelNotReadyException,
    ModelStreamError as ModelStreamError,
    OptionsError as OptionsError,
    ParamValidationError as ParamValidationError,
    PoolTimeoutError as PoolTimeoutError,
    ProfileNotFoundError as ProfileNotFoundError,
    RequestAbortedError as RequestAbortedError,
    RequestTimeoutError as RequestTimeoutError,
    ResponseTargetError as ResponseTargetError,
    ResponseTooLargeError as ResponseTooLargeError,
    RetryCapacityNotAvailableError as RetryCapacityNotAvailableError,
    SageMakerRuntimeError as SageMakerRuntimeError,
    SerializationError as SerializationError,
    ServiceError as ServiceError,
    ServiceUnavailable as ServiceUnavailable,
    SharedConfigError as SharedConfigError,
    StackError as StackError,
    TransportError as TransportError,
    TruncatedBodyError as TruncatedBodyError,
    TruncatedStreamError as TruncatedStreamError,
    UnknownMiddlewareError as UnknownMiddlewareError,
    UnknownServiceError as UnknownServiceError,
    UnmodeledEventError as UnmodeledEventError,
    ValidationError as ValidationError,
)
from sagemaker_rt.http import (
    Endpoint as Endpoint,
    Headers as Headers,
    Request as Request,
    Response as Response,
)
from sagemaker_rt.identity import (
    AnonymousCredentials as AnonymousCredentials,
    AuthScheme as AuthScheme,
    Credentials as Credentials,
    Token as Token,
)
from sagemaker_rt.interfaces import (
    CredentialsProvider as CredentialsProvider,
    EndpointResolver as EndpointResolver,
    EndpointResolverV2 as EndpointResolverV2,
    HTTPAuthScheme as HTTPAuthScheme,
    HTTPClient as HTTPClient,
    MeterProvider as MeterProvider,
    Retryer as Retryer,
    Signer as Signer,
    TokenProvider as TokenProvider,
    TracerProvider as TracerProvider,
)
from sagemaker_rt.invocation.unsent_request import (
    UnsentRequest as UnsentRequest,
)
from sagemaker_rt.middleware.resolve_endpoint import (
    ResolveEndpoint as ResolveEndpoint,
)
from sagemaker_rt.observability.log_formatter import (
    LogFormatter as LogFormatter,
)
from sagemaker_rt.observability.log_mode import (
    LogMode as LogMode,
)
from sagemaker_rt.operations import (
    API_VERSION as API_VERSION,
    SERVICE_ID as SERVICE_ID,
    SIGNING_NAME as SIGNING_NAME,
)
from sagemaker_rt.options import (
    Option as Option,
    Options as Options,
    with_api_options as with_api_options,
    with_endpoint_resolver as with_endpoint_resolver,
    with_endpoint_resolver_v2 as with_endpoint_resolver_v2,
    with_options as with_options,
    with_sigv4_signing_name as with_sigv4_signing_name,
    with_sigv4_signing_region as with_sigv4_signing_region,
)
from sagemaker_rt.sansio.backoff import (
    CustomBackoff as CustomBackoff,
    Jitter as Jitter,
    LegacyBackoff as LegacyBackoff,
)
from sagemaker_rt.sansio.defaults_mode import (
    DefaultsMode as DefaultsMode,
)
from sagemaker_rt.sansio.endpoints import (
    EndpointParameters as EndpointParameters,
    EndpointResolverOptions as EndpointResolverOptions,
    KeepPrefixes as KeepPrefixes,
)
from sagemaker_rt.sansio.presign import (
    generate_bearer_token as generate_bearer_token,
)
from sagemaker_rt.sansio.retry import (
    NoRetry as NoRetry,
    NopRetryer as NopRetryer,
    RetryDecision as RetryDecision,
    RetryPolicy as RetryPolicy,
    RetryQuota as RetryQuota,
    RetryRules as RetryRules,
    RetryTerms as RetryTerms,
    StandardRetryer as StandardRetryer,
)
from sagemaker_rt.sansio.validation_modes import (
    Validation as Validation,
)
from sagemaker_rt.shapes import (
    InvokeEndpointAsyncInput as InvokeEndpointAsyncInput,
    InvokeEndpointAsyncOutput as InvokeEndpointAsyncOutput,
    InvokeEndpointInput as InvokeEndpointInput,
    InvokeEndpointOutput as InvokeEndpointOutput,
    InvokeEndpointWithResponseStreamInput as InvokeEndpointWithResponseStreamInput,
    InvokeEndpointWithResponseStreamOutput as InvokeEndpointWithResponseStreamOutput,
    NEW_SESSION as NEW_SESSION,
    PayloadPart as PayloadPart,
    SessionInfo as SessionInfo,
    UnknownEvent as UnknownEvent,
)
from sagemaker_rt.signers.requests_auth import (
    RequestsAuthSigner as RequestsAuthSigner,
)
from sagemaker_rt.signers.sigv4 import (
    SigV4Signer as SigV4Signer,
)
from sagemaker_rt.stack import (
    BuildInput as BuildInput,
    DeserializeInput as DeserializeInput,
    FinalizeInput as FinalizeInput,
    Handler as Handler,
    InitializeInput as InitializeInput,
    Middleware as Middleware,
    Output as Output,
    SerializeInput as SerializeInput,
    Stack as Stack,
    Step as Step,
    hook as hook,
)
from sagemaker_rt.streaming.response_stream import (
    ResponseStream as ResponseStream,
)
from sagemaker_rt.streaming.response_stream_handler import (
    ResponseStreamHandler as ResponseStreamHandler,
)
from sagemaker_rt.transport.aiohttp_client import (
    AiohttpClient as AiohttpClient,
)

__all__ = [
    "API_VERSION",
    "AiohttpClient",
    "AnonymousCredentials",
    "AssumeRoleCredentials",
    "AttemptResult",
    "AuthScheme",
    "BotocoreCredentials",
    "BuildInput",
    "CertificateError",
    "Client",
    "ClientStateError",
    "CognitoIdentityCredentials",
    "ComponentError",
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
    "NEW_SESSION",
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
    "ProviderContext",
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
    "SERVICE_ID",
    "SIGNING_NAME",
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
    "to_dict",
    "with_api_options",
    "with_endpoint_resolver",
    "with_endpoint_resolver_v2",
    "with_options",
    "with_sigv4_signing_name",
    "with_sigv4_signing_region",
]
