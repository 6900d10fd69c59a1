"""The scenarios of the cross-SDK credentials cases, with recorded responses."""

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
from tests.doubles import BufferedBody

SCENARIOS = [
    path.parent for path in entries("credentials/smithy-rs", "*/*/test-case.json")
]
# our messages for the errors in the data
EXPECTED_ERRORS = {
    "imds_disabled": "AWS_EC2_METADATA_DISABLED is true",
    "empty_config": "the instance metadata service failed",
    "sso_no_token_file": "dace00cba5f8355ec9d274ceb2bcebdfbeed0e12.json cannot be read",
    "profile_overrides_web_identity": "AWS_SECRET_ACCESS_KEY not set in the environ",
}
MIDNIGHT = 1_600_000_000.0


class Replayed:
    """An `HTTPClient` that checks requests, and returns recorded responses."""

    def __init__(self, recorded: list[dict[str, Any]]) -> None:
        self._recorded = iter(recorded)

    async def send(self, request: Request) -> Response:
        exchange = next(self._recorded, None)
        if exchange is None:
            message = "no further exchange was recorded"
            raise CredentialsError(message)
        assert exchange["method"] == request.method
        assert exchange["uri"].rstrip("/") == request.url.rstrip("/")
        assert action(exchange["sent"]) == action(request.body)
        body = BufferedBody(exchange["body"])
        return Response(exchange["status"], Headers(), body)

    async def aclose(self) -> None:
        """Do nothing: the recording continues."""


def action(body: object) -> str:
    """Return the action of a form; its roles and tokens differ from the files."""
    assert isinstance(body, bytes)
    return body.decode().partition("&")[0]


def data_of(event: dict[str, Any]) -> bytes:
    data = event["data"]
    return data["Utf8"].encode() if "Utf8" in data else bytes(data["Base64"], "ascii")


def exchanges(events: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield the exchange on each connection, in order."""
    found: dict[int, dict[str, Any]] = {}
    for event in events:
        action = event["action"]
        exchange = found.setdefault(
            event["connection_id"], {"sent": b"", "body": b"", "status": None}
        )
        if "Request" in action:
            request = action["Request"]["request"]
            exchange |= {"method": request["method"], "uri": request["uri"]}
        elif "Response" in action:
            exchange["status"] = action["Response"]["response"]["Ok"]["status"]
        elif "Data" in action:
            is_sent = action["Data"]["direction"] == "Request"
            exchange["sent" if is_sent else "body"] += data_of(action["Data"])
    return (each for each in found.values() if each["status"] is not None)


def environ_of(scenario: Path, root: Path) -> dict[str, str]:
    """Copy the files of the scenario to *root*, and return its environment."""
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


def adapt(root: Path) -> None:
    """Adapt paths in the files to *root*, and run pipelines in a shell."""
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


@pytest.mark.skipif(os.name != "posix", reason="the paths are POSIX paths")
@pytest.mark.parametrize("scenario", SCENARIOS, ids=[s.name for s in SCENARIOS])
async def test_a_scenario_has_the_result_of_the_other_sdks(
    scenario: Path, tmp_path: Path
) -> None:
    expected = json.loads((scenario / "test-case.json").read_text())["result"]
    traffic = json.loads((scenario / "http-traffic.json").read_text())["events"]
    environ = environ_of(scenario, tmp_path)
    adapt(tmp_path)
    is_in_code = scenario.parent.name == "profile-provider"
    replayed = Replayed([*exchanges(traffic)])
    chain = chain_of(environ, replayed, is_in_code=is_in_code)

    if "ErrorContains" in expected:
        with pytest.raises(SageMakerRuntimeError, match=EXPECTED_ERRORS[scenario.name]):
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
async def test_the_url_of_a_container_is_that_of_the_other_sdks(
    case: dict[str, Any],
) -> None:
    urls: list[str] = []

    class Recording(Replayed):
        async def send(self, request: Request) -> Response:
            urls.append(request.url)
            body = b'{"AccessKeyId": "a", "SecretAccessKey": "b"}'
            return Response(200, Headers(), BufferedBody(body))

    context = ProviderContext(
        environ=case["env"], make_http_client=lambda: Recording([])
    )
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
    # the request goes to the resolved address
    assert urls in ([wanted], [wanted.replace("localhost", "127.0.0.1")])


def test_every_scenario_is_read() -> None:
    vectors("credentials")

    assert 17 == len(SCENARIOS)
    assert 11 == len(CONTAINERS)
