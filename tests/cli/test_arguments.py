from __future__ import annotations

from sagemaker_rt.cli.arguments import Connection
from sagemaker_rt.identity import AnonymousCredentials


def test_the_client_has_the_options_of_the_command_line() -> None:
    connection = Connection(
        region="eu-west-1",
        endpoint_url="http://127.0.0.1:8080",
        anonymous=True,
        read_timeout=5.0,
        max_attempts=1,
        http_client="aiohttp",
    )

    options = connection.client().options.flat()

    assert isinstance(options.pop("credentials"), AnonymousCredentials)
    assert {
        "region": "eu-west-1",
        "endpoint_url": "http://127.0.0.1:8080",
        "read_timeout": 5.0,
        "max_attempts": 1,
        "http_client": "aiohttp",
    }.items() <= options.items()


def test_options_that_are_not_on_the_command_line_are_unset() -> None:
    options = Connection().client().options.flat()

    assert [None] * 4 == [
        options[name]
        for name in ("region", "endpoint_url", "credentials", "max_attempts")
    ]
