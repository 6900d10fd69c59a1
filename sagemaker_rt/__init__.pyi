# Written by `python -m tests --fix` from the list in __init__.py.

from sagemaker_rt.client import (
    Client as Client,
)
from sagemaker_rt.config.config import (
    Config as Config,
)
from sagemaker_rt.context import (
    AttemptResult as AttemptResult,
)
from sagemaker_rt.context import (
    Context as Context,
)
from sagemaker_rt.context import (
    Key as Key,
)
from sagemaker_rt.context import (
    Metadata as Metadata,
)
from sagemaker_rt.converters import (
    from_dict as from_dict,
)
from sagemaker_rt.converters import (
    to_dict as to_dict,
)
from sagemaker_rt.credentials.assume_role import (
    AssumeRoleCredentials as AssumeRoleCredentials,
)
from sagemaker_rt.credentials.assume_role import (
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
)
from sagemaker_rt.endpoint_resolvers import (
    DefaultEndpointResolverV2 as DefaultEndpointResolverV2,
)
from sagemaker_rt.endpoint_resolvers import (
    endpoint_resolver_from_url as endpoint_resolver_from_url,
)
from sagemaker_rt.errors import (
    CertificateError as CertificateError,
)
from sagemaker_rt.errors import (
    ClientStateError as ClientStateError,
)
from sagemaker_rt.errors import (
    ComponentError as ComponentError,
)
from sagemaker_rt.errors import (
    ConnectError as ConnectError,
)
from sagemaker_rt.errors import (
    ConnectionLostError as ConnectionLostError,
)
from sagemaker_rt.errors import (
    ConnectTimeoutError as ConnectTimeoutError,
)
from sagemaker_rt.errors import (
    CorruptMessageError as CorruptMessageError,
)
from sagemaker_rt.errors import (
    CredentialsError as CredentialsError,
)
from sagemaker_rt.errors import (
    DeserializationError as DeserializationError,
)
from sagemaker_rt.errors import (
    DuplicateMiddlewareError as DuplicateMiddlewareError,
)
from sagemaker_rt.errors import (
    EndpointNotFoundError as EndpointNotFoundError,
)
from sagemaker_rt.errors import (
    EndpointResolutionError as EndpointResolutionError,
)
from sagemaker_rt.errors import (
    EventStreamError as EventStreamError,
)
from sagemaker_rt.errors import (
    InternalDependencyException as InternalDependencyException,
)
from sagemaker_rt.errors import (
    InternalFailure as InternalFailure,
)
from sagemaker_rt.errors import (
    InternalStreamFailure as InternalStreamFailure,
)
from sagemaker_rt.errors import (
    ModelError as ModelError,
)
from sagemaker_rt.errors import (
    ModelNotReadyException as ModelNotReadyException,
)
from sagemaker_rt.errors import (
    ModelStreamError as ModelStreamError,
)
from sagemaker_rt.errors import (
    OptionsError as OptionsError,
)
from sagemaker_rt.errors import (
    ParamValidationError as ParamValidationError,
)
from sagemaker_rt.errors import (
    PoolTimeoutError as PoolTimeoutError,
)
from sagemaker_rt.errors import (
    ProfileNotFoundError as ProfileNotFoundError,
)
from sagemaker_rt.errors import (
    RequestAbortedError as RequestAbortedError,
)
from sagemaker_rt.errors import (
    RequestTimeoutError as RequestTimeoutError,
)
from sagemaker_rt.errors import (
    ResponseTargetError as ResponseTargetError,
)
from sagemaker_rt.errors import (
    ResponseTooLargeError as ResponseTooLargeError,
)
from sagemaker_rt.errors import (
    RetryCapacityNotAvailableError as RetryCapacityNotAvailableError,
)
from sagemaker_rt.errors import (
    SageMakerRuntimeError as SageMakerRuntimeError,
)
from sagemaker_rt.errors import (
    SerializationError as SerializationError,
)
from sagemaker_rt.errors import (
    ServiceError as ServiceError,
)
from sagemaker_rt.errors import (
    ServiceUnavailable as ServiceUnavailable,
)
from sagemaker_rt.errors import (
    SharedConfigError as SharedConfigError,
)
from sagemaker_rt.errors import (
    StackError as StackError,
)
from sagemaker_rt.errors import (
    TransportError as TransportError,
)
from sagemaker_rt.errors import (
    TruncatedBodyError as TruncatedBodyError,
)
from sagemaker_rt.errors import (
    TruncatedStreamError as TruncatedStreamError,
)
from sagemaker_rt.errors import (
    UnknownMiddlewareError as UnknownMiddlewareError,
)
from sagemaker_rt.errors import (
    UnknownServiceError as UnknownServiceError,
)
from sagemaker_rt.errors import (
    UnmodeledEventError as UnmodeledEventError,
)
from sagemaker_rt.errors import (
    ValidationError as ValidationError,
)
from sagemaker_rt.http import (
    Endpoint as Endpoint,
)
from sagemaker_rt.http import (
    Headers as Headers,
)
from sagemaker_rt.http import (
    Request as Request,
)
from sagemaker_rt.http import (
    Response as Response,
)
from sagemaker_rt.identity import (
    AnonymousCredentials as AnonymousCredentials,
)
from sagemaker_rt.identity import (
    AuthScheme as AuthScheme,
)
from sagemaker_rt.identity import (
    Credentials as Credentials,
)
from sagemaker_rt.identity import (
    Token as Token,
)
from sagemaker_rt.interfaces import (
    CredentialsProvider as CredentialsProvider,
)
from sagemaker_rt.interfaces import (
    EndpointResolver as EndpointResolver,
)
from sagemaker_rt.interfaces import (
    EndpointResolverV2 as EndpointResolverV2,
)
from sagemaker_rt.interfaces import (
    HTTPAuthScheme as HTTPAuthScheme,
)
from sagemaker_rt.interfaces import (
    HTTPClient as HTTPClient,
)
from sagemaker_rt.interfaces import (
    MeterProvider as MeterProvider,
)
from sagemaker_rt.interfaces import (
    Retryer as Retryer,
)
from sagemaker_rt.interfaces import (
    Signer as Signer,
)
from sagemaker_rt.interfaces import (
    TokenProvider as TokenProvider,
)
from sagemaker_rt.interfaces import (
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
)
from sagemaker_rt.operations import (
    SERVICE_ID as SERVICE_ID,
)
from sagemaker_rt.operations import (
    SIGNING_NAME as SIGNING_NAME,
)
from sagemaker_rt.options import (
    Option as Option,
)
from sagemaker_rt.options import (
    Options as Options,
)
from sagemaker_rt.options import (
    with_api_options as with_api_options,
)
from sagemaker_rt.options import (
    with_endpoint_resolver as with_endpoint_resolver,
)
from sagemaker_rt.options import (
    with_endpoint_resolver_v2 as with_endpoint_resolver_v2,
)
from sagemaker_rt.options import (
    with_options as with_options,
)
from sagemaker_rt.options import (
    with_sigv4_signing_name as with_sigv4_signing_name,
)
from sagemaker_rt.options import (
    with_sigv4_signing_region as with_sigv4_signing_region,
)
from sagemaker_rt.sansio.backoff import (
    CustomBackoff as CustomBackoff,
)
from sagemaker_rt.sansio.backoff import (
    Jitter as Jitter,
)
from sagemaker_rt.sansio.backoff import (
    LegacyBackoff as LegacyBackoff,
)
from sagemaker_rt.sansio.defaults_modes import (
    DefaultsMode as DefaultsMode,
)
from sagemaker_rt.sansio.endpoints import (
    EndpointParameters as EndpointParameters,
)
from sagemaker_rt.sansio.endpoints import (
    EndpointResolverOptions as EndpointResolverOptions,
)
from sagemaker_rt.sansio.endpoints import (
    KeepPrefixes as KeepPrefixes,
)
from sagemaker_rt.sansio.presign import (
    generate_bearer_token as generate_bearer_token,
)
from sagemaker_rt.sansio.retry import (
    NopRetryer as NopRetryer,
)
from sagemaker_rt.sansio.retry import (
    NoRetry as NoRetry,
)
from sagemaker_rt.sansio.retry import (
    RetryDecision as RetryDecision,
)
from sagemaker_rt.sansio.retry import (
    RetryPolicy as RetryPolicy,
)
from sagemaker_rt.sansio.retry import (
    RetryQuota as RetryQuota,
)
from sagemaker_rt.sansio.retry import (
    RetryRules as RetryRules,
)
from sagemaker_rt.sansio.retry import (
    RetryTerms as RetryTerms,
)
from sagemaker_rt.sansio.retry import (
    StandardRetryer as StandardRetryer,
)
from sagemaker_rt.sansio.validation_kinds import (
    Validation as Validation,
)
from sagemaker_rt.shapes import (
    NEW_SESSION as NEW_SESSION,
)
from sagemaker_rt.shapes import (
    InvokeEndpointAsyncInput as InvokeEndpointAsyncInput,
)
from sagemaker_rt.shapes import (
    InvokeEndpointAsyncOutput as InvokeEndpointAsyncOutput,
)
from sagemaker_rt.shapes import (
    InvokeEndpointInput as InvokeEndpointInput,
)
from sagemaker_rt.shapes import (
    InvokeEndpointOutput as InvokeEndpointOutput,
)
from sagemaker_rt.shapes import (
    InvokeEndpointWithResponseStreamInput as InvokeEndpointWithResponseStreamInput,
)
from sagemaker_rt.shapes import (
    InvokeEndpointWithResponseStreamOutput as InvokeEndpointWithResponseStreamOutput,
)
from sagemaker_rt.shapes import (
    PayloadPart as PayloadPart,
)
from sagemaker_rt.shapes import (
    SessionInfo as SessionInfo,
)
from sagemaker_rt.shapes import (
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
)
from sagemaker_rt.stack import (
    DeserializeInput as DeserializeInput,
)
from sagemaker_rt.stack import (
    FinalizeInput as FinalizeInput,
)
from sagemaker_rt.stack import (
    Handler as Handler,
)
from sagemaker_rt.stack import (
    InitializeInput as InitializeInput,
)
from sagemaker_rt.stack import (
    Middleware as Middleware,
)
from sagemaker_rt.stack import (
    Output as Output,
)
from sagemaker_rt.stack import (
    SerializeInput as SerializeInput,
)
from sagemaker_rt.stack import (
    Stack as Stack,
)
from sagemaker_rt.stack import (
    Step as Step,
)
from sagemaker_rt.stack import (
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
    "NEW_SESSION",
    "SERVICE_ID",
    "SIGNING_NAME",
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
