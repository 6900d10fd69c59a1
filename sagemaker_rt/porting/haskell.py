"""Names of amazonka: fields of its ``Env`` and ``Service``, in camel case."""

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

__all__ = ["HASKELL"]

HASKELL: Final[Entries] = {
    "abbrev": Nothing("is settled"),
    "auth": Into("credentials"),
    "endpoint": Nested(
        {
            "host": Into("host", conversions.text),
            "port": Into("port"),
            "secure": Into("use_ssl"),
        }
    ),
    "endpointPrefix": Nothing("is settled"),
    "logger": Into("logger", conversions.logger),
    "manager": Into("http_client"),
    "overrides": Refused("with_… options change one thing each"),
    "region": Into("region", conversions.region),
    "retry": Nested(
        {
            "attempts": Into("max_attempts", units.attempts_after),
            "base": Into("retry_base_delay"),
            "check": Refused("a retryer decides what is tried again"),
            "growth": Refused("delays double; a custom_backoff tells others", (2,)),
        }
    ),
    "retryCheck": Refused("a retryer decides what is tried again"),
    "signingName": Into("sigv4_signing_name", conversions.text),
    "timeout": Into("read_timeout"),
    "version": Several(conversions.api_version),
}
