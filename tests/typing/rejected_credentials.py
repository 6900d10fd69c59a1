"""Credentials, tokens and configuration that are refused."""

from __future__ import annotations

from sagemaker_rt import (
    AssumeRoleCredentials,
    AuthScheme,
    BotocoreCredentials,
    CognitoIdentityCredentials,
    Config,
    ContainerCredentials,
    Credentials,
    DefaultChain,
    EnvironmentCredentials,
    LoginCredentials,
    Options,
    ProcessCredentials,
    ProviderContext,
    SharedFileCredentials,
    SSOCredentials,
    SSOTokenProvider,
    StaticTokenProvider,
    Token,
    WebIdentityCredentials,
)

KEYS = Credentials("AKIDEXAMPLE", "a-secret")


def to_a_number(serial: str) -> int:
    """Return no code."""
    return len(serial)


def the_wrong_keys() -> None:
    """Make credentials of what they are not made of."""
    Credentials()  # error
    Credentials("AKIDEXAMPLE", None)  # error
    Credentials("AKIDEXAMPLE", "a-secret", "a-token", None)  # error
    Credentials("AKIDEXAMPLE", "a-secret", expires_at=1.7e9)  # error
    Token()  # error
    Token("a-token", expires_at="tomorrow")  # error
    AuthScheme()  # error
    KEYS.access_key_id = "AKIDOTHER"  # error
    KEYS.secret  # error
    KEYS.session_token.upper()  # error


def the_wrong_providers(context: ProviderContext, chain: DefaultChain) -> None:
    """Make providers of what they are not made of."""
    DefaultChain(KEYS)  # error
    DefaultChain(context, mfa_code="123456")  # error
    DefaultChain(context, mfa_code=to_a_number)  # error
    EnvironmentCredentials()  # error
    EnvironmentCredentials({"AWS_ACCESS_KEY_ID": None})  # error
    SharedFileCredentials("dev")  # error
    ContainerCredentials("http://169.254.170.2")  # error
    ProcessCredentials(["keys"])  # error
    BotocoreCredentials(KEYS)  # error
    AssumeRoleCredentials("arn", source=chain, context=context)  # error
    AssumeRoleCredentials(role_arn="a", context=context)  # error
    AssumeRoleCredentials(role_arn="a", source=KEYS, context=context)  # error
    WebIdentityCredentials(role_arn="a", context=context)  # error
    SSOCredentials(account_id=1, role_name="r", context=context)  # error
    LoginCredentials(context=context)  # error
    CognitoIdentityCredentials(context=context)  # error
    StaticTokenProvider(b"a-token")  # error
    SSOTokenProvider(session="work")  # error
    ProviderContext()  # error
    ProviderContext(environ={}, clock=1.7e9)  # error


async def the_wrong_retrieval(chain: DefaultChain) -> Token:
    """Take what is retrieved for what it is not."""
    chain.retrieve().access_key_id  # error
    chain.links().provider  # error
    return await chain.retrieve()  # error


async def the_wrong_configuration(config: Config) -> Config:
    """Read a configuration as it cannot be."""
    Config("dev")  # error
    config.region  # error
    config.fill(region="eu-west-1")  # error
    config.fill(Options()).upper()  # error
    await Config.load("dev")  # error
    await Config.read(profile="dev")  # error
    return Config.load()  # error
