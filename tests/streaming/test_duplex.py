"""The seam of streams in both directions."""

from __future__ import annotations

from sagemaker_rt.streaming.duplex import DuplexClient, DuplexConnection
from sagemaker_rt.transport.http2_client import Http2Client
from sagemaker_rt.transport.http2_connection import Http2Connection


def test_the_client_of_this_library_has_all_methods() -> None:
    client: type[DuplexClient] = Http2Client
    connection: type[DuplexConnection] = Http2Connection
    public = {name for name in vars(DuplexClient) if not name.startswith("_")}

    assert {"open", "aclose"} == public & set(dir(client))
    assert hasattr(connection, "wait_for_room")
