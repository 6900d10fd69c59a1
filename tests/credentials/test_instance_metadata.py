from __future__ import annotations

import json

import pytest
from attrs import evolve

from sagemaker_rt.credentials.instance_metadata import InstanceMetadataCredentials
from sagemaker_rt.errors import CredentialsError, OptionsError
from sagemaker_rt.identity import Credentials
from sagemaker_rt.sansio.proxy_selection import Proxies
from tests.credentials.services import Asked, make_context, service

ENDPOINT = "AWS_EC2_METADATA_SERVICE_ENDPOINT"
MODE = "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE"
ROLES = "/latest/meta-data/iam/security-credentials/"
WHOLE = {
    "Code": "Success",
    "AccessKeyId": "AKID",
    "SecretAccessKey": "hush",
    "Token": "a-token",
    "Expiration": "2023-11-14T22:13:20Z",
}


class Metadata:
    """The metadata service of an instance; it fails as *failures* say, in order."""

    def __init__(
        self, *failures: int, document: object = WHOLE, role: str = "r"
    ) -> None:
        self._failures = list(failures)
        self._document = document
        self._role = role

    def __call__(self, asked: Asked) -> tuple[int, str]:
        if self._failures and (status := self._failures.pop(0)) != 200:
            return status, ""
        if asked.target == "/latest/api/token":
            assert asked.method == "PUT"
            assert asked.headers["x-aws-ec2-metadata-token-ttl-seconds"] == "21600"
            return 200, "TOKEN"
        assert asked.headers["x-aws-ec2-metadata-token"] == "TOKEN"
        if asked.target == ROLES:
            return (200, self._role) if self._role else (404, "")
        return 200, json.dumps(self._document)


async def retrieve(
    metadata: Metadata, **environ: str
) -> tuple[Credentials, list[Asked]]:
    async with service(metadata) as there:
        provider = InstanceMetadataCredentials(
            make_context(**{ENDPOINT: f"{there.url}/", **environ})
        )
        return await provider.retrieve(), there.asked


async def test_token_role_and_credentials_are_asked_for() -> None:
    found, asked = await retrieve(Metadata(role="my role\nanother"))

    assert ("AKID", "a-token") == (found.access_key_id, found.session_token)
    assert ["/latest/api/token", ROLES, f"{ROLES}my%20role"] == [
        each.target for each in asked
    ]


async def test_metadata_is_asked_without_a_proxy() -> None:
    nobody = Proxies(https="http://127.0.0.1:9", http="http://127.0.0.1:9")
    async with service(Metadata()) as there:
        context = evolve(make_context(**{ENDPOINT: there.url}), proxies=nobody)

        found = await InstanceMetadataCredentials(context).retrieve()

    assert "AKID" == found.access_key_id


@pytest.mark.parametrize("failures", [(503,), (200, 500, 503), (401, 429, 200, 504)])
async def test_what_may_pass_is_tried_three_times(failures: tuple[int, ...]) -> None:
    found, asked = await retrieve(Metadata(*failures))

    assert "AKID" == found.access_key_id
    assert 3 + len([each for each in failures if each != 200]) == len(asked)


@pytest.mark.parametrize(
    ("metadata", "message"),
    [
        (Metadata(503, 503, 503), "refused: HTTP 503 for /latest/api/token"),
        (Metadata(403), "refused: HTTP 403 for /latest/api/token"),
        (Metadata(role=""), f"has no role: HTTP 404 for {ROLES}"),
        (Metadata(document={"Code": "Failed"}), "gave no credentials: Failed"),
        (Metadata(document="hush"), "that are no JSON object"),
        (Metadata(document={}), "gave no AccessKeyId"),
    ],
)
async def test_what_it_says_wrong_is_named(metadata: Metadata, message: str) -> None:
    with pytest.raises(CredentialsError, match=message) as caught:
        await retrieve(metadata)

    assert str(caught.value).startswith("the instance metadata service ")


async def test_the_environment_says_how_often_it_is_tried() -> None:
    with pytest.raises(CredentialsError, match="refused: HTTP 503"):
        await retrieve(Metadata(503), AWS_METADATA_SERVICE_NUM_ATTEMPTS="1")

    for text in ("2", "none", "0"):  # what is no number leaves the three
        await retrieve(Metadata(503), AWS_METADATA_SERVICE_NUM_ATTEMPTS=text)


async def test_where_nobody_is_it_ends_soon() -> None:
    provider = InstanceMetadataCredentials(
        make_context(
            **{ENDPOINT: "http://127.0.0.1:9"}, AWS_METADATA_SERVICE_NUM_ATTEMPTS="2"
        )
    )

    with pytest.raises(CredentialsError, match="service did not answer: no connection"):
        await provider.retrieve()


@pytest.mark.parametrize(
    ("mode", "endpoint"),
    [
        ({}, "http://169.254.169.254"),
        ({MODE: "IPv6"}, "http://[fd00:ec2::254]"),
        ({MODE: "ipv4"}, "http://169.254.169.254"),
        ({MODE: "IPv6", ENDPOINT: "http://here/"}, "http://here"),
        ({"AWS_IMDS_USE_IPV6": "True"}, "http://[fd00:ec2::254]"),
        ({"AWS_IMDS_USE_IPV6": "false"}, "http://169.254.169.254"),
        ({MODE: "ipv4", "AWS_IMDS_USE_IPV6": "true"}, "http://169.254.169.254"),
    ],
)
def test_it_is_where_the_environment_says(mode: dict[str, str], endpoint: str) -> None:
    assert endpoint == InstanceMetadataCredentials(make_context(**mode))._endpoint()


def test_another_mode_is_refused() -> None:
    provider = InstanceMetadataCredentials(make_context(**{MODE: "IPv5"}))

    with pytest.raises(OptionsError, match="must be IPv4 or IPv6: 'IPv5'"):
        provider._endpoint()


@pytest.mark.parametrize(
    ("value", "expected"),
    [("true", True), ("TRUE", True), ("false", False), ("", False)],
)
def test_it_can_be_switched_off(value: str, expected: bool) -> None:
    context = make_context(AWS_EC2_METADATA_DISABLED=value)

    assert expected is InstanceMetadataCredentials.is_disabled(context)
    assert "InstanceMetadataCredentials()" == repr(InstanceMetadataCredentials(context))


@pytest.mark.parametrize(
    ("profile", "url"),
    [
        ("ec2_metadata_service_endpoint_mode = IPv6", "http://[fd00:ec2::254]"),
        ("ec2_metadata_service_endpoint = http://here/", "http://here"),
        ("imds_use_ipv6 = true", "http://[fd00:ec2::254]"),
    ],
)
def test_a_profile_says_where_it_is_as_the_environment_does(
    profile: str, url: str
) -> None:
    context = make_context(f"[default]\n{profile}\n")

    assert url == InstanceMetadataCredentials(context)._endpoint()


def test_a_mode_that_cannot_be_names_the_file_and_the_key() -> None:
    text = "[default]\nec2_metadata_service_endpoint_mode = IPv5\n"

    with pytest.raises(OptionsError) as caught:
        InstanceMetadataCredentials(make_context(text))._endpoint()

    assert (
        "ec2_metadata_service_endpoint_mode in config, line 2 must be IPv4 or IPv6: "
        "'IPv5'"
    ) == str(caught.value)


def test_a_profile_says_how_often_and_how_long_it_is_asked() -> None:
    text = (
        "[default]\nmetadata_service_timeout = 2.5\nmetadata_service_num_attempts = 5\n"
    )

    provider = InstanceMetadataCredentials(make_context(text))

    assert (2.5, 5) == (provider._limit, provider._attempts)


@pytest.mark.parametrize("value", ["inf", "1e400", "nan", "-1", "0", "many"])
def test_a_number_that_cannot_be_is_the_default(value: str) -> None:
    names = ("AWS_METADATA_SERVICE_NUM_ATTEMPTS", "AWS_METADATA_SERVICE_TIMEOUT")
    provider = InstanceMetadataCredentials(make_context(**dict.fromkeys(names, value)))

    assert (3, 1.0) == (provider._attempts, provider._limit)
