from __future__ import annotations

import json

import pytest
from attrs import evolve

from sagemaker_rt.credentials.instance_metadata import InstanceMetadataCredentials
from sagemaker_rt.errors import CredentialsError, OptionsError
from sagemaker_rt.identity import Credentials
from sagemaker_rt.sansio.proxy_selection import Proxies
from tests.credentials.services import ServiceRequest, make_context, service

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
    """The metadata service of an instance; its first responses have *failures*."""

    def __init__(
        self, *failures: int, document: object = WHOLE, role: str = "r"
    ) -> None:
        self._failures = list(failures)
        self._document = document
        self._role = role

    def __call__(self, request: ServiceRequest) -> tuple[int, str]:
        if self._failures and (status := self._failures.pop(0)) != 200:
            return status, ""
        if request.target == "/latest/api/token":
            assert request.method == "PUT"
            assert request.headers["x-aws-ec2-metadata-token-ttl-seconds"] == "21600"
            return 200, "TOKEN"
        assert request.headers["x-aws-ec2-metadata-token"] == "TOKEN"
        if request.target == ROLES:
            return (200, self._role) if self._role else (404, "")
        return 200, json.dumps(self._document)


async def retrieve(
    metadata: Metadata, **environ: str
) -> tuple[Credentials, list[ServiceRequest]]:
    async with service(metadata) as server:
        provider = InstanceMetadataCredentials(
            make_context(**{ENDPOINT: f"{server.url}/", **environ})
        )
        return await provider.retrieve(), server.requests


async def test_token_role_and_credentials_are_requested() -> None:
    found, requests = await retrieve(Metadata(role="my role\nanother"))

    assert ("AKID", "a-token") == (found.access_key_id, found.session_token)
    assert ["/latest/api/token", ROLES, f"{ROLES}my%20role"] == [
        each.target for each in requests
    ]


async def test_requests_never_use_a_proxy() -> None:
    unreachable = Proxies(https="http://127.0.0.1:9", http="http://127.0.0.1:9")
    async with service(Metadata()) as server:
        context = evolve(make_context(**{ENDPOINT: server.url}), proxies=unreachable)

        found = await InstanceMetadataCredentials(context).retrieve()

    assert "AKID" == found.access_key_id


@pytest.mark.parametrize("failures", [(503,), (200, 500, 503), (401, 429, 200, 504)])
async def test_a_transient_failure_is_retried_up_to_three_attempts(
    failures: tuple[int, ...],
) -> None:
    found, requests = await retrieve(Metadata(*failures))

    assert "AKID" == found.access_key_id
    assert 3 + len([each for each in failures if each != 200]) == len(requests)


@pytest.mark.parametrize(
    ("metadata", "message"),
    [
        (Metadata(503, 503, 503), "HTTP 503 for /latest/api/token"),
        (Metadata(403), "HTTP 403 for /latest/api/token"),
        (Metadata(role=""), f"HTTP 404 for {ROLES}; the instance has no role"),
        (Metadata(document={"Code": "Failed"}), "Failed"),
        (Metadata(document="hush"), "JSON object"),
        (Metadata(document={}), "AccessKeyId"),
    ],
)
async def test_an_invalid_response_is_an_error(
    metadata: Metadata, message: str
) -> None:
    with pytest.raises(CredentialsError, match=message) as caught:
        await retrieve(metadata)

    assert str(caught.value).startswith("the instance metadata service")


async def test_the_number_of_attempts_is_a_setting() -> None:
    with pytest.raises(CredentialsError, match="HTTP 503"):
        await retrieve(Metadata(503), AWS_METADATA_SERVICE_NUM_ATTEMPTS="1")

    for text in ("2", "none", "0"):  # invalid numbers count as unset
        await retrieve(Metadata(503), AWS_METADATA_SERVICE_NUM_ATTEMPTS=text)


async def test_an_unreachable_service_is_named() -> None:
    provider = InstanceMetadataCredentials(
        make_context(
            **{ENDPOINT: "http://127.0.0.1:9"}, AWS_METADATA_SERVICE_NUM_ATTEMPTS="2"
        )
    )

    with pytest.raises(CredentialsError, match="metadata service failed"):
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
def test_the_endpoint_is_a_setting(mode: dict[str, str], endpoint: str) -> None:
    assert endpoint == InstanceMetadataCredentials(make_context(**mode))._endpoint()


def test_an_unknown_mode_is_an_error() -> None:
    provider = InstanceMetadataCredentials(make_context(**{MODE: "IPv5"}))

    with pytest.raises(OptionsError, match="'IPv5'"):
        provider._endpoint()


def test_an_invalid_endpoint_is_named_with_its_variable() -> None:
    provider = InstanceMetadataCredentials(make_context(**{ENDPOINT: "nonsense"}))

    with pytest.raises(OptionsError, match=f"{ENDPOINT}: .*'nonsense'"):
        provider._endpoint()


@pytest.mark.parametrize(
    ("value", "expected"),
    [("true", True), ("TRUE", True), ("false", False), ("", False)],
)
def test_the_service_can_be_disabled(value: str, expected: bool) -> None:
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
def test_a_profile_may_have_the_endpoint(profile: str, url: str) -> None:
    context = make_context(f"[default]\n{profile}\n")

    assert url == InstanceMetadataCredentials(context)._endpoint()


def test_an_unknown_mode_in_a_profile_is_named_with_its_line() -> None:
    text = "[default]\nec2_metadata_service_endpoint_mode = IPv5\n"

    with pytest.raises(OptionsError) as caught:
        InstanceMetadataCredentials(make_context(text))._endpoint()

    where = "ec2_metadata_service_endpoint_mode in config, line 2"
    assert str(caught.value).startswith(where)


def test_a_profile_may_have_timeout_and_attempts() -> None:
    text = (
        "[default]\nmetadata_service_timeout = 2.5\nmetadata_service_num_attempts = 5\n"
    )

    provider = InstanceMetadataCredentials(make_context(text))

    assert (2.5, 5) == (provider._timeout, provider._attempts)


@pytest.mark.parametrize("value", ["inf", "1e400", "nan", "-1", "0", "many"])
def test_an_invalid_number_counts_as_unset(value: str) -> None:
    names = ("AWS_METADATA_SERVICE_NUM_ATTEMPTS", "AWS_METADATA_SERVICE_TIMEOUT")
    provider = InstanceMetadataCredentials(make_context(**dict.fromkeys(names, value)))

    assert (3, 1.0) == (provider._attempts, provider._timeout)
