"""The scenarios of the cross-SDK credentials cases, replayed."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from sagemaker_rt.config.config import Config
from sagemaker_rt.credentials.chain import DefaultChain
from sagemaker_rt.credentials.container import ContainerCredentials
from sagemaker_rt.credentials.provider_context import ProviderContext
from sagemaker_rt.errors import CredentialsError, SageMakerRuntimeError
from sagemaker_rt.http import Headers, Request, Response
from sagemaker_rt.options import Options
from tests.conformance.vectors import entries, vectors
from tests.doubles import ArrivedBody

SCENARIOS = [
    path.parent for path in entries("credentials/smithy-rs", "*/*/test-case.json")
]
# what the data wants to be said, in our words
MEANT = {
    "imds_disabled": "AWS_EC2_METADATA_DISABLED is true",
    "empty_config": "the instance metadata service failed",
    "sso_no_token_file": "dace00cba5f8355ec9d274ceb2bcebdfbeed0e12.json cannot be read",
    "profile_overrides_web_identity": "AWS_SECRET_ACCESS_KEY not set in the environ",
}
MIDNIGHT = 1_600_000_000.0


class Replayed:
    """An `HTTPClient` that answers as was recorded, and compares what it is asked."""

    def __init__(self, recorded: list[dict[str, Any]]) -> None:
        self._recorded = iter(recorded)

    async def send(self, request: Request) -> Response:
        exchange = next(self._recorded, None)
        if exchange is None:
            message = "nothing more was recorded"
            raise CredentialsError(message)
        assert exchange["method"] == request.method
        assert exchange["uri"].rstrip("/") == request.url.rstrip("/")
        assert action(exchange["sent"]) == action(request.body)
        body = ArrivedBody(exchange["body"])
        return Response(exchange["status"], Headers(), body)

    async def aclose(self) -> None:
        """Go on with the next exchange."""


def action(body: object) -> str:
    """Return what a form asks for; roles and tokens there do not fit the files."""
    assert isinstance(body, bytes)
    return body.decode().partition("&")[0]


def data_of(event: dict[str, Any]) -> bytes:
    data = event["data"]
    return data["Utf8"].encode() if "Utf8" in data else bytes(data["Base64"], "ascii")


def exchanges(events: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield what was sent and answered on each connection, in order."""
    found: dict[int, dict[str, Any]] = {}
    for event in events:
        action = event["action"]
        here = found.setdefault(
            event["connection_id"], {"sent": b"", "body": b"", "status": None}
        )
        if "Request" in action:
            request = action["Request"]["request"]
            here |= {"method": request["method"], "uri": request["uri"]}
        elif "Response" in action:
            here["status"] = action["Response"]["response"]["Ok"]["status"]
        elif "Data" in action:
            is_sent = action["Data"]["direction"] == "Request"
            here["sent" if is_sent else "body"] += data_of(action["Data"])
    return (each for each in found.values() if each["status"] is not None)


def environ_of(scenario: Path, root: Path) -> dict[str, str]:
    """Lay the scenario's files out below *root*; return its environment."""
    if (scenario / "fs").is_dir():
        shutil.copytree(scenario / "fs", root, dirs_exist_ok=True)
        for path in root.rglob("*"):
            path.chmod(0o700 if path.is_dir() else 0o600)
    environ: dict[str, str] = json.loads((scenario / "env.json").read_text())
    is_path = {"HOME", "AWS_WEB_IDENTITY_TOKEN_FILE"}
    return {
        name: f"{root}{value}" if name in is_path else value
        for name, value in environ.items()
    }


def mend(root: Path) -> None:
    """Have the files name each other below *root*, and a program that needs a shell."""
    for path in root.rglob("*"):
        if path.is_file() and path.name in {"config", "credentials"}:
            text = path.read_text()
            text = text.replace("= /token.jwt", f"= {root}/token.jwt")
            path.write_text(
                re.sub(r"process = (.*\|.*)", r'process = sh -c "\1"', text)
            )


def chain_of(
    environ: dict[str, str], replayed: Replayed, *, is_in_code: bool
) -> DefaultChain:
    config = Config.read(environ=environ)
    region = config.fill(Options()).region
    return DefaultChain(
        ProviderContext(
            environ=environ,
            profiles=config.profiles,
            profile=config.profile,
            is_profile_in_code=is_in_code,
            region=region,
            clock=lambda: MIDNIGHT,
            make_http_client=lambda: replayed,
        )
    )


@pytest.mark.skipif(os.name != "posix", reason="the paths are those of POSIX")
@pytest.mark.parametrize("scenario", SCENARIOS, ids=[s.name for s in SCENARIOS])
async def test_a_scenario_ends_as_in_the_other_sdks(
    scenario: Path, tmp_path: Path
) -> None:
    expected = json.loads((scenario / "test-case.json").read_text())["result"]
    traffic = json.loads((scenario / "http-traffic.json").read_text())["events"]
    environ = environ_of(scenario, tmp_path)
    mend(tmp_path)
    is_in_code = scenario.parent.name == "profile-provider"
    replayed = Replayed([*exchanges(traffic)])
    chain = chain_of(environ, replayed, is_in_code=is_in_code)

    if "ErrorContains" in expected:
        with pytest.raises(SageMakerRuntimeError, match=MEANT[scenario.name]):
            await chain.retrieve()
        return
    found = await chain.retrieve()

    wanted = expected["Ok"]
    assert wanted["access_key_id"] == found.access_key_id
    assert wanted["secret_access_key"] == found.secret_access_key
    assert wanted.get("session_token") == found.session_token
    assert wanted.get("account_id") == found.account_id
    end = None if found.expires_at is None else int(found.expires_at.timestamp())
    assert wanted.get("expiry") == end


CONTAINERS = [
    case
    for path in entries("credentials/smithy-rs", "ecs-tests.json")
    for case in json.loads(path.read_text())["tests"]
]


@pytest.mark.parametrize("case", CONTAINERS, ids=[case["docs"] for case in CONTAINERS])
async def test_a_container_is_asked_where_the_other_sdks_ask(
    case: dict[str, Any],
) -> None:
    asked: list[str] = []

    class Noting(Replayed):
        async def send(self, request: Request) -> Response:
            asked.append(request.url)
            body = b'{"AccessKeyId": "a", "SecretAccessKey": "b"}'
            return Response(200, Headers(), ArrivedBody(body))

    context = ProviderContext(environ=case["env"], make_http_client=lambda: Noting([]))
    provider = ContainerCredentials(context)
    if not case["env"]:
        assert not ContainerCredentials.is_configured(evolve(context))
        return

    if "ErrorContains" in case["result"]:
        with pytest.raises(SageMakerRuntimeError, match="FULL_URI"):
            await provider.retrieve()
        return
    await provider.retrieve()

    wanted = case["result"]["Ok"]
    # a name is asked by the address that was looked at
    assert asked in ([wanted], [wanted.replace("localhost", "127.0.0.1")])


def test_every_scenario_is_read() -> None:
    vectors("credentials")

    assert 17 == len(SCENARIOS)
    assert 11 == len(CONTAINERS)
