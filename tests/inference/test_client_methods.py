"""The methods of the client that are implemented in inference/."""

from __future__ import annotations

import subprocess
import sys
from typing import Final

CREATE_A_CLIENT: Final = """
import sys
from sagemaker_rt import Client
Client(region="eu-west-1")
loaded = [n for n in sys.modules if n.startswith("sagemaker_rt.inference.")]
print(*loaded)
"""


def test_a_client_is_created_without_the_modules_of_its_conveniences() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", CREATE_A_CLIENT],
        capture_output=True,
        text=True,
        check=True,
    )

    assert "sagemaker_rt.inference.client_methods\n" == ended.stdout
