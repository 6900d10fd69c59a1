from __future__ import annotations

import platform
import re
from importlib.metadata import version

import pytest
from botocore.useragent import _USERAGENT_FEATURE_MAPPINGS

from sagemaker_rt import __version__
from sagemaker_rt.context import Context
from sagemaker_rt.errors import OptionsError, StackError
from sagemaker_rt.http import Headers, Request
from sagemaker_rt.middleware.user_agent import _FEATURES, UserAgent, _version_of
from sagemaker_rt.stack import BuildInput
from tests.doubles import Wire

CONTEXT = Context("InvokeEndpoint")


def test_features_have_the_codes_of_the_aws_sdks() -> None:
    theirs = {name: _USERAGENT_FEATURE_MAPPINGS[name] for name in _FEATURES}

    assert theirs == _FEATURES


async def sent_by(user_agent: UserAgent) -> str:
    wire = Wire[BuildInput]()
    await user_agent(CONTEXT, BuildInput(Request()), wire)
    return wire.inputs[0].request.headers["user-agent"]


async def test_features_and_the_extra_text_are_in_the_header() -> None:
    user_agent = UserAgent(
        "shop", extra="lib/x (#1)", features=["RETRY_MODE_STANDARD", "RETRY_MODE_OFF"]
    )
    user_agent.add_feature("WAITER")
    user_agent.add_feature("WAITER")

    assert (await sent_by(user_agent)).endswith(" m/E,B app/shop lib/x (#1)")


def test_an_unknown_feature_is_refused_with_a_hint() -> None:
    with pytest.raises(StackError) as caught:
        UserAgent().add_feature("WAITERS")

    assert "did you mean 'WAITER'?" in str(caught.value)


@pytest.mark.parametrize("extra", ["a\r\nb", "ü"])
def test_text_that_is_not_printable_ascii_is_refused(extra: str) -> None:
    with pytest.raises(OptionsError, match="user_agent_extra"):
        UserAgent(extra=extra)


async def sent(
    app_id: str | None = None, *, http_library: str | None = None, **headers: str
) -> str:
    wire = Wire[BuildInput]()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    request = Request(headers=Headers(named))

    output = await UserAgent(app_id, http_library=http_library)(
        CONTEXT, BuildInput(request), wire
    )

    assert output is wire.output
    return wire.inputs[0].request.headers["user-agent"]


async def test_the_header_names_the_software() -> None:
    expected = (
        f"sagemaker-rt/{__version__} ua/2.1 "
        f"os/{platform.system().lower()} lang/python#{platform.python_version()} "
        f"md/aiohttp#{version('aiohttp')}"
    )

    assert expected == await sent(http_library="aiohttp")
    assert "md/" not in await sent()


@pytest.mark.parametrize(
    ("app_id", "expected"),
    [
        ("shop", "app/shop"),
        ("my shop/2", "app/my-shop-2"),
        ("a" * 60, "app/" + "a" * 50),
        ("x\r\ny", "app/x--y"),
        ("ü#(;)", "app/-----"),
    ],
)
async def test_the_application_name_is_written_as_a_token(
    app_id: str, expected: str
) -> None:
    assert expected == (await sent(app_id)).rpartition(" ")[2]


@pytest.mark.parametrize("app_id", [None, ""])
async def test_without_an_application_name_its_field_is_omitted(
    app_id: str | None,
) -> None:
    assert "app/" not in await sent(app_id)


async def test_an_existing_user_agent_comes_first() -> None:
    assert f"shop/2 {await sent()}" == await sent(user_agent="shop/2")


def test_a_package_that_is_not_installed_has_an_unknown_version() -> None:
    assert "unknown" == _version_of("no-such-distribution")


async def test_every_field_is_printable_and_separated_by_spaces() -> None:
    text = await sent("a b")

    assert re.fullmatch(r"([!-~]+ )*[!-~]+", text)
