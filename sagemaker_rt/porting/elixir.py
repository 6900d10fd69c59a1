"""Names of aws-elixir: fields of ``AWS.Client``, and options of a request."""

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

__all__ = ["ELIXIR"]

ELIXIR: Final[Entries] = {
    "access_key_id": Into("access_key_id", conversions.text),
    "append_sha256_content_hash": Nothing(),
    "enable_retries?": Several(conversions.retries_or_none),
    "endpoint": Several(conversions.endpoint_of_elixir),
    "http_client": Into("http_client"),
    "json_module": Refused(
        "codecs are the caller's: a body is bytes", (("AWS.JSON", []),)
    ),
    "port": Into("port"),
    "proto": Into("use_ssl", conversions.is_encrypted),
    "receive_body_as_binary?": Nothing("is always so"),
    "region": Into("region", conversions.region),
    "retry_num": Nothing("is counted here"),
    "retry_opts": Nested(
        {
            "base_sleep_time": Several(units.full_jitter),
            "cap_sleep_time": Into("retry_max_delay", units.milliseconds),
            "max_retries": Into("max_attempts", units.attempts_after),
        }
    ),
    "secret_access_key": Into("secret_access_key", conversions.text),
    "send_body_as_binary?": Nothing("is always so"),
    "service": Into("sigv4_signing_name", conversions.text),
    "session_token": Into("session_token", conversions.text),
    "xml_module": Nothing(),
}
