from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagemaker_rt.errors import OptionsError, SharedConfigError
from sagemaker_rt.sansio.shared_config import (
    FileKind,
    Profiles,
    Property,
    Section,
    endpoint_urls,
    merge,
    nested,
    parse,
)


def config(text: str) -> Profiles:
    return parse(text, kind="config", file="~/.aws/config")


def credentials(text: str) -> Profiles:
    return parse(text, kind="credentials", file="~/.aws/credentials")


def values(section: Section) -> dict[str, str]:
    return {key: found.value for key, found in section.items()}


def all_values(sections: Mapping[str, Section]) -> dict[str, dict[str, str]]:
    return {name: values(section) for name, section in sections.items()}


def test_a_value_has_its_position() -> None:
    profiles = config("# mine\n\n[profile a]\nregion = x\noutput=json\n  y\n").profiles

    assert "~/.aws/config, line 4" == profiles["a"]["region"].where
    assert "~/.aws/config, line 5" == profiles["a"]["output"].where


def test_the_repr_hides_values() -> None:
    found = credentials("[a]\naws_secret_access_key = hush\n").profiles["a"]

    assert "hush" not in repr(found)


def test_sections_of_different_kinds_may_have_the_same_name() -> None:
    found = config(
        "[sso-session s]\nsso_region = a\n[services v]\nx = b\n[plugins]\ny = c\n"
        "[profile s]\nregion = d\n[preview s]\nz = e\n"
    )

    assert {"s": {"sso_region": "a"}} == all_values(found.sso_sessions)
    assert {"v": {"x": "b"}} == all_values(found.services)
    assert {"s": {"region": "d"}} == all_values(found.profiles)


def test_the_credentials_file_has_profiles_only() -> None:
    found = credentials("[default]\nx = 1\n[sso-session s]\ny = 2\n[b]\nz = 3\n")

    assert {"default": {"x": "1"}, "b": {"z": "3"}} == all_values(found.profiles)
    assert {} == found.sso_sessions


def test_sections_of_one_name_are_merged_and_the_last_value_wins() -> None:
    found = config("[profile a]\nx = 1\ny = 2\n[profile a]\nX = 3\n").profiles

    assert {"x": "3", "y": "2"} == values(found["a"])


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("x = a # b", "a"),
        ("x = a\t; b", "a"),
        ("x = a#b", "a#b"),
        ("x = a;b", "a;b"),
        ("x = # b", ""),
        ("x = a=b # c", "a=b"),
    ],
)
def test_a_comment_starts_after_a_blank(line: str, value: str) -> None:
    assert {"x": value} == values(config(f"[default]\n{line}\n").profiles["default"])


def test_a_comment_may_follow_a_title_but_not_an_indented_line() -> None:
    found = config("[default] ; mine\n; a\n# b\nx = 1\n  2 # 3\n").profiles

    assert {"x": "1\n2 # 3"} == values(found["default"])


def test_invalid_names_are_skipped_with_their_content() -> None:
    found = config(
        "[profile a b]\nx = 1\n 2\n[profile c]\ny! = 3\n 4\nz = 5\n[profile]\nw = 6\n"
    ).profiles

    assert {"c": {"z": "5"}} == all_values(found)


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("profile 'my dev'", "my dev"),
        ('profile "dev"', "dev"),
        ('profile "it\'s"', "it's"),
        ("profile a\\ b", "a b"),
        ("profile 'a!'", "a!"),
    ],
)
def test_the_name_of_a_profile_may_be_quoted(title: str, name: str) -> None:
    found = config(f"[{title}]\nregion = x\n").profiles

    assert {name: {"region": "x"}} == all_values(found)


def test_the_names_of_other_sections_may_be_quoted() -> None:
    found = config("[sso-session 'my sso']\nx = 1\n[services \"a b\"]\ny = 2\n")

    assert {"my sso": {"x": "1"}} == all_values(found.sso_sessions)
    assert {"a b": {"y": "2"}} == all_values(found.services)


@pytest.mark.parametrize("title", ["profile 'a", "profile 'a' b", "'profile a'"])
def test_a_quoted_title_that_names_no_profile_is_skipped(title: str) -> None:
    assert Profiles() == config(f"[{title}]\nregion = x\n")


def test_a_profile_with_other_characters_is_found_but_not_listed() -> None:
    in_config = config("[profile team!]\nx = 1\n")
    in_credentials = credentials("[my dev]\ny = 2\n[team!]\ny = 3\n")
    both = merge(in_config, in_credentials)

    assert {} == in_config.profiles == in_credentials.profiles == both.profiles
    assert {"x": "1", "y": "3"} == values(both.find("team!") or {})
    assert {"y": "2"} == values(both.find("my dev") or {})
    assert both.find("other") is None


def test_the_credentials_of_a_quoted_profile_are_merged() -> None:
    both = merge(
        config("[profile 'my dev']\nregion = x\n"), credentials("[my dev]\nkey = 1\n")
    )

    assert {"my dev": {"region": "x", "key": "1"}} == all_values(both.profiles)
    assert {} == both.unlisted


@pytest.mark.parametrize("indent", ["", " ", "\t", "    ", "\u00a0"])
def test_titles_and_properties_may_be_indented(indent: str) -> None:
    text = "[default]\nx = 1\ny = 2\n"
    indented = text.replace("x", f"{indent}x").replace("y", f"{indent}y")

    assert config(text).profiles.keys() == config(indent + indented).profiles.keys()
    assert {"x": "1", "y": "2"} == values(config(indented).profiles["default"])


def test_a_deeper_line_continues_an_indented_property() -> None:
    found = config("[default]\n  x = 1\n    y = 2\n  z = 3\n w = 4\n").profiles

    assert {"x": "1\ny = 2", "z": "3", "w": "4"} == values(found["default"])


def test_an_indented_comment_is_part_of_no_value() -> None:
    found = config("[default]\nx = 1\n  # a = b\n\t; c\n  2\n  #\n").profiles

    assert {"x": "1\n2"} == values(found["default"])


def test_a_byte_order_mark_and_unicode_separators_do_not_end_lines() -> None:
    found = config("\ufeff[default]\r\nx = a\u2028b\x0cc\r\n").profiles

    assert {"x": "a\u2028b\x0cc"} == values(found["default"])


@pytest.mark.parametrize("kind", ["config", "credentials"])
@given(text=st.text(st.sampled_from("[]=#; \t\r\nab!profile default\ufeff\u2028")))
def test_errors_for_any_text_name_a_line(kind: FileKind, text: str) -> None:
    try:
        parse(text, kind=kind, file="f")
    except SharedConfigError as error:
        assert str(error).startswith("f, line ")  # noqa: PT017 - most texts raise no error


def test_an_error_does_not_quote_the_line() -> None:
    with pytest.raises(OptionsError) as caught:
        credentials("[a]\naws_secret_access_key hush\n")

    assert "~/.aws/credentials, line 2: " in str(caught.value)
    assert "hush" not in str(caught.value)


def test_the_credentials_file_takes_precedence_within_a_profile() -> None:
    both = merge(
        config("[profile a]\nx = 1\ny = 2\n[sso-session s]\n"),
        credentials("[a]\nx = 3\n[b]\nz = 4\n"),
    )

    assert {"a": {"x": "3", "y": "2"}, "b": {"z": "4"}} == all_values(both.profiles)
    assert {"s": {}} == both.sso_sessions
    assert "~/.aws/credentials, line 2" == both.profiles["a"]["x"].where


def test_a_value_may_have_nested_properties() -> None:
    value = config(
        "[services v]\nsagemaker_runtime =\n  Endpoint_URL = http://x\n\n  # z\n"
        "  y = 1\n"
    ).services["v"]["sagemaker_runtime"]

    properties = nested(value)

    assert {"endpoint_url": "http://x", "y": "1"} == values(properties)
    assert "~/.aws/config, line 3" == properties["endpoint_url"].where
    assert "~/.aws/config, line 6" == properties["y"].where


@pytest.mark.parametrize("text", ["http://x", "\nendpoint_url", "\n = x"])
def test_a_nested_property_has_a_name_and_a_value(text: str) -> None:
    with pytest.raises(SharedConfigError, match="name = value"):
        nested(Property(text, "f", 1, tuple(range(2, 2 + text.count("\n")))))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[default", "line 1: a profile definition must end with ']'"),
        ("x = 1", "line 1: expected a profile definition"),
        (" x", "line 1: expected a profile definition"),
        ("[default]\nx", "line 2: expected an '=' sign defining a property"),
        ("[default]\n= 1", "line 2: the property did not have a name"),
        ("[default]\n x", "line 2: expected a property definition"),
        (
            "[default]\ns3 =\n a = b\n c",
            "line 4: expected an '=' sign defining a sub-property",
        ),
        ("[default]\ns3 =\n  = b", "line 3: the sub-property did not have a name"),
    ],
)
def test_a_line_that_violates_the_grammar_is_named(text: str, message: str) -> None:
    with pytest.raises(SharedConfigError) as caught:
        config(text)

    assert f"~/.aws/config, {message}" == str(caught.value)


def test_the_url_of_a_service_takes_precedence() -> None:
    text = (
        "[default]\nendpoint_url = https://all\nservices = s\n"
        "[services s]\nsts =\n  endpoint_url = https://sts\n"
    )
    profiles = parse(text, kind="config", file="f")
    section = profiles.profiles["default"]

    def urls(service: str) -> list[str]:
        return [found.value for found in endpoint_urls(profiles, section, service)]

    assert ["https://sts", "https://all"] == urls("sts")
    assert ["https://all"] == urls("sso")
    assert [] == list(endpoint_urls(profiles, {}, "sts"))


def test_a_missing_services_section_is_named() -> None:
    profiles = parse("[default]\nservices = gone\n", kind="config", file="f")

    with pytest.raises(SharedConfigError) as caught:
        list(endpoint_urls(profiles, profiles.profiles["default"], "sts"))

    assert "[services gone]" in str(caught.value)
    assert "f, line 2" in str(caught.value)
