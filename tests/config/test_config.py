from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any, Final

import pytest

from sagemaker_rt.client import Client
from sagemaker_rt.config.config import Config, ConfigValue
from sagemaker_rt.config.option_sources import OPTION_SOURCES
from sagemaker_rt.credentials.http_fetch import service_url
from sagemaker_rt.errors import (
    CredentialsError,
    EndpointResolutionError,
    OptionsError,
    ProfileNotFoundError,
    SharedConfigError,
)
from sagemaker_rt.identity import Credentials
from sagemaker_rt.options import Options, with_options
from sagemaker_rt.sansio.proxy_selection import Proxies
from tests.credentials.services import Handler, ServiceRequest, service
from tests.doubles import ScriptedHTTPClient, response
from tests.transport.servers import Peer, serve

READ: Final[list[tuple[str, str, dict[str, Any]]]] = [
    ("AWS_REGION", "eu-west-1", {"region": "eu-west-1"}),
    ("AWS_DEFAULT_REGION", "eu-west-1", {"region": "eu-west-1"}),
    (
        "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
        "true",
        {"ignore_configured_endpoint_urls": True},
    ),
    (
        "AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME",
        "https://a.example",
        {"endpoint_url": "https://a.example"},
    ),
    ("AWS_ENDPOINT_URL", "https://a.example", {"endpoint_url": "https://a.example"}),
    ("AWS_USE_FIPS_ENDPOINT", "true", {"use_fips_endpoint": True}),
    ("AWS_USE_DUALSTACK_ENDPOINT", "TRUE", {"use_dualstack_endpoint": True}),
    ("AWS_RETRY_MODE", "Adaptive", {"retry_mode": "adaptive"}),
    ("AWS_NEW_RETRIES_2026", "false", {"retry_rules": "pre-2026"}),
    ("AWS_DISABLE_CLOCK_SKEW_CORRECTION", "true", {"correct_clock_skew": False}),
    ("AWS_MAX_ATTEMPTS", "5", {"max_attempts": 5}),
    ("AWS_DEFAULTS_MODE", "In-Region", {"defaults_mode": "in-region"}),
    (
        "AWS_AUTH_SCHEME_PREFERENCE",
        "sigv4, noAuth,",
        {"auth_scheme_preference": ("sigv4", "noAuth")},
    ),
    ("AWS_CA_BUNDLE", "/ca.pem", {"ca_bundle": "/ca.pem"}),
    ("REQUESTS_CA_BUNDLE", "/ca.pem", {"ca_bundle": "/ca.pem"}),
    ("https_proxy", "http://a:1", {"https_proxy": "http://a:1"}),
    ("HTTPS_PROXY", "a:1", {"https_proxy": "http://a:1"}),
    ("http_proxy", "http://b:2", {"http_proxy": "http://b:2"}),
    ("HTTP_PROXY", "//b:2", {"http_proxy": "http://b:2"}),
    ("no_proxy", "a.example", {"no_proxy": "a.example"}),
    ("NO_PROXY", "b.example", {"no_proxy": "b.example"}),
    ("AWS_SDK_UA_APP_ID", "my-app", {"app_id": "my-app"}),
    ("AWS_CSM_ENABLED", "true", {"client_side_monitoring": True}),
    ("AWS_CSM_HOST", "::1", {"client_side_monitoring_host": "::1"}),
    ("AWS_CSM_PORT", "31001", {"client_side_monitoring_port": 31001}),
    ("AWS_CSM_CLIENT_ID", "a", {"client_side_monitoring_client_id": "a"}),
]
"""Each variable, a value, and the options that it makes."""

IN_CODE: Final[dict[str, Any]] = {
    "region": "us-east-1",
    "ignore_configured_endpoint_urls": False,
    "endpoint_url": "https://code.example",
    "use_fips_endpoint": False,
    "use_dualstack_endpoint": False,
    "retry_mode": "off",
    "retry_rules": "2026",
    "correct_clock_skew": True,
    "max_attempts": 1,
    "defaults_mode": "mobile",
    "auth_scheme_preference": ("noAuth",),
    "ca_bundle": "/in-code.pem",
    "https_proxy": "http://in-code:1",
    "http_proxy": "http://in-code:2",
    "no_proxy": "in-code.example",
    "app_id": "in-code",
    "client_side_monitoring": False,
    "client_side_monitoring_host": "127.0.0.2",
    "client_side_monitoring_port": 31002,
    "client_side_monitoring_client_id": "in-code",
}


def filled(options: Options, environ: dict[str, str]) -> Options:
    return Config(environ).fill(options)


def test_every_variable_is_tested() -> None:
    names = [
        name
        for source in OPTION_SOURCES
        for name in (*source.variables, *source.last_variables)
    ]

    assert sorted(names) == sorted(name for name, _, _ in READ)


def test_a_variable_fills_what_is_unset(subtests: pytest.Subtests) -> None:
    for name, value, fields in READ:
        with subtests.test(name, value=value):
            assert Options(**fields) == filled(Options(), {name: value})


def test_what_is_set_in_code_stays(subtests: pytest.Subtests) -> None:
    for name, value, fields in READ:
        with subtests.test(name, value=value):
            (field,) = fields
            options = Options(**{field: IN_CODE[field]})

            assert options is filled(options, {name: value})


def test_an_empty_variable_is_unset(subtests: pytest.Subtests) -> None:
    for name, _, _ in READ:
        with subtests.test(name):
            options = Options()

            assert options is filled(options, {name: ""})


@pytest.mark.parametrize(
    ("environ", "fields"),
    [
        (
            {"AWS_DEFAULT_REGION": "a", "AWS_REGION": "b"},
            {"region": "b"},
        ),
        (
            {"AWS_DEFAULT_REGION": "a", "AWS_REGION": ""},
            {"region": "a"},
        ),
        (
            {
                "AWS_ENDPOINT_URL": "https://a.example",
                "AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME": "https://b.example",
            },
            {"endpoint_url": "https://b.example"},
        ),
        (
            {
                "AWS_ENDPOINT_URL": "https://a.example",
                "AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME": "",
            },
            {"endpoint_url": "https://a.example"},
        ),
    ],
)
def test_the_first_variable_that_is_not_empty_counts(
    environ: dict[str, str], fields: dict[str, Any]
) -> None:
    assert Options(**fields) == filled(Options(), environ)


def test_all_variables_are_read_together() -> None:
    environ = {name: value for name, value, _ in READ if "IGNORE" not in name}

    found = filled(Options(connect_timeout=1), environ)

    assert (
        Options(
            region="eu-west-1",
            endpoint_url="https://a.example",
            use_fips_endpoint=True,
            use_dualstack_endpoint=True,
            retry_mode="adaptive",
            retry_rules="pre-2026",
            correct_clock_skew=False,
            max_attempts=5,
            defaults_mode="in-region",
            auth_scheme_preference=("sigv4", "noAuth"),
            ca_bundle="/ca.pem",
            https_proxy="http://a:1",
            http_proxy="http://b:2",
            no_proxy="a.example",
            app_id="my-app",
            client_side_monitoring=True,
            client_side_monitoring_host="::1",
            client_side_monitoring_port=31001,
            client_side_monitoring_client_id="a",
            connect_timeout=1,
        )
        == found
    )


PROXIES: Final = {
    "HTTPS_PROXY": "http://me:hush@a:1",
    "HTTP_PROXY": "http://b:2",
    "NO_PROXY": "a.example",
}


@pytest.mark.parametrize("name", ["proxy", "https_proxy", "http_proxy"])
def test_a_proxy_in_code_takes_those_of_the_environment_out(name: str) -> None:
    options = Options().replace(**{name: "http://c:3"})

    assert options is filled(options, PROXIES)


def test_who_names_hosts_in_code_keeps_the_proxies_of_the_environment() -> None:
    found = filled(Options(no_proxy="*"), PROXIES)

    assert ("http://b:2", "*") == (found.http.http_proxy, found.http.no_proxy)


def test_the_proxy_that_a_stranger_names_in_a_header_does_not_count() -> None:
    found = filled(Options(), {**PROXIES, "REQUEST_METHOD": "GET"})

    assert None is found.http.http_proxy
    assert None is not found.http.https_proxy


def test_a_blank_variable_in_lower_case_means_no_proxy() -> None:
    assert None is filled(Options(), {**PROXIES, "https_proxy": ""}).http.https_proxy


def test_the_password_of_a_proxy_is_not_shown() -> None:
    config = Config(PROXIES)

    line = "https_proxy: [redacted]@a:1 (environment variable HTTPS_PROXY)"
    assert line in config.explain().splitlines()
    assert "http_proxy: http://b:2 (environment variable HTTP_PROXY)" in (
        config.explain().splitlines()
    )
    assert "hush" not in repr(config.found()) + repr(config.fill(Options()))
    assert "hush" not in repr(config.provider_context())


def test_an_invalid_proxy_is_shown_without_its_password() -> None:
    config = Config({"HTTPS_PROXY": "socks5://me:hush@a:1"})

    with pytest.raises(OptionsError, match="HTTPS_PROXY") as caught:
        config.fill(Options())

    assert "hush" not in str(caught.value)


def test_public_services_are_asked_by_the_proxies_of_the_environment() -> None:
    config = Config(PROXIES)
    given = Proxies(https="http://c:3")

    assert (
        Options(
            https_proxy=PROXIES["HTTPS_PROXY"],
            http_proxy=PROXIES["HTTP_PROXY"],
            no_proxy=PROXIES["NO_PROXY"],
        ).http.proxies
        == config.provider_context().proxies
    )
    assert given == config.provider_context(proxies=given).proxies


URLS: Final = {
    "AWS_ENDPOINT_URL": "https://a.example",
    "AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME": "https://b.example",
}


@pytest.mark.parametrize(
    ("options", "switch", "expected"),
    [
        (Options(), "true", None),
        (Options(), "false", "https://b.example"),
        (Options(), "", "https://b.example"),
        (Options(ignore_configured_endpoint_urls=True), "false", None),
        (Options(ignore_configured_endpoint_urls=False), "true", "https://b.example"),
        (Options(endpoint_url="https://code.example"), "true", "https://code.example"),
    ],
    ids=["on", "off", "empty", "on in code", "off in code", "a url in code"],
)
def test_urls_of_the_environment_can_be_ignored(
    options: Options, switch: str, expected: str | None
) -> None:
    environ = {**URLS, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": switch}

    assert expected == filled(options, environ).endpoint.endpoint_url


def test_no_attempts_means_that_the_default_counts() -> None:
    found = filled(Options(), {"AWS_MAX_ATTEMPTS": "0"})

    assert found.retry.max_attempts is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "yes"),
        ("AWS_USE_FIPS_ENDPOINT", "1"),
        ("AWS_USE_DUALSTACK_ENDPOINT", " true"),
        ("AWS_MAX_ATTEMPTS", "many"),
        ("AWS_MAX_ATTEMPTS", "2.5"),
        ("AWS_MAX_ATTEMPTS", "-1"),
    ],
)
def test_an_invalid_variable_is_named_with_its_value(name: str, value: str) -> None:
    with pytest.raises(OptionsError) as caught:
        filled(Options(), {name: value})

    assert name in str(caught.value)
    assert repr(value) in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_wrong_value_of_what_is_set_in_code_does_not_matter() -> None:
    options = Options(max_attempts=2)

    assert options is filled(options, {"AWS_MAX_ATTEMPTS": "many"})


def test_other_variables_are_not_read() -> None:
    options = Options()

    assert options is filled(options, {"AWS_PROFILE": "a", "HOME": "/"})


def test_what_is_found_once_is_found_again() -> None:
    environ = {name: value for name, value, _ in READ}

    found = filled(Options(), environ)

    assert found is filled(found, {**environ, "AWS_REGION": "another"})


@pytest.fixture
def home(tmp_path: Path) -> dict[str, str]:
    """Return an environment whose home folder is empty."""
    (tmp_path / ".aws").mkdir()
    return {"HOME": str(tmp_path)}


def write(home: dict[str, str], name: str, text: str, *, mode: int = 0o600) -> Path:
    path = Path(home["HOME"]) / ".aws" / name
    path.write_text(text)
    path.chmod(mode)
    return path


PROFILES: Final = """
[default]
region = eu-west-1
retry_mode = legacy
max_attempts = 7
[profile dev]
region = us-east-2
use_fips_endpoint = true
use_dualstack_endpoint = false
sdk_ua_app_id = of-the-profile
disable_clock_skew_correction = true
services = local
[services local]
s3 =
  endpoint_url = http://127.0.0.1:1
sagemaker_runtime =
  endpoint_url = http://127.0.0.1:2
"""


async def test_the_files_are_read_for_what_is_unset(home: dict[str, str]) -> None:
    write(home, "config", PROFILES)

    config = await Config.load(environ=home)

    expected = Options(region="eu-west-1", retry_mode="legacy", max_attempts=2)
    assert expected == config.fill(Options(max_attempts=2))
    assert "default" == config.profile


@pytest.mark.parametrize(
    ("given", "variables"),
    [
        ("dev", {}),
        ("dev", {"AWS_PROFILE": "default"}),
        (None, {"AWS_PROFILE": "dev", "AWS_DEFAULT_PROFILE": "default"}),
        (None, {"AWS_DEFAULT_PROFILE": "dev"}),
    ],
)
async def test_a_profile_is_named_in_code_or_by_the_environment(
    home: dict[str, str], given: str | None, variables: dict[str, str]
) -> None:
    write(home, "config", PROFILES)

    config = await Config.load(profile=given, environ={**home, **variables})

    expected = Options(
        region="us-east-2",
        use_fips_endpoint=True,
        use_dualstack_endpoint=False,
        app_id="of-the-profile",
        correct_clock_skew=False,
        endpoint_url="http://127.0.0.1:2",
    )
    assert expected == config.fill(Options())


async def test_the_environment_goes_before_the_files(home: dict[str, str]) -> None:
    write(home, "config", PROFILES)
    environ = {**home, "AWS_REGION": "a", "AWS_RETRY_MODE": "off"}

    found = (await Config.load(environ=environ)).fill(Options())

    assert ("a", "off", 7) == (
        found.region,
        found.retry.retry_mode,
        found.retry.max_attempts,
    )


async def test_the_files_may_be_elsewhere(home: dict[str, str]) -> None:
    elsewhere = Path(home["HOME"]) / "elsewhere"
    elsewhere.write_text("[default]\nregion = a\n")
    write(home, "keys", "[default]\nmax_attempts = 9\n")
    environ = {
        **home,
        "AWS_CONFIG_FILE": str(elsewhere),
        "AWS_SHARED_CREDENTIALS_FILE": "~/.aws/keys",
    }

    config = await Config.load(environ=environ)

    assert Options(region="a", max_attempts=9) == config.fill(Options())
    assert (str(elsewhere), f"{home['HOME']}/.aws/keys") == config.files


async def test_files_that_are_not_there_say_nothing(home: dict[str, str]) -> None:
    options = Options()

    assert options is (await Config.load(environ=home)).fill(options)
    assert options is (await Config.load(environ={})).fill(options)


@pytest.mark.parametrize("variables", [{}, {"AWS_PROFILE": "nobody"}])
async def test_a_profile_that_no_file_has_is_an_error(
    home: dict[str, str], variables: dict[str, str]
) -> None:
    write(home, "config", PROFILES)
    given = None if variables else "nobody"

    with pytest.raises(ProfileNotFoundError) as caught:
        await Config.load(profile=given, environ={**home, **variables})

    folder = f"{home['HOME']}/.aws"
    for word in ("'nobody'", f"{folder}/config", f"{folder}/credentials"):
        assert word in str(caught.value)


@pytest.mark.parametrize(
    ("text", "line", "word"),
    [
        ("[default]\nmax_attempts = many\n", 2, "'many'"),
        ("[default]\ncsm_port = 65536\n", 2, "'65536'"),
        ("[default]\nservices = gone\n", 2, "[services gone]"),
        (
            "[default]\nservices = s\n[services s]\nsagemaker_runtime = http://x\n",
            4,
            "name = value",
        ),
    ],
)
async def test_an_invalid_property_is_named_with_its_line(
    home: dict[str, str], text: str, line: int, word: str
) -> None:
    file = write(home, "config", text)
    config = await Config.load(environ=home)

    with pytest.raises(OptionsError) as caught:
        config.fill(Options())

    assert f"{file}, line {line}" in str(caught.value)
    assert word in str(caught.value)


async def test_an_unreadable_file_is_named(home: dict[str, str]) -> None:
    path = write(home, "config", "")
    path.write_bytes(b"\xff\xfe")

    with pytest.raises(SharedConfigError) as caught:
        await Config.load(environ=home)

    assert str(path) in str(caught.value)
    assert "UTF-8" in str(caught.value)
    assert caught.value.__cause__ is None


ORDER: Final = [
    ({"AWS_CA_BUNDLE": "/a", "REQUESTS_CA_BUNDLE": "/b"}, "/p", "/a"),
    ({"REQUESTS_CA_BUNDLE": "/b"}, "/p", "/p"),
    ({"REQUESTS_CA_BUNDLE": "/b"}, "", "/b"),
]


@pytest.mark.parametrize(("environ", "property", "expected"), ORDER)
def test_the_variable_of_requests_counts_last(
    home: dict[str, str], environ: dict[str, str], property: str, expected: str
) -> None:
    write(home, "config", f"[default]\nca_bundle = {property}\n")

    config = Config.read(environ={**home, **environ})

    assert expected == config.fill(Options()).tls.ca_bundle


def test_the_variable_of_requests_is_explained() -> None:
    config = Config({"REQUESTS_CA_BUNDLE": "~/ca.pem", "HOME": "/me"})

    expected = "ca_bundle: /me/ca.pem (environment variable REQUESTS_CA_BUNDLE)"
    assert expected in config.explain()


@pytest.mark.parametrize(
    "name", ["ca_bundle", "ca_directory", "client_cert", "client_key"]
)
def test_paths_in_code_are_expanded(name: str) -> None:
    options = Options().replace(**{name: "~/$NAME.pem"})

    found = Config({"HOME": "/me", "NAME": "x"}).fill(options)

    assert "/me/x.pem" == found.flat()[name]
    assert found is Config({}).fill(found)


def test_an_unreadable_ca_bundle_is_named_with_its_source(
    home: dict[str, str],
) -> None:
    file = write(home, "config", "[default]\nca_bundle = ~/none.pem\n")
    context = Config.read(environ=home).provider_context()

    with pytest.raises(OptionsError) as caught:
        context.make_ssl_context()

    assert f"{home['HOME']}/none.pem" in str(caught.value)
    assert f"ca_bundle in {file}, line 2" in str(caught.value)


@pytest.mark.parametrize(
    ("environ", "text"),
    [
        ({"AWS_REGION": "us-east-1a"}, "did you mean 'us-east-1'"),
        ({"AWS_DEFAULT_REGION": "a.b"}, "'a.b'"),
        ({"AWS_ENDPOINT_URL": "a.example"}, "'a.example'"),
        ({"AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME": "https://me:hush@a"}, "user info"),
    ],
)
def test_a_region_or_url_that_cannot_be_used_is_named_with_its_source(
    environ: dict[str, str], text: str
) -> None:
    (name,) = environ

    with pytest.raises(EndpointResolutionError) as caught:
        Config(environ).require_endpoint(Options())

    assert f"environment variable {name}: " in str(caught.value)
    assert text in str(caught.value)
    assert "hush" not in str(caught.value)
    in_code = Options(region="us-east-1", endpoint_url="https://a.example")
    Config(environ).require_endpoint(in_code)


async def test_an_invalid_variable_does_not_matter_where_code_sets_the_option() -> None:
    environ = {
        "AWS_MAX_ATTEMPTS": "many",
        "AWS_USE_FIPS_ENDPOINT": "yes",
        "HTTPS_PROXY": "socks5://a:1",
        "AWS_REGION": "us-east-1a",
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    client = Client(
        max_attempts=1,
        use_fips_endpoint=False,
        proxy="http://a:1",
        region="us-east-1",
        environ=environ,
    )

    with pytest.raises(CredentialsError, match="no credentials found"):
        await client.invoke_endpoint(endpoint_name="a", body=b"")


async def test_what_was_found_can_be_read_with_its_place(home: dict[str, str]) -> None:
    file = write(home, "config", PROFILES)

    config = await Config.load(environ={**home, "AWS_REGION": "a"})

    assert config.explain().splitlines() == [
        f"profile: default ({file}, {file.parent}/credentials)",
        "region: a (environment variable AWS_REGION)",
        f"retry_mode: legacy (retry_mode in {file}, line 4)",
        f"max_attempts: 7 (max_attempts in {file}, line 5)",
    ]
    assert (
        ConfigValue("a", "environment variable AWS_REGION") == config.found()["region"]
    )


async def test_an_ignored_file_is_explained(home: dict[str, str]) -> None:
    path = Path(home["HOME"]) / ".aws" / "credentials"
    path.mkdir()

    config = await Config.load(environ=home)

    assert f"ignored: {path} (Is a directory)" in config.explain().splitlines()
    assert {str(path): "Is a directory"} == config.ignored_files
    assert str(path) in config.files


def test_nothing_secret_is_shown() -> None:
    config = Config({"AWS_SECRET_ACCESS_KEY": "hush"})

    assert "hush" not in repr(config)


def instance(where: str, *, received: list[str] | None = None) -> Handler:
    """Return the metadata service of an instance in region *where*."""

    def answer(request: ServiceRequest) -> tuple[int, str]:
        if received is not None:
            received.append(request.target)
        if request.target == "/latest/api/token":
            return 200, "TOKEN"
        return (200, where) if request.target.endswith("/region") else (404, "")

    return answer


AUTO: Final = {"AWS_DEFAULTS_MODE": "auto", "AWS_REGION": "eu-west-1"}


@pytest.mark.parametrize(
    ("where", "mode"), [("eu-west-1", "in-region"), ("us-east-1", "cross-region")]
)
async def test_auto_reads_the_region_of_the_instance(where: str, mode: str) -> None:
    async with service(instance(where)) as server:
        environ = {**AUTO, "AWS_EC2_METADATA_SERVICE_ENDPOINT": server.url}
        config = await Config(environ).locate(Options())

    assert mode == config.fill(Options()).timeouts.defaults_mode


@pytest.mark.parametrize(
    ("environ", "region", "mode"),
    [
        ({"AWS_EXECUTION_ENV": "AWS_Lambda_python3.13"}, None, "in-region"),
        ({"AWS_EXECUTION_ENV": "AWS_ECS_FARGATE"}, "us-east-1", "cross-region"),
        ({"AWS_EC2_METADATA_DISABLED": "true"}, None, "standard"),
    ],
)
async def test_auto_sends_no_request_if_the_environment_has_the_region(
    environ: dict[str, str], region: str | None, mode: str
) -> None:
    received: list[str] = []
    options = Options(region=region)
    async with service(instance("eu-west-1", received=received)) as server:
        url = {"AWS_EC2_METADATA_SERVICE_ENDPOINT": server.url}
        config = await Config({**AUTO, **url, **environ}).locate(options)

    assert [] == received
    assert mode == config.fill(options).timeouts.defaults_mode


async def test_auto_is_standard_where_no_instance_answers() -> None:
    async with service(lambda _: (404, "")) as server:
        environ = {**AUTO, "AWS_EC2_METADATA_SERVICE_ENDPOINT": server.url}
        config = await Config(environ).locate(Options())

    assert "standard" == config.fill(Options()).timeouts.defaults_mode


@pytest.mark.parametrize("given", [True, False], ids=["given", "read"])
async def test_a_client_finds_out_where_it_is(*, given: bool, tmp_path: Path) -> None:
    async with service(instance("eu-west-1")) as server:
        here = {"AWS_EC2_METADATA_SERVICE_ENDPOINT": server.url, "HOME": str(tmp_path)}
        environ = {**AUTO, **here}
        config = Config(environ) if given else None
        client = await Client.from_config(config, environ=environ)

    http_client = ScriptedHTTPClient(response())
    given_here = with_options(
        http_client=http_client, credentials=Credentials("AKID", "a-secret")
    )
    await client.invoke_endpoint(given_here, endpoint_name="m", body=b"")
    assert 1.1 == http_client.requests[0].timeouts.connect


def test_without_a_home_there_are_no_files_below_it(tmp_path: Path) -> None:
    config = Config.read(environ={})
    elsewhere = Config.read(environ={"AWS_CONFIG_FILE": str(tmp_path / "config")})

    assert () == config.files
    assert (str(tmp_path / "config"),) == elsewhere.files


def test_a_profile_without_any_file_is_not_there() -> None:
    with pytest.raises(ProfileNotFoundError) as caught:
        Config.read(environ={"AWS_PROFILE": "dev"})

    assert "'dev'" in str(caught.value)


def test_a_blank_name_of_services_counts_as_unset(home: dict[str, str]) -> None:
    write(home, "config", "[default]\nservices =\nendpoint_url = https://a.example\n")

    found = Config.read(environ=home).found()

    assert "https://a.example" == found["endpoint_url"].value


async def test_auto_takes_half_of_a_calls_time_at_most() -> None:
    async def hang(peer: Peer) -> None:
        await peer.hang()

    async with serve(hang) as server:
        url = f"http://127.0.0.1:{server.port}"
        environ = {**AUTO, "AWS_EC2_METADATA_SERVICE_ENDPOINT": url}
        async with asyncio.timeout(2):
            config = await Config(environ).locate(Options(total_timeout=0.04))

    assert config.current_region is None


@pytest.mark.parametrize(
    "environ",
    [
        {"AWS_USE_FIPS_ENDPOINT": "true", "AWS_USE_DUALSTACK_ENDPOINT": "true"},
        {"AWS_CONFIG_FILE": "FILE"},
    ],
)
def test_credentials_services_have_the_endpoints_of_the_settings(
    environ: dict[str, str], tmp_path: Path
) -> None:
    file = tmp_path / "config"
    file.write_text(
        "[default]\nuse_fips_endpoint = true\nuse_dualstack_endpoint = true\n"
    )
    environ = {key: value.replace("FILE", str(file)) for key, value in environ.items()}

    context = Config.read(environ=environ).provider_context(region="eu-west-1")

    url = service_url(context, "STS", "sts", "eu-west-1")
    assert url == "https://sts-fips.eu-west-1.api.aws"
