"""Calls under generated environments and shared files, compared with botocore.

Each example is an environment and two files. A botocore client makes a call in that
environment, and the request is captured before it is sent. If botocore fails, this
client has to fail too, before anything is sent.

The known differences are removed by `botocore_environment`, which changes the
environment for botocore:

* An empty variable or property counts as unset. botocore uses it as a value, and fails
  for the region ``""`` and for a services section without a name.
* AWS_REGION takes precedence over AWS_DEFAULT_REGION, as in all SDKs except botocore.
* AWS_PROFILE takes precedence over AWS_DEFAULT_PROFILE, as in the SDK for Go; in
  botocore it is the reverse.
* Half a pair of keys is rejected. botocore ignores a secret without a key id.
* An endpoint URL with FIPS or dualstack enabled is rejected, by the endpoint rules of
  the service. botocore silently ignores the switch.

These values are not generated:

* Switches that are neither true nor false, unknown retry modes, and negative numbers of
  attempts: this client rejects them. For botocore, such a switch is false.
* 0 attempts, which counts as unset, as in other SDKs.
* Endpoint URLs with ``http`` for other machines, which this client rejects.
* A services section that does not exist: botocore also fails if nothing needs it.
* Keys of one profile in both files; `test_config_against_botocore` covers them.
"""

from __future__ import annotations

import io
import os
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, TypeAlias

import botocore.session
from attrs import frozen
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.exceptions import BotoCoreError
from botocore.loaders import Loader
from hypothesis import Phase, event, example, given, settings
from hypothesis import strategies as st

from sagemaker_rt import Client, Options
from sagemaker_rt.config.config import Config
from sagemaker_rt.credentials.chain import DefaultChain
from sagemaker_rt.errors import EndpointResolutionError, SageMakerRuntimeError
from tests.doubles import ScriptedHTTPClient, response

Sections: TypeAlias = dict[str, dict[str, str]]

VALUE: Final = st.from_regex(r"[A-Za-z0-9/+=_.:-]{1,12}", fullmatch=True)
REGION: Final = st.sampled_from(["eu-west-1", "us-gov-west-1", "cn-north-1"])
SWITCH: Final = st.sampled_from(["false", "true", "TRUE", "False", "false", "FALSE"])
COUNT: Final = st.sampled_from(["1", "7"])
MODE: Final = st.sampled_from(["standard", "adaptive", "legacy"])
URLS: Final = ("https://a.example", "https://b.example:8443/x", "http://127.0.0.1:9")
URL: Final = st.sampled_from(URLS)
PATH: Final = st.sampled_from(["/not/there.pem", "other.pem"])
NAMES: Final = ("default", "a", "b-1")

KEYS: Final = {
    "aws_session_token": VALUE,
    "aws_security_token": VALUE,
}
SETTINGS: Final = {
    "region": REGION,
    "max_attempts": COUNT,
    "retry_mode": MODE,
    "use_fips_endpoint": SWITCH,
    "use_dualstack_endpoint": SWITCH,
    "ignore_configured_endpoint_urls": SWITCH,
    "endpoint_url": URL,
    "services": st.sampled_from(["s", "t"]),
    "ca_bundle": PATH,
    "sdk_ua_app_id": VALUE,
}
VARIABLES: Final = {
    "AWS_PROFILE": st.sampled_from(NAMES),
    "AWS_DEFAULT_PROFILE": st.sampled_from(NAMES),
    "AWS_REGION": REGION,
    "AWS_DEFAULT_REGION": REGION,
    "AWS_MAX_ATTEMPTS": COUNT,
    "AWS_RETRY_MODE": MODE,
    "AWS_USE_FIPS_ENDPOINT": SWITCH,
    "AWS_USE_DUALSTACK_ENDPOINT": SWITCH,
    "AWS_ENDPOINT_URL": URL,
    "AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME": URL,
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": SWITCH,
    "AWS_CA_BUNDLE": PATH,
    "AWS_SDK_UA_APP_ID": VALUE,
    "AWS_SESSION_TOKEN": VALUE,
    "AWS_SECURITY_TOKEN": VALUE,
}
SERVICE: Final = st.fixed_dictionaries({}, optional={"endpoint_url": URL})
SERVICES: Final = st.fixed_dictionaries({"s": SERVICE, "t": SERVICE})


def some(
    values: Mapping[str, st.SearchStrategy[str]], *pair: str, whole: int = 0
) -> st.SearchStrategy[dict[str, str]]:
    """Draw a third of *values*, rarely an empty one, and usually all or none of *pair*.

    Args:
        whole: The weight of a complete pair, out of about twenty.
    """
    # A rare case is in the middle of a range, because its ends are drawn more often.
    drawn = {
        name: st.integers(0, 29).flatmap(_drawn(values[name]))
        for name in sorted(values)
    }
    pairs = [pair] * whole + [pair[:1], pair[1:]] + [()] * (20 - whole)
    keys = st.sampled_from(pairs).flatmap(
        lambda names: st.fixed_dictionaries(dict.fromkeys(names, VALUE))
    )
    return st.builds(
        lambda few, keys: {k: v for k, v in few.items() if v is not None} | keys,
        st.fixed_dictionaries(drawn),
        keys,
    )


def _drawn(
    value: st.SearchStrategy[str],
) -> Callable[[int], st.SearchStrategy[str | None]]:
    """Return a function from a random number to *value*, an empty text, or None."""
    empty, unset = st.just(""), st.none()
    return lambda number: empty if number == 15 else value if number > 19 else unset


ENVIRONMENTS: Final = some(
    VARIABLES, "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", whole=8
)


@st.composite
def profiles(draw: st.DrawFn) -> tuple[Sections, Sections]:
    """Draw the sections of a config file and of a credentials file."""
    config: Sections = {}
    keys: Sections = {}
    for name in draw(st.sets(st.sampled_from(NAMES), min_size=2)):
        config[name] = draw(some(SETTINGS)) | {"region": draw(REGION)}
        target = draw(st.sampled_from([config, keys]))
        pair = ("aws_access_key_id", "aws_secret_access_key")
        target[name] = target.get(name, {}) | draw(some(KEYS, *pair, whole=17))
    return config, keys


def botocore_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the environment that botocore reads as this client reads *environ*."""
    adapted = {name: value for name, value in environ.items() if value}
    if "AWS_REGION" in adapted:
        adapted["AWS_DEFAULT_REGION"] = adapted["AWS_REGION"]
    if "AWS_PROFILE" in adapted:
        adapted.pop("AWS_DEFAULT_PROFILE", None)
    return with_id(adapted, "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")


def with_id(values: dict[str, str], key_id: str, secret: str) -> dict[str, str]:
    """Turn a secret without a key id into a key id, which botocore rejects."""
    if secret in values and key_id not in values:
        rest = {name: value for name, value in values.items() if name != secret}
        return {key_id: values[secret]} | rest
    return values


def botocore_sections(sections: Sections) -> Sections:
    plain = {
        name: {key: value for key, value in section.items() if value}
        for name, section in sections.items()
    }
    pair = ("aws_access_key_id", "aws_secret_access_key")
    return {name: with_id(section, *pair) for name, section in plain.items()}


def file_variables(folder: Path) -> dict[str, str]:
    """Return the variables for the files that `write` wrote."""
    return {
        "HOME": str(folder),
        "AWS_CONFIG_FILE": str(folder / "config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(folder / "credentials"),
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def write(folder: Path, config: Sections, keys: Sections, services: Sections) -> None:
    folder.mkdir(exist_ok=True)
    lines = []
    for name, section in config.items():
        lines += [f"[{name if name == 'default' else f'profile {name}'}]"]
        lines += [f"{key} = {value}" for key, value in section.items()]
    for name, section in services.items():
        lines += [f"[services {name}]", "s3 =", "  endpoint_url = https://s3.example"]
        lines += ["sagemaker_runtime ="] if section else []
        lines += [f"  {key} = {value}" for key, value in section.items()]
    (folder / "config").write_text("\n".join(lines))
    lines = []
    for name, section in keys.items():
        lines += [f"[{name}]", *(f"{key}={value}" for key, value in section.items())]
    (folder / "credentials").write_text("\n".join(lines))
    (folder / "credentials").chmod(0o600)


@frozen
class Call:
    """The facts of a call that would have been sent."""

    url: str
    scope: tuple[str, str]
    """Key id and region."""
    token: str | None
    secret: str
    attempts: str | None
    """The maximum number; None for the default of the mode."""
    retry_mode: str
    ca_bundle: str | None
    app_id: str | None

    @classmethod
    def of(cls, url: str, headers: Mapping[str, str], **more: Any) -> Call:
        lower = {name.lower(): value for name, value in headers.items()}
        scope = re.search(
            r"Credential=(.+)/\d{8}/(.+)/sagemaker/", lower["authorization"]
        )
        app = re.search(r" app/(\S+)", lower["user-agent"])
        assert scope is not None
        return cls(
            url,
            (scope[1], scope[2]),
            lower.get("x-amz-security-token"),
            app_id=app and app[1],
            **more,
        )


@contextmanager
def environment(environ: Mapping[str, str]) -> Iterator[None]:
    """Replace the environment of this process by *environ*."""
    previous = dict(os.environ)
    os.environ.clear()
    os.environ.update(environ)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(previous)


LOADER: Final = Loader()
"""Shared by all sessions, because loading the data is slow."""


class Raw(io.BytesIO):
    def stream(self) -> Iterator[bytes]:
        yield self.read()


def text_of(value: str | bytes) -> str:
    return value if isinstance(value, str) else value.decode()


def by_botocore(environ: Mapping[str, str]) -> Call | Exception:
    """Return the call of botocore under *environ*, or its exception."""
    sent: list[AWSPreparedRequest] = []

    def answer(request: AWSPreparedRequest, **_: object) -> AWSResponse:
        sent.append(request)
        return AWSResponse(request.url, 200, {}, Raw(b"{}"))

    with environment(environ):
        session = botocore.session.Session()
        session.register_component("data_loader", LOADER)
        try:
            client = session.create_client("sagemaker-runtime")
            client.meta.events.register("before-send.sagemaker-runtime", answer)
            client.invoke_endpoint(EndpointName="m", Body=b"{}")
        except (BotoCoreError, ValueError) as error:
            return error
        config = client.meta.config
        is_special = config.use_fips_endpoint or config.use_dualstack_endpoint
        if is_special and client.meta.endpoint_url in URLS:
            return EndpointResolutionError("the endpoint rules reject both")
        retries = config.retries
        attempts = retries.get("total_max_attempts")
        keys = session.get_credentials().get_frozen_credentials()
        return Call.of(
            sent[0].url,
            {name: text_of(value) for name, value in sent[0].headers.items()},
            attempts=attempts and str(attempts),
            retry_mode=retries["mode"],
            secret=keys.secret_key,
            ca_bundle=session.get_config_variable("ca_bundle"),
        )


async def by_client(environ: Mapping[str, str]) -> Call | Exception:
    """Return the call of this client under *environ*, or its exception."""
    http_client = ScriptedHTTPClient(response(200))
    try:
        async with Client(environ=environ, http_client=http_client) as client:
            await client.invoke_endpoint(endpoint_name="m", body=b"{}")
        config = Config.read(environ=environ)
        options = config.fill(Options())
        keys = await DefaultChain(config.provider_context()).retrieve()
    except SageMakerRuntimeError as error:
        assert not http_client.requests
        return error
    (request,) = http_client.requests
    assert request.endpoint is not None
    attempts = options.retry.max_attempts
    return Call.of(
        request.endpoint.url + request.path,
        dict(request.headers),
        attempts=attempts and str(attempts),
        retry_mode=options.retry.retry_mode or "standard",
        secret=keys.secret_access_key,
        ca_bundle=options.tls.ca_bundle,
    )


FILES: Final[tuple[Sections, Sections]] = (
    {"default": {"region": "eu-west-1"}, "a": {"region": "us-gov-west-1"}},
    {
        "default": {"aws_access_key_id": "D", "aws_secret_access_key": "of-d"},
        "a": {"aws_access_key_id": "A", "aws_secret_access_key": "of-a"},
    },
)
FIPS_AT_URL: Final = {"AWS_ENDPOINT_URL": URLS[0], "AWS_USE_FIPS_ENDPOINT": "true"}
REGIONS: Final = {"AWS_REGION": "cn-north-1", "AWS_DEFAULT_REGION": "eu-west-1"}
PROFILES: Final = {"AWS_PROFILE": "a", "AWS_DEFAULT_PROFILE": "default"}
BLANKS: Final = {"AWS_PROFILE": "", "AWS_DEFAULT_REGION": "", "AWS_MAX_ATTEMPTS": ""}


@example(environ=BLANKS, files=FILES, services={})
@example(environ=REGIONS, files=FILES, services={})
@example(environ=PROFILES, files=FILES, services={})
@example(environ={"AWS_SECRET_ACCESS_KEY": "s"}, files=FILES, services={})
@example(environ=FIPS_AT_URL, files=FILES, services={})
@settings(
    phases=[Phase.explicit, Phase.generate, Phase.shrink],  # explaining takes too long
)
@given(environ=ENVIRONMENTS, files=profiles(), services=SERVICES)
async def test_a_call_is_that_of_botocore(
    tmp_path: Path,
    environ: dict[str, str],
    files: tuple[Sections, Sections],
    services: Sections,
) -> None:
    client_folder, botocore_folder = tmp_path / "client", tmp_path / "botocore"
    config, keys = files
    write(client_folder, config, keys, services)
    config, keys = map(botocore_sections, files)
    write(botocore_folder, config, keys, services)

    expected = by_botocore(
        botocore_environment(environ) | file_variables(botocore_folder)
    )
    actual = await by_client(environ | file_variables(client_folder))

    event(type(expected).__name__)
    if isinstance(expected, Exception):
        assert isinstance(actual, SageMakerRuntimeError), expected
    else:
        assert expected == actual
