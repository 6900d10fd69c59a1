"""Names of the AWS SDK for JavaScript, version 2: what ``AWS.Config`` takes."""

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

__all__ = ["JAVASCRIPT"]

_HTTP: Final[Entries] = {
    "agent": Nested(
        {
            "keepAlive": Nothing("is always so"),
            "maxSockets": Into("max_connections_per_host", units.sockets),
            "maxTotalSockets": Into("max_connections"),
        }
    ),
    "connectTimeout": Into("connect_timeout", units.limit_in_milliseconds),
    "proxy": Into("proxy"),
    "timeout": Into("read_timeout", units.limit_in_milliseconds),
    "xhrAsync": Nothing("is of browsers"),
    "xhrWithCredentials": Nothing("is of browsers"),
}

JAVASCRIPT: Final[Entries] = {
    "accessKeyId": Into("access_key_id", conversions.text),
    "apiVersion": Several(conversions.api_version),
    "apiVersions": Nested({"sagemakerruntime": Several(conversions.api_version)}),
    "clientSideMonitoring": Into("client_side_monitoring"),
    "computeChecksums": Nothing(),
    "convertResponseTypes": Nothing(),
    "correctClockSkew": Into("correct_clock_skew"),
    "credentialProvider": Into("credentials"),
    "credentials": Several(conversions.credentials_or_keys),
    "customUserAgent": Into("user_agent_extra", conversions.text),
    "dynamoDbCrc32": Nothing(),
    "endpoint": Several(conversions.endpoint),
    "endpointCacheSize": Nothing(),
    "endpointDiscoveryEnabled": Nothing(),
    "hostPrefixEnabled": Nothing(),
    "httpOptions": Nested(_HTTP),
    "logger": Into("logger", conversions.logger),
    "maxRedirects": Into("max_redirects", units.whole),
    "maxRetries": Into("max_attempts", units.attempts_after),
    "paramValidation": Into("validate", conversions.validation),
    "params": Refused("BoundClient(client, endpoint_name=…) holds members of calls"),
    "region": Into("region", conversions.region),
    "retryDelayOptions": Nested(
        {
            "base": Several(units.full_jitter),
            "customBackoff": Into("custom_backoff", units.backoff_of),
        }
    ),
    "s3BucketEndpoint": Nothing(),
    "s3DisableBodySigning": Nothing(),
    "s3ForcePathStyle": Nothing(),
    "s3UsEast1RegionalEndpoint": Nothing(),
    "s3UseArnRegion": Nothing(),
    "secretAccessKey": Into("secret_access_key", conversions.text),
    "sessionToken": Into("session_token", conversions.text),
    "signatureCache": Nothing("is always so: signing keys are kept for a day"),
    "signatureVersion": Several(conversions.signature_version),
    "sslEnabled": Into("use_ssl"),
    "stsRegionalEndpoints": Nothing("is always regional here"),
    "systemClockOffset": Into("clock_offset", units.offset_in_milliseconds),
    "useAccelerateEndpoint": Nothing(),
    "useDualstackEndpoint": Into("use_dualstack_endpoint"),
    "useFipsEndpoint": Into("use_fips_endpoint"),
}
