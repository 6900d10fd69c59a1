"""Names of options in other SDKs and HTTP clients, for error messages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

__all__ = ["foreign_name_hint"]

_CREDENTIALS: Final = "pass credentials=Credentials(access_key_id, secret_access_key)"
_PROXY: Final = "use https_proxy, http_proxy or proxy"
_SESSION: Final = (
    "pass a session of botocore by credentials=BotocoreCredentials(session), and one "
    "of aiohttp by http_client=AiohttpClient(session)"
)
_TIMEOUT: Final = (
    "use total_timeout for the whole call, or connect_timeout and read_timeout"
)
_TLS: Final = "use ca_bundle, or ssl_context"

# Names of boto3, aiobotocore, the AWS SDKs for Go and JavaScript, aiohttp, httpx,
# requests and OpenAI's client.
_HINTS: Final[Mapping[str, str]] = {
    "api_key": "use token_provider=StaticTokenProvider(token)",
    "api_version": "there is one version of this service",
    "auth": "use credentials, or signer",
    "aws_access_key_id": _CREDENTIALS,
    "aws_secret_access_key": _CREDENTIALS,
    "aws_session_token": _CREDENTIALS,
    "access_key_id": _CREDENTIALS,
    "secret_access_key": _CREDENTIALS,
    "access_key": _CREDENTIALS,
    "secret_key": _CREDENTIALS,
    "session_token": _CREDENTIALS,
    "base_endpoint": "use endpoint_url",
    "base_url": "use endpoint_url",
    "boto_session": _SESSION,
    "botocore_session": _SESSION,
    "cert": "use client_cert and client_key",
    "client_config": "pass its values as options",
    "config": "pass its values as options",
    "connector": _SESSION,
    "credentials_provider": "use credentials",
    "default_headers": "add a middleware to the step build that sets them",
    "endpoint": "use endpoint_url",
    "headers": "add a middleware to the step build that sets them",
    "limits": "use max_connections and max_connections_per_host",
    "max_pool_connections": "use max_connections",
    "max_retries": "use max_attempts, which counts the first attempt too",
    "max_tries": "use max_attempts",
    "profile_name": "use profile",
    "proxies": _PROXY,
    "proxies_config": _PROXY,
    "region_name": "use region",
    "retries": "use max_attempts, which counts the first attempt too, and retry_mode",
    "retry_config": "use max_attempts and retry_mode",
    "session": _SESSION,
    "signature_version": "use auth_schemes, auth_scheme_preference or signer",
    "ssl": _TLS,
    "timeout": _TIMEOUT,
    "total_max_attempts": "use max_attempts",
    "transport": "use http_client",
    "trust_env": "the environment is read, unless environ={} is set",
    "use_dualstack": "use use_dualstack_endpoint",
    "use_fips": "use use_fips_endpoint",
    "verify": _TLS,
}


def foreign_name_hint(name: str) -> str:
    """Return ``; use …`` for an option of another SDK; empty if *name* is not one."""
    hint = _HINTS.get(name)
    return f"; {hint}" if hint else ""
