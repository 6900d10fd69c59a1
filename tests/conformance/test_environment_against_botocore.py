"""What environment and shared files lead to, as botocore reads them, both generated.

Each example is an environment and two files; the oracle is a client of botocore's own
session in that environment, asked for one call, which is taken from it before it is
sent. Where botocore fails, so do we, before anything is sent.

The two differ where `as_they_read_it` says so, by making of an environment the one that
botocore needs to agree:

* what is set to nothing, a variable or a property, counts as unset; botocore takes it
  for a value, and fails on the region ``""`` and on the services section of no name;
* AWS_REGION goes before AWS_DEFAULT_REGION, as in all SDKs but botocore;
* AWS_PROFILE goes before AWS_DEFAULT_PROFILE, as in the SDK for Go; botocore has them
  the other way round;
* half a pair of keys is refused, whichever half it is; botocore passes over a secret
  that has no key id;
* an endpoint URL with the FIPS or the dual-stack switch on is refused, as the service's
  own rules say; botocore drops the switch, and nobody would notice;

and these values are not generated:

* switches that are neither true nor false, an unknown retry mode, and a negative number
  of attempts: we refuse them by their name; for botocore the first are false;
* 0 attempts, which we take for unset, as other SDKs do;
* endpoint URLs by plain ``http`` to other machines, which we refuse;
* keys of one profile in both files, of which the other test of this kind has more.
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
from hypothesis import HealthCheck, Phase, event, example, given, settings
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
SERVICES: Final = st.fixed_dictionaries({"s": SERVICE}, optional={"t": SERVICE})


def some(
    of: Mapping[str, st.SearchStrategy[str]], *pair: str, whole: int = 0
) -> st.SearchStrategy[dict[str, str]]:
    """Draw a third of *of*, seldom a blank one; and mostly a *pair* of keys, or none.

    Args:
        whole: How many of twenty pairs are there, and whole.
    """
    # what is to be rare is in the middle of a range: its ends are drawn more often
    drawn = {name: st.integers(0, 29).flatmap(_drawn(of[name])) for name in sorted(of)}
    halves = [pair] * whole + [pair[:1], pair[1:]] + [()] * (20 - whole)
    keys = st.sampled_from(halves).flatmap(
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
    """Return what a die's number makes of *value*."""
    blank, nothing = st.just(""), st.none()
    return lambda number: blank if number == 15 else value if number > 19 else nothing


ENVIRONMENTS: Final = some(
    VARIABLES, "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", whole=8
)


@st.composite
def profiles(draw: st.DrawFn) -> tuple[Sections, Sections]:
    """Draw the sections of a config file, and those of a credentials file."""
    config: Sections = {}
    keys: Sections = {}
    for name in draw(st.sets(st.sampled_from(NAMES), min_size=2)):
        config[name] = draw(some(SETTINGS)) | {"region": draw(REGION)}
        where = draw(st.sampled_from([config, keys]))
        pair = ("aws_access_key_id", "aws_secret_access_key")
        where[name] = where.get(name, {}) | draw(some(KEYS, *pair, whole=17))
    return config, keys


def as_they_read_it(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the environment that means to botocore what *environ* does to us."""
    theirs = {name: value for name, value in environ.items() if value}
    if "AWS_REGION" in theirs:
        theirs["AWS_DEFAULT_REGION"] = theirs["AWS_REGION"]
    if "AWS_PROFILE" in theirs:
        theirs.pop("AWS_DEFAULT_PROFILE", None)
    return with_id(theirs, "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")


def with_id(given: dict[str, str], key_id: str, secret: str) -> dict[str, str]:
    """Return *given* with the half of a pair that botocore minds, if it has one."""
    if secret in given and key_id not in given:
        return {key_id: given[secret]} | {k: v for k, v in given.items() if k != secret}
    return given


def sections_as_they_read_them(sections: Sections) -> Sections:
    plain = {
        name: {key: value for key, value in section.items() if value}
        for name, section in sections.items()
    }
    pair = ("aws_access_key_id", "aws_secret_access_key")
    return {name: with_id(section, *pair) for name, section in plain.items()}


def places(folder: Path) -> dict[str, str]:
    """Return the variables that lead to what `write` has written, and nowhere else."""
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
    """What is known of a call that would have been sent."""

    url: str
    scope: tuple[str, str]
    """Key id and region."""
    token: str | None
    secret: str
    attempts: str | None
    """The greatest number of them, where it is not the mode's own."""
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
def only(environ: Mapping[str, str]) -> Iterator[None]:
    """Let this process have *environ*, and no other variables, for the block."""
    kept = dict(os.environ)
    os.environ.clear()
    os.environ.update(environ)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(kept)


LOADER: Final = Loader()
"""Of all sessions, since reading their data takes long."""


class Raw(io.BytesIO):
    def stream(self) -> Iterator[bytes]:
        yield self.read()


def text_of(value: str | bytes) -> str:
    return value if isinstance(value, str) else value.decode()


def theirs(environ: Mapping[str, str]) -> Call | Exception:
    """Return botocore's call under *environ*, or why there is none."""
    sent: list[AWSPreparedRequest] = []

    def answer(request: AWSPreparedRequest, **_: object) -> AWSResponse:
        sent.append(request)
        return AWSResponse(request.url, 200, {}, Raw(b"{}"))

    with only(environ):
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
            return EndpointResolutionError("the service's rules refuse both")
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


async def ours(environ: Mapping[str, str]) -> Call | Exception:
    """Return our call under *environ*, or why there is none."""
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
    max_examples=100,
    deadline=None,
    phases=[Phase.explicit, Phase.generate, Phase.shrink],  # a tracer takes too long
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(environ=ENVIRONMENTS, files=profiles(), services=SERVICES)
async def test_a_call_is_that_of_botocore_in_the_same_environment(
    tmp_path: Path,
    environ: dict[str, str],
    files: tuple[Sections, Sections],
    services: Sections,
) -> None:
    here, there = tmp_path / "ours", tmp_path / "theirs"
    config, keys = files
    write(here, config, keys, services)
    config, keys = map(sections_as_they_read_them, files)
    write(there, config, keys, services)

    expected = theirs(as_they_read_it(environ) | places(there))
    actual = await ours(environ | places(here))

    event(type(expected).__name__)
    if isinstance(expected, Exception):
        assert isinstance(actual, SageMakerRuntimeError), expected
    else:
        assert expected == actual
