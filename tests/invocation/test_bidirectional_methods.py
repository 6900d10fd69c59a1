"""The operation as a method of the client."""

from __future__ import annotations

import subprocess
import sys

from sagemaker_rt import Client


def test_its_members_are_documented() -> None:
    text = Client.invoke_endpoint_with_bidirectional_stream.__doc__ or ""

    for member in ("target_variant", "model_invocation_path", "model_query_string"):
        assert member in text


def test_importing_and_creating_a_client_loads_no_http_2() -> None:
    code = (
        "import sys, sagemaker_rt; sagemaker_rt.Client(); "
        "import sagemaker_rt.emulator; "
        "assert not {'h2', 'hpack', 'hyperframe'} & sys.modules.keys()"
    )

    subprocess.run([sys.executable, "-c", code], check=True)
