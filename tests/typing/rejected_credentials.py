"""Uses of credentials, tokens and configuration that checkers reject."""

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


def return_number(serial: str) -> int:
    """Return an integer instead of a code."""
    return len(serial)


def wrong_keys() -> None:
    """Create credentials with wrong arguments."""
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


def wrong_providers(context: ProviderContext, chain: DefaultChain) -> None:
    """Create providers with wrong arguments."""
    DefaultChain(KEYS)  # error
    DefaultChain(context, mfa_code="123456")  # error
    DefaultChain(context, mfa_code=return_number)  # error
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


async def wrong_retrieval(chain: DefaultChain) -> Token:
    """Use credentials as a token."""
    chain.retrieve().access_key_id  # error
    chain.links().provider  # error
    return await chain.retrieve()  # error


async def wrong_configuration(config: Config) -> Config:
    """Load and read a configuration wrongly."""
    Config("dev")  # error
    config.region  # error
    config.fill(region="eu-west-1")  # error
    config.fill(Options()).upper()  # error
    await Config.load("dev")  # error
    await Config.read(profile="dev")  # error
    return Config.load()  # error
