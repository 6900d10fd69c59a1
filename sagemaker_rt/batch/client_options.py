"""The options of clients that score a batch."""

from __future__ import annotations

from sagemaker_rt.options import Options

__all__ = ["with_connections"]


def with_connections(options: Options, limit: int) -> Options:
    """Return *options* with a connection for each of *limit* calls.

    A custom HTTP client opens its own connections: its options are unchanged.
    """
    if options.http.custom_http_client is not None:
        return options
    return options.replace(max_connections=limit)
