from __future__ import annotations

from sagemaker_rt.batch.client_options import with_connections
from sagemaker_rt.options import Options
from tests.doubles import ScriptedHTTPClient


def test_each_call_has_a_connection_unless_the_http_client_is_custom() -> None:
    custom = Options(http_client=ScriptedHTTPClient())

    assert 300 == with_connections(Options(), 300).http.max_connections
    assert custom is with_connections(custom, 300)
