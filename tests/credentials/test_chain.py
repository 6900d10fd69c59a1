from __future__ import annotations

from typing import Any

import pytest
from attrs import evolve

from sagemaker_rt.credentials.chain import DefaultChain
from sagemaker_rt.errors import CredentialsError
from tests.credentials.services import make_context, service
from tests.credentials.test_container import FULL, good
from tests.credentials.test_security_token_service import ASSUMED, ENDPOINT

KEYS = {"AWS_ACCESS_KEY_ID": "ENV", "AWS_SECRET_ACCESS_KEY": "hush"}
NO_METADATA = {"AWS_EC2_METADATA_DISABLED": "true"}
PAIR = "aws_access_key_id = FILE\naws_secret_access_key = hush\n"
SSO = "sso_account_id = 1\nsso_role_name = r\nsso_region = e\nsso_start_url = u\n"
LOGIN = "login_session = arn:u\n"
ROLE = "role_arn = arn:r\ncredential_source = Environment\n"


def used(chain: DefaultChain) -> str:
    return chain.links()[-1].name


@pytest.mark.parametrize(
    ("text", "environ", "expected"),
    [
        (f"{ROLE}{SSO}{PAIR}", KEYS, "environment"),
        (f"{ROLE}{SSO}{PAIR}", {}, "role"),
        (
            f"{SSO}{PAIR}",
            {"AWS_WEB_IDENTITY_TOKEN_FILE": "/t", "AWS_ROLE_ARN": "arn:r"},
            "web identity",
        ),
        (f"{SSO}{PAIR}credential_process = x\n", {}, "SSO"),
        (f"{PAIR}{LOGIN}credential_process = x\n", {}, "shared files"),
        (f"{LOGIN}credential_process = x\n", {}, "login"),
        ("credential_process = x\n", {FULL: "http://127.0.0.1"}, "process"),
        ("", {FULL: "http://127.0.0.1"}, "container"),
        ("", {}, "instance metadata"),
        ("", NO_METADATA, "instance metadata"),
    ],
)
def test_the_first_configured_provider_is_used(
    text: str, environ: dict[str, str], expected: str
) -> None:
    chain = DefaultChain(make_context(f"[default]\n{text}", **environ))

    assert expected == used(chain)


@pytest.mark.parametrize("environ", [KEYS, {"AWS_WEB_IDENTITY_TOKEN_FILE": "/t"}])
def test_a_profile_named_in_code_takes_precedence_over_the_environment(
    environ: dict[str, str],
) -> None:
    context = make_context(f"[profile p]\n{PAIR}", **environ)
    chain = DefaultChain(evolve(context, profile="p", is_profile_in_code=True))

    assert "shared files" == used(chain)
    assert "environment: a profile was named explicitly" in chain.explain()


async def test_the_credentials_of_the_provider_are_returned() -> None:
    async with service(good) as server:
        chain = DefaultChain(make_context(**{FULL: server.url}))
        assert not chain.has_static_stability

        found = await chain.retrieve()

    assert "AKID" == found.access_key_id
    assert chain.has_static_stability


async def test_a_role_is_assumed_with_the_keys_in_the_environment() -> None:
    async with service(lambda _: (200, ASSUMED)) as sts:
        context = make_context(
            f"[profile p]\n{ROLE}", AWS_PROFILE="p", **KEYS, **{ENDPOINT: sts.url}
        )
        chain = DefaultChain(evolve(context, is_profile_in_code=True))

        found = await chain.retrieve()

    assert "ASIA" == found.access_key_id
    assert "Credential=ENV/" in sts.requests[0].headers["authorization"]


async def test_without_credentials_the_error_has_the_reason_of_each_link() -> None:
    chain = DefaultChain(make_context(**NO_METADATA))

    with pytest.raises(CredentialsError) as caught:
        await chain.retrieve()

    text = str(caught.value)
    in_order = [
        "environment: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
        "role: profile 'default' has no role_arn",
        "web identity: AWS_WEB_IDENTITY_TOKEN_FILE",
        "SSO: profile 'default' has no sso_session",
        "shared files: profile 'default' has no aws_access_key_id",
        "login: profile 'default' has no login_session",
        "process: profile 'default' has no credential_process",
        "container: AWS_CONTAINER_CREDENTIALS_FULL_URI",
        "instance metadata: AWS_EC2_METADATA_DISABLED is true",
        "pass credentials=…",
    ]
    places = [text.find(reason) for reason in in_order]
    assert -1 not in places
    assert sorted(places) == places
    assert not chain.has_static_stability


async def test_unreachable_instance_metadata_is_one_of_the_reasons() -> None:
    environ = {"AWS_EC2_METADATA_SERVICE_ENDPOINT": "http://127.0.0.1:9"}
    chain = DefaultChain(make_context(**environ))

    with pytest.raises(CredentialsError) as caught:
        await chain.retrieve()

    assert "environment: " in str(caught.value)
    assert "instance metadata: the request to the instance" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "environ", "message"),
    [
        ("", {"AWS_ACCESS_KEY_ID": "x"}, "AWS_SECRET_ACCESS_KEY"),
        (
            "aws_access_key_id = x\n",
            {},
            "aws_secret_access_key",
        ),
        ("", {"AWS_WEB_IDENTITY_TOKEN_FILE": "/t"}, "AWS_ROLE_ARN"),
        ("role_arn = arn:r\n", {}, "source_profile"),
    ],
)
async def test_a_provider_with_an_invalid_configuration_is_not_skipped(
    text: str, environ: dict[str, Any], message: str
) -> None:
    chain = DefaultChain(make_context(f"[default]\n{text}", **environ))

    with pytest.raises(CredentialsError, match=message):
        await chain.retrieve()


def test_explain_lists_the_links() -> None:
    chain = DefaultChain(make_context(f"[default]\n{PAIR}"))

    assert chain.explain().splitlines()[-2:] == [
        "SSO: profile 'default' has no sso_session",
        "shared files: used",
    ]
    assert "DefaultChain()" == repr(chain)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("credential_process = x\n", True),
        (f"{ROLE}mfa_serial = m\n", True),
        ("role_arn = arn:r\nsource_profile = p\n", True),
        (ROLE, False),
        (PAIR, False),
    ],
)
def test_a_program_and_a_person_have_their_own_timeout(
    text: str, expected: bool
) -> None:
    context = make_context(f"[default]\n{text}[profile p]\ncredential_process = x\n")

    assert expected is DefaultChain(context).has_own_timeout
