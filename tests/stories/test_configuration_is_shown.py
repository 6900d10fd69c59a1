"""The configuration can be printed, and no secret is in the output.

There is a row for each place that may hold a secret, in a valid and an invalid form.
Every text that a user can print of the configuration is searched, and the output of the
two commands that are meant to be pasted into a bug report.
"""

from __future__ import annotations

import json
import logging
import traceback
from collections.abc import Callable, Iterator, Mapping
from hashlib import sha1
from pathlib import Path
from typing import Final

import pytest
from attrs import field, frozen

from sagemaker_rt import Client, Options, SageMakerRuntimeError
from sagemaker_rt.config.config import Config
from sagemaker_rt.credentials.chain import DefaultChain
from tests.cli.running import run, variables

HUSH: Final = "hush-wJalrXUtnFEMI"
START: Final = "https://d-1.awsapps.com/start"
ROLE: Final = "role_arn = arn:aws:iam::123456789012:role/r\n"


@frozen
class Place:
    """A place that holds a secret; ``$HOME`` is replaced in its texts."""

    name: str
    config: str = ""
    keys: str = ""
    environ: Mapping[str, str] = field(factory=dict)
    files: Mapping[str, str] = field(factory=dict)
    """Further files, by their path in the home folder."""
    shown: str = ""
    """A text that one of the two commands does print."""


def in_environment(name: str, value: str, *, shown: str = "") -> Place:
    return Place(f"{name}={value}", environ={name: value}, shown=shown)


TOKENS: Final = {
    "accessToken": HUSH,
    "refreshToken": HUSH,
    "clientSecret": HUSH,
    "clientId": "c",
    "expiresAt": "2023-11-14T22:15:00Z",
}
PAIR: Final = f"aws_access_key_id = AKID\naws_secret_access_key = {HUSH}\n"
PLACES: Final = [
    Place(
        "keys of the environment",
        environ={
            "AWS_ACCESS_KEY_ID": "AKID",
            "AWS_SECRET_ACCESS_KEY": HUSH,
            "AWS_SESSION_TOKEN": HUSH,
        },
        shown="environment: used",
    ),
    in_environment("AWS_SECRET_ACCESS_KEY", HUSH, shown="environment: used"),
    Place(
        "keys of the files",
        f"[default]\n{PAIR}",
        f"[default]\n{PAIR}aws_session_token = {HUSH}\n",
        shown="shared files: used",
    ),
    Place(
        "half a pair", keys=f"[default]\naws_secret_access_key={HUSH}\n", shown="shared"
    ),
    Place(
        "keys of a role's source",
        f"[default]\n{ROLE}source_profile = b\nexternal_id = {HUSH}\n",
        f"[b]\n{PAIR}",
        shown="role: used",
    ),
    Place(
        "no grammar", f"[default]\n{HUSH}\n", shown="config, line 2: expected an '='"
    ),
    Place("no section", f"key = {HUSH}\n", shown="config, line 1: expected a profile"),
    Place("nested", f"[services s]\ns3 =\n  {HUSH}\n[default]\nservices = s\n"),
    Place(
        "nested in our service",
        f"[services s]\nsagemaker_runtime =\n  {HUSH}\n[default]\nservices = s\n",
        shown="config, line 3: expected an '=' sign defining a sub-property",
    ),
    Place(
        "an endpoint URL in a file",
        f"[default]\nendpoint_url = https://me:{HUSH}@a.example/p\n",
        shown="a.example/p",
    ),
    Place(
        "an endpoint URL of the service",
        "[services s]\nsagemaker_runtime =\n"
        f"  endpoint_url = https://me:{HUSH}@a.example/p\n[default]\nservices = s\n",
        shown="a.example/p",
    ),
    *(
        in_environment("AWS_ENDPOINT_URL", url, shown="a.example")
        for url in (
            f"https://me:{HUSH}@a.example",
            f"https://me:{HUSH}@{HUSH}@a.example",
            f"https://{HUSH}@a.example:8443/p",
            f"me:{HUSH}@a.example",
        )
    ),
    *(
        in_environment(name, url, shown=shown)
        for name, url, shown in (
            ("HTTPS_PROXY", f"http://me:{HUSH}@a.example:3128", "a.example"),
            ("https_proxy", f"http://{HUSH}@a.example:3128", "a.example"),
            ("HTTPS_PROXY", f"me:{HUSH}@a.example:3128", "a.example"),
            ("HTTPS_PROXY", f"nothing://me:{HUSH}@a.example", "a.example"),
            ("HTTPS_PROXY", f"http://me:{HUSH}@a.example:port", "a.example"),
            ("HTTPS_PROXY", f"a.example:3128:me:{HUSH}", "'a.example:3128…'"),
        )
    ),
    in_environment(
        "REQUESTS_CA_BUNDLE",
        "$HOME/ca.pem",
        shown="/ca.pem (environment variable REQUESTS_CA_BUNDLE)",
    ),
    in_environment(
        "AWS_REGION",
        "us-east-1a",
        shown="region: us-east-1a (environment variable AWS_REGION)",
    ),
    Place(
        "a quoted profile",
        f"[profile 'my dev']\n  region = eu-west-1\n  # {HUSH}\n",
        f"[my dev]\n{PAIR}",
        environ={"AWS_PROFILE": "my dev"},
        shown="shared files: used",
    ),
    Place(
        "a container's token",
        environ={
            "AWS_CONTAINER_CREDENTIALS_FULL_URI": f"http://me:{HUSH}@127.0.0.1/",
            "AWS_CONTAINER_AUTHORIZATION_TOKEN": f"Basic {HUSH}\n",
        },
        shown="container: used",
    ),
    Place(
        "a program's arguments",
        f"[default]\ncredential_process = /bin/give --password {HUSH}\n",
        shown="process: used",
    ),
    Place(
        "a program that cannot be run",
        f"[default]\ncredential_process = '{HUSH}\n",
        shown="process: used",
    ),
    Place(
        "SSO tokens",
        "[default]\nsso_session = s\nsso_account_id = 1\nsso_role_name = r\n"
        f"[sso-session s]\nsso_region = eu-west-1\nsso_start_url = {START}\n",
        files={
            f".aws/sso/cache/{sha1(b's').hexdigest()}.json": json.dumps(TOKENS)  # noqa: S324 - only the name of the file
        },
        shown="SSO: used",
    ),
    Place(
        "a web identity",
        f"[default]\n{ROLE}web_identity_token_file = $HOME/token\n",
        files={"token": HUSH},
        shown="role: used",
    ),
]


@pytest.fixture(params=PLACES, ids=lambda place: place.name)
def place(request: pytest.FixtureRequest) -> Place:
    assert isinstance(request.param, Place)
    return request.param


@pytest.fixture
def environ(place: Place, tmp_path: Path) -> dict[str, str]:
    """Write the files of *place*, and return its environment."""
    files = {
        ".aws/config": place.config.replace("$HOME", str(tmp_path)),
        ".aws/credentials": place.keys,
        **place.files,
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o600)
    return variables(None, **{**place.environ, "HOME": str(tmp_path)})


def printed_texts(environ: Mapping[str, str]) -> Iterator[str]:
    """Yield every text that can be printed of the configuration, errors included."""
    options = Options(environ=environ, region="eu-west-1")
    expressions: list[Callable[[], object]] = [
        lambda: Config.read(environ=environ),
        lambda: Config.read(environ=environ).explain(),
        lambda: Config.read(environ=environ).found(),
        lambda: Config.read(environ=environ).settings.section,
        lambda: Config.read(environ=environ).profiles,
        lambda: Config.read(environ=environ).fill(options),
        lambda: Config.read(environ=environ).provider_context(),
        lambda: DefaultChain(Config.read(environ=environ).provider_context()).links(),
        lambda: DefaultChain(Config.read(environ=environ).provider_context()).explain(),
        lambda: Client(options),
        lambda: Client(options).explain("InvokeEndpoint"),
    ]
    for evaluate in expressions:
        try:
            found = evaluate()
        except SageMakerRuntimeError as error:
            yield "".join(traceback.format_exception(error))
            yield repr(error)
        else:
            yield str(found)
            yield repr(found)


def around(secret: str, text: str) -> str:
    """Return the text around *secret*; empty if it is not in *text*."""
    at = text.find(secret)
    return "" if at < 0 else text[max(0, at - 80) : at + len(secret)]


def test_no_secret_is_in_a_text(
    environ: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        texts = list(printed_texts(environ))

    assert 22 == len(texts)
    assert {""} == {around(HUSH, text) for text in [*texts, caplog.text]}


async def test_the_commands_print_no_secret(
    place: Place, environ: dict[str, str]
) -> None:
    config = await run("config", environ=environ)
    credentials = await run("credentials", environ=environ)

    printed = (config.out + credentials.out).decode() + config.err + credentials.err
    assert "" == around(HUSH, printed)
    assert place.shown in printed
    assert {config.code, credentials.code} <= {0, 2, 3, 6}
