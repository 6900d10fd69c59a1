"""Names of boto3: what ``client()`` and ``botocore.config.Config`` take.

aiobotocore's are among them.
"""

from __future__ import annotations

from typing import Final

from sagemaker_rt.porting import conversions, units
from sagemaker_rt.porting.entries import (
    Entries,
    Into,
    Nested,
    Nothing,
    Refused,
    Several,
)

__all__ = ["BOTO3"]

_CLIENT: Final[Entries] = {
    "api_version": Several(conversions.api_version),
    "aws_access_key_id": Into("access_key_id", conversions.text),
    "aws_account_id": Into("account_id", conversions.text),
    "aws_secret_access_key": Into("secret_access_key", conversions.text),
    "aws_session_token": Into("session_token", conversions.text),
    "config": Refused("give what Config was made with, as settings of their own"),
    "endpoint_url": Several(conversions.endpoint),
    "profile_name": Into("profile", conversions.text),
    "region_name": Into("region", conversions.region),
    "service_name": Several(conversions.service),
    "use_ssl": Into("use_ssl"),
    "verify": Several(conversions.verification),
}

_CONFIG: Final[Entries] = {
    "account_id_endpoint_mode": Nothing(),
    "auth_scheme_preference": Into("auth_scheme_preference", conversions.names),
    "client_cert": Several(conversions.certificate),
    "client_context_params": Nothing(),
    "connect_timeout": Into("connect_timeout"),
    "connector_args": Nested(
        {
            "force_close": Refused("give an aiohttp session of yours to AiohttpClient"),
            "keepalive_timeout": Into("keepalive_timeout"),
            "limit": Into("max_connections"),
            "limit_per_host": Into("max_connections_per_host"),
            "ssl_context": Into("ssl_context"),
        }
    ),
    "defaults_mode": Into("defaults_mode", conversions.text),
    "disable_request_compression": Nothing(
        "is as it is: no operation asks for compression, request_compression does"
    ),
    "endpoint_discovery_enabled": Nothing(),
    "http_session_cls": Refused("an http_client is anything with an async send()"),
    "ignore_configured_endpoint_urls": Into("ignore_configured_endpoint_urls"),
    "inject_host_prefix": Nothing(),
    "max_pool_connections": Into("max_connections"),
    "parameter_validation": Into("validate", conversions.validation),
    "proxies": Nested({"http": Into("http_proxy"), "https": Into("https_proxy")}),
    "proxies_config": Refused("an ssl_context has certificates for proxies too", ({},)),
    "read_timeout": Into("read_timeout"),
    "request_checksum_calculation": Nothing(),
    "request_min_compression_size_bytes": Into("min_compression_bytes"),
    "response_checksum_validation": Nothing(),
    "retries": Nested(
        {
            "max_attempts": Into("max_attempts", units.attempts_after),
            "mode": Into("retry_mode", conversions.mode_of_retries),
            "total_max_attempts": Into("max_attempts"),
        }
    ),
    "s3": Nothing(),
    "signature_version": Several(conversions.signature_version),
    "sigv4a_signing_region_set": Nothing(),
    "tcp_keepalive": Into("tcp_keepalive"),
    "use_dualstack_endpoint": Into("use_dualstack_endpoint"),
    "use_fips_endpoint": Into("use_fips_endpoint"),
    "user_agent": Refused("app_id names your application in the user agent"),
    "user_agent_appid": Into("app_id", conversions.text),
    "user_agent_extra": Into("user_agent_extra", conversions.text),
}

BOTO3: Final[Entries] = {**_CLIENT, **_CONFIG}
