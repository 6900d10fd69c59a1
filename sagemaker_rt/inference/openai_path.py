"""The OpenAI path of an endpoint: the arguments of OpenAI's asynchronous client.

The path takes a bearer token, and rejects signed requests. A token is signed from the
credentials of the client, without a request::

    credentials ──▶ token, for an hour at most ──▶ Authorization: Bearer …
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Final, NotRequired, TypedDict
from urllib.parse import quote

from sagemaker_rt.context import TOKEN, Context
from sagemaker_rt.credentials.cache import TokenCache
from sagemaker_rt.errors import CredentialsError, EndpointResolutionError
from sagemaker_rt.http import Endpoint, Request
from sagemaker_rt.identity import Credentials, Token
from sagemaker_rt.inference.runtime_client import RuntimeClient
from sagemaker_rt.options import Option, with_api_options, with_options
from sagemaker_rt.sansio.endpoints import require_encryption
from sagemaker_rt.sansio.presign import generate_bearer_token
from sagemaker_rt.shapes import InvokeEndpointInput
from sagemaker_rt.stack import FinalizeInput, Handler, Output, Stack

__all__ = ["OpenAIArguments", "openai_arguments"]

# short, since a token that leaks can be used until it expires, and new ones are cheap
_TOKEN_LIFETIME: Final = 3600


class OpenAIArguments(TypedDict):
    """The arguments of ``AsyncOpenAI`` for one endpoint."""

    base_url: str
    """The URL in front of ``/chat/completions``."""
    api_key: Callable[[], Awaitable[str]]
    """Returns a valid token, which is renewed before it expires."""
    max_retries: int
    """0: a retry would run the model again."""
    default_headers: NotRequired[Mapping[str, str]]
    """The headers that a custom endpoint resolver adds to each request, if any."""


async def openai_arguments(
    client: RuntimeClient, endpoint_name: str, component: str | None = None
) -> OpenAIArguments:
    """Return the arguments of ``AsyncOpenAI``, see `Client.openai`."""
    params = InvokeEndpointInput(
        endpoint_name=endpoint_name, body=b"", inference_component_name=component
    )
    tokens = _Tokens(client, params)
    key = _APIKey(tokens, client)
    await key()
    endpoint = tokens.endpoint
    path = f"/endpoints/{endpoint_name}"
    if component is not None:
        path += f"/inference-components/{quote(component, safe='')}"
    scheme, _, _ = endpoint.url.partition(":")
    url = f"{scheme}://{endpoint.host}{endpoint.prefix}{path}/openai/v1"
    arguments = OpenAIArguments(base_url=url, api_key=key, max_retries=0)
    if endpoint.headers:
        arguments["default_headers"] = dict(endpoint.headers)
    return arguments


class _APIKey:
    """Returns a valid token, as text; one task renews it for all requests."""

    def __init__(self, tokens: _Tokens, client: RuntimeClient) -> None:
        self._cache = TokenCache(tokens, client.options.clock)

    def __repr__(self) -> str:
        return "<API key of a SageMaker endpoint>"

    async def __call__(self) -> str:
        token = self._cache.peek() or await self._cache.retrieve()
        return token.token


class _Tokens:
    """Makes tokens from what the client authenticates a call with, as a provider.

    A call is prepared and not sent. So credentials, region, clock correction and
    endpoint are those of calls, with all options and middleware.
    """

    def __init__(self, client: RuntimeClient, params: InvokeEndpointInput) -> None:
        self._client = client
        self._params = params
        self.endpoint: Endpoint
        """The endpoint of the latest call that was prepared."""

    async def retrieve(self) -> Token:
        """Return a new token, or that of the client's ``token_provider``.

        Raises:
            CredentialsError: There are neither credentials nor a token.
            EndpointResolutionError: The endpoint is not encrypted.
            SageMakerRuntimeError: Any error of the operation before sending.
        """
        identity = _Identity()
        unsent = self._client.request("InvokeEndpoint", self._params, identity.option())
        self.endpoint = _require_safe(await unsent.prepare())
        if identity.token is None:
            message = (
                "the OpenAI path needs a bearer token, and the client has neither "
                "credentials to sign one nor a token_provider"
            )
            raise CredentialsError(message)
        return identity.token


class _Identity:
    """Learns the token of a call: a signer for credentials, a middleware for tokens."""

    def __init__(self) -> None:
        self.token: Token | None = None

    def option(self) -> Option:
        """Return the option that adds both to a call."""

        def add(stack: Stack) -> None:
            stack.finalize.insert(self._keep_token, after="GetIdentity", id="KeepToken")

        return with_options(signer=self) | with_api_options(add)

    def sign(
        self,
        request: Request,  # noqa: ARG002 - required by Signer
        credentials: Credentials,
        *,
        service: str,  # noqa: ARG002 - the same
        region: str,
        signing_time: float,
    ) -> None:
        """Make a token from *credentials*, and leave the request unsigned."""
        self.token = generate_bearer_token(
            credentials,
            region=region,
            signing_time=signing_time,
            expires=_TOKEN_LIFETIME,
        )

    def _keep_token(
        self, ctx: Context, input: FinalizeInput, next: Handler[FinalizeInput]
    ) -> Awaitable[Output]:
        self.token = ctx.get(TOKEN)
        return next(ctx, input)


def _require_safe(request: Request) -> Endpoint:
    """Return the endpoint of *request* if a token may be sent to it.

    Raises:
        EndpointResolutionError: Others could read the token.
    """
    if request.endpoint is None:
        message = "the call has no endpoint; was ResolveEndpointV2 removed?"
        raise EndpointResolutionError(message)
    require_encryption(request.endpoint, allow_insecure=False)
    return request.endpoint
