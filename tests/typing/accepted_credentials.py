"""Providers of credentials and tokens."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import assert_type

from sagemaker_rt import (
    AnonymousCredentials,
    AssumeRoleCredentials,
    AuthScheme,
    BotocoreCredentials,
    Client,
    CognitoIdentityCredentials,
    Config,
    ContainerCredentials,
    Credentials,
    CredentialsProvider,
    DefaultChain,
    EnvironmentCredentials,
    HTTPAuthScheme,
    InstanceMetadataCredentials,
    LoginCredentials,
    Options,
    ProcessCredentials,
    ProviderContext,
    Request,
    SageMakerBearerTokenProvider,
    SharedFileCredentials,
    SSOCredentials,
    SSOTokenProvider,
    StaticCredentials,
    StaticTokenProvider,
    Token,
    TokenProvider,
    WebIdentityCredentials,
    generate_bearer_token,
)

KEYS = Credentials(
    "AKIDEXAMPLE",
    "a-secret",
    session_token="a-token",
    expires_at=datetime(2030, 1, 1, tzinfo=UTC),
    account_id="123456789012",
)
ROLE = "arn:aws:iam::123456789012:role/invoker"


async def code(serial: str) -> str:
    """Return the code of an MFA device."""
    return await asyncio.to_thread(input, f"{serial}: ")


class FrozenCredentials:
    """Frozen credentials, as in botocore."""

    access_key = "AKIDEXAMPLE"
    secret_key = "a-secret"
    token: str | None = None


class RefreshableCredentials:
    """Refreshable credentials, as in botocore."""

    def get_frozen_credentials(self) -> FrozenCredentials:
        """Return a set."""
        return FrozenCredentials()


class Session:
    """A session like that of botocore, which has no types."""

    def get_credentials(self) -> RefreshableCredentials | None:
        """Return a source."""
        return RefreshableCredentials()


def providers(context: ProviderContext) -> list[CredentialsProvider]:
    """Make one of each."""
    chain = DefaultChain(context, mfa_code=code)
    return [
        chain,
        StaticCredentials(KEYS),
        EnvironmentCredentials(context.environ),
        SharedFileCredentials(context.section, context.profile),
        ContainerCredentials(context),
        InstanceMetadataCredentials(context),
        ProcessCredentials("/usr/bin/keys --for dev", timeout=10),
        AssumeRoleCredentials(
            role_arn=ROLE,
            source=chain,
            context=context,
            session_name="checkout",
            external_id="e",
            duration_seconds=900,
            mfa_serial="arn:aws:iam::123456789012:mfa/me",
            mfa_code=input,
        ),
        WebIdentityCredentials(role_arn=ROLE, token_file="/var/token", context=context),
        SSOCredentials(
            account_id="123456789012",
            role_name="invoker",
            sso_region="eu-west-1",
            start_url="https://example.awsapps.com/start",
            session="work",
            context=context,
        ),
        LoginCredentials(session="arn", profile="dev", context=context),
        CognitoIdentityCredentials(
            region="eu-west-1",
            context=context,
            identity_pool_id="eu-west-1:pool",
            logins={"accounts.google.com": "a-token"},
        ),
        BotocoreCredentials(Session()),
    ]


def token_providers(context: ProviderContext) -> list[TokenProvider]:
    """Make one of each."""
    return [
        StaticTokenProvider("a-token"),
        StaticTokenProvider(Token("a-token", expires_at=KEYS.expires_at)),
        SSOTokenProvider(context=context),
        SSOTokenProvider(session="work", sso_region="eu-west-1", context=context),
        SageMakerBearerTokenProvider(KEYS, region="eu-west-1"),
    ]


async def load_contexts(environ: Mapping[str, str]) -> list[CredentialsProvider]:
    """Load a provider context, or create one."""
    config = await Config.load(profile="dev", environ=environ)
    context = config.provider_context(region="eu-west-1")
    assert_type(context, ProviderContext)
    assert_type(context.variable("AWS_PROFILE"), str | None)
    assert_type(context.aws_path("sso", "cache"), Path)
    return providers(ProviderContext(environ=environ, region="eu-west-1"))


def read_configuration(config: Config) -> str:
    """Read a configuration."""
    options = config.fill(Options(region="eu-west-1"))
    assert_type(options, Options)
    values = {name: setting.value for name, setting in config.found(options).items()}
    return f"{config.profile} {config.files} {values} {config.explain()}"


async def retrieve(chain: DefaultChain) -> list[str | None]:
    """Retrieve credentials, like the client."""
    keys = await chain.retrieve()
    assert_type(keys, Credentials)
    assert_type(keys.expires_at, datetime | None)
    links = [link.reason for link in chain.links() if link.provider is None]
    return [keys.access_key_id, keys.session_token, chain.explain(), *links]


class APIKey:
    """A custom authentication scheme."""

    id = "example.com#apiKey"

    async def retrieve_identity(self) -> str:
        return "a-key"

    def sign(self, request: Request, identity: str) -> None:
        request.headers["x-api-key"] = identity


def client_with_scheme(scheme: HTTPAuthScheme) -> Client:
    """Create a client with custom authentication schemes."""
    return Client(auth_schemes=[APIKey(), scheme])


async def clients_with_tokens() -> list[Client]:
    """Create clients that send bearer tokens."""
    tokens = SageMakerBearerTokenProvider(KEYS, region="eu-west-1", expires=3600)
    token = await tokens.retrieve()
    other = generate_bearer_token(KEYS, region="eu-west-1", signing_time=1.7e9)
    assert_type(token.token, str)
    assert_type(other, Token)
    return [
        Client(token_provider=tokens, auth_scheme_preference=["httpBearerAuth"]),
        Client(credentials=AnonymousCredentials()),
        Client(credentials=KEYS, environ=os.environ),
        Client(auth_scheme_resolver=lambda _operation, _region: [AuthScheme("noAuth")]),
    ]
