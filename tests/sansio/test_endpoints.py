from __future__ import annotations

import pickle
from string import printable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagemaker_rt.errors import EndpointResolutionError
from sagemaker_rt.http import Endpoint
from sagemaker_rt.sansio.endpoint_parameters import EndpointParameters
from sagemaker_rt.sansio.endpoints import (
    PARTITIONS,
    KeepPrefixes,
    Partition,
    _host,
    normalize_region,
    partition_of,
    require_encryption,
    resolve_endpoint,
    without_tls,
)

BARE = Partition(
    "aws-bare",
    "bare.example",
    "dual.bare.example",
    r"bare-\d+",
    supports_fips=False,
    supports_dualstack=False,
)


@pytest.mark.parametrize(
    ("region", "partition"),
    [
        ("us-east-1", "aws"),
        ("mx-central-1", "aws"),
        ("aws-global", "aws"),
        ("cn-north-1", "aws-cn"),
        ("aws-cn-global", "aws-cn"),
        ("eusc-de-east-1", "aws-eusc"),
        ("us-iso-east-1", "aws-iso"),
        ("us-isob-east-1", "aws-iso-b"),
        ("eu-isoe-west-1", "aws-iso-e"),
        ("us-isof-south-1", "aws-iso-f"),
        ("us-gov-west-1", "aws-us-gov"),
        ("us-gov-moon-9", "aws-us-gov"),
        ("moon-base-1", "aws"),
        ("aws-eusc-global", "aws"),
        ("us-east-1\n", "aws"),
        ("", "aws"),
    ],
)
def test_a_region_belongs_to_the_partition_whose_pattern_it_matches(
    region: str, partition: str
) -> None:
    assert partition == partition_of(region).id


def test_a_global_region_belongs_to_its_partition() -> None:
    ids = [partition.id for partition in PARTITIONS]

    owners = [partition_of(f"{id}-global").id for id in ids if id != "aws-eusc"]

    assert [id for id in ids if id != "aws-eusc"] == owners


@pytest.mark.parametrize(
    ("region", "expected"),
    [
        ("us-east-1", ("us-east-1", False)),
        ("fips-us-east-1", ("us-east-1", True)),
        ("us-east-1-fips", ("us-east-1", True)),
        ("us-fips-east-1", ("us-east-1", True)),
        ("fips", ("fips", False)),
        ("fipsland-1", ("fipsland-1", False)),
        ("a" * 63, ("a" * 63, False)),
    ],
)
def test_fips_is_removed_from_a_region(region: str, expected: tuple[str, bool]) -> None:
    assert expected == normalize_region(region)


@pytest.mark.parametrize(
    "region",
    [
        "",
        "-us-east-1",
        "us-east-1-",
        "fips--east-1",
        "-fips",
        "us_east_1",
        "us.east.1",
        "us-east-1\n",
        "us-east-1\r\nx-evil: 1",
        "us-east-1/../",
        "us-éast-1",
        "example.com#",
        "a" * 64,
    ],
)
def test_a_region_must_be_a_host_label(region: str) -> None:
    with pytest.raises(EndpointResolutionError) as caught:
        normalize_region(region)

    assert repr(region) in str(caught.value)


@pytest.mark.parametrize(
    ("region", "use_fips", "use_dualstack", "host"),
    [
        ("us-east-1", False, False, "runtime.sagemaker.{}.amazonaws.com"),
        ("us-east-1", True, False, "runtime-fips.sagemaker.{}.amazonaws.com"),
        ("us-east-1", False, True, "runtime.sagemaker.{}.api.aws"),
        ("us-east-1", True, True, "runtime.sagemaker-fips.{}.api.aws"),
        ("us-gov-west-1", True, False, "runtime.sagemaker.{}.amazonaws.com"),
        ("us-gov-west-1", True, True, "runtime.sagemaker-fips.{}.api.aws"),
        ("cn-north-1", True, False, "runtime.sagemaker-fips.{}.amazonaws.com.cn"),
        ("moon-base-1", False, False, "runtime.sagemaker.{}.amazonaws.com"),
    ],
)
def test_each_variant_of_a_region_has_its_host(
    region: str, use_fips: bool, use_dualstack: bool, host: str
) -> None:
    endpoint = resolve_endpoint(region, use_fips=use_fips, use_dualstack=use_dualstack)

    assert f"https://{host.format(region)}" == endpoint.url


def test_a_region_with_fips_has_the_fips_endpoint() -> None:
    endpoint = resolve_endpoint("fips-us-east-1")

    assert "https://runtime-fips.sagemaker.us-east-1.amazonaws.com" == endpoint.url


def test_an_endpoint_has_its_partition_and_signing_region() -> None:
    endpoint = resolve_endpoint("fips-us-gov-west-1")

    assert ("us-gov-west-1", "aws-us-gov", "service", None) == (
        endpoint.signing_region,
        endpoint.partition_id,
        endpoint.source,
        endpoint.signing_name,
    )


def test_a_port_replaces_the_default_port() -> None:
    endpoint = resolve_endpoint("us-east-1", port=8443)

    assert "https://runtime.sagemaker.us-east-1.amazonaws.com:8443" == endpoint.url


@pytest.mark.parametrize("port", [-1, 0, 65_536])
def test_a_port_must_be_a_tcp_port(port: int) -> None:
    with pytest.raises(EndpointResolutionError, match=f"port {port} "):
        resolve_endpoint("us-east-1", port=port)


@pytest.mark.parametrize("region", [None, ""])
def test_without_a_region_an_error_is_raised(region: str | None) -> None:
    with pytest.raises(EndpointResolutionError, match="Missing Region"):
        resolve_endpoint(region)


@pytest.mark.parametrize(
    ("use_fips", "use_dualstack", "words"),
    [
        (True, True, "FIPS and DualStack are enabled, but this partition does not "),
        (True, False, "FIPS is enabled but this partition does not "),
        (False, True, "DualStack is enabled but this partition does not "),
    ],
)
def test_a_variant_that_the_partition_does_not_support_is_rejected(
    use_fips: bool, use_dualstack: bool, words: str
) -> None:
    with pytest.raises(EndpointResolutionError) as caught:
        _host(BARE, "bare-1", use_fips=use_fips, use_dualstack=use_dualstack)

    assert str(caught.value).startswith(f"{words}support ")
    assert "'aws-bare'" in str(caught.value)


@pytest.mark.parametrize(
    "partition",
    [BARE._replace(supports_fips=True), BARE._replace(supports_dualstack=True)],
)
def test_both_variants_together_need_support_for_both(partition: Partition) -> None:
    with pytest.raises(EndpointResolutionError, match="does not support one or both"):
        _host(partition, "bare-1", use_fips=True, use_dualstack=True)


def test_a_partition_without_variants_has_a_plain_host() -> None:
    host = _host(BARE, "bare-1", use_fips=False, use_dualstack=False)

    assert "runtime.sagemaker.bare-1.bare.example" == host


@pytest.mark.parametrize(
    ("port", "url"), [(None, "http://localhost:8080"), (5000, "http://localhost:5000")]
)
def test_the_region_local_is_a_port_on_this_machine(port: int | None, url: str) -> None:
    endpoint = resolve_endpoint("local", port=port)

    assert (url, "us-east-1") == (endpoint.url, endpoint.signing_region)


def test_the_region_local_needs_a_tcp_port() -> None:
    with pytest.raises(EndpointResolutionError, match="port 0 "):
        resolve_endpoint("local", port=0)


@pytest.mark.parametrize("use_fips", [True, False])
def test_the_region_local_has_no_variants(use_fips: bool) -> None:
    with pytest.raises(EndpointResolutionError, match="'local'"):
        resolve_endpoint("local", use_fips=use_fips, use_dualstack=not use_fips)


def test_a_url_is_used_unchanged_and_the_region_is_the_signing_region() -> None:
    endpoint = resolve_endpoint("eu-west-1", endpoint_url="https://example.com/p/")

    assert ("https://example.com/p", "eu-west-1", "custom", None) == (
        endpoint.url,
        endpoint.signing_region,
        endpoint.source,
        endpoint.partition_id,
    )


@pytest.mark.parametrize("region", [None, ""])
def test_a_url_needs_no_region(region: str | None) -> None:
    endpoint = resolve_endpoint(region, endpoint_url="https://example.com")

    assert endpoint.signing_region is None


def test_a_url_in_the_region_local_is_signed_for_a_real_region() -> None:
    endpoint = resolve_endpoint("local", endpoint_url="http://127.0.0.1:9000")

    assert "us-east-1" == endpoint.signing_region


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (EndpointParameters(use_fips=True), "FIPS"),
        (EndpointParameters(region="fips-us-east-1"), "FIPS"),
        (EndpointParameters(use_dualstack=True), "Dualstack"),
        (EndpointParameters(use_fips=True, use_dualstack=True), "FIPS"),
        (EndpointParameters(port=8443), "port"),
    ],
)
def test_options_that_would_change_a_url_contradict_it(
    arguments: EndpointParameters, words: str
) -> None:
    with pytest.raises(EndpointResolutionError) as caught:
        resolve_endpoint(
            arguments.region,
            use_fips=arguments.use_fips,
            use_dualstack=arguments.use_dualstack,
            port=arguments.port,
            endpoint_url="https://example.com",
        )

    option = {"FIPS": "use_fips", "Dualstack": "use_dualstack", "port": "port"}[words]
    assert f"Invalid Configuration: {words} " in str(caught.value)
    assert f"remove {option} " in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost",
        "http://LOCALHOST:8080",
        "http://127.0.0.1:8080",
        "http://127.9.9.9",
        "http://[::1]:8080",
        "https://example.com",
    ],
)
def test_http_to_this_machine_is_allowed(url: str) -> None:
    endpoint = resolve_endpoint("us-east-1", endpoint_url=url)

    assert url.lower() == endpoint.url


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("http://example.com", "example.com"),
        ("http://localhost.example.com", "localhost.example.com"),
        ("http://127.0.0.1.nip.io:8080", "127.0.0.1.nip.io"),
        ("http://10.0.0.1", "10.0.0.1"),
        ("http://0.0.0.0", "0.0.0.0"),  # noqa: S104 - nothing is bound
        ("http://[2001:db8::1]", "2001:db8::1"),
    ],
)
def test_http_to_another_machine_is_rejected(url: str, host: str) -> None:
    with pytest.raises(EndpointResolutionError) as caught:
        resolve_endpoint("us-east-1", endpoint_url=url)

    for word in (repr(url), repr(host), "allow_insecure"):
        assert word in str(caught.value)


def test_http_to_another_machine_may_be_allowed() -> None:
    endpoint = resolve_endpoint(
        "us-east-1", endpoint_url="http://example.com", allow_insecure=True
    )

    assert "http://example.com" == endpoint.url


@pytest.mark.parametrize(
    "url",
    [
        "",
        "example.com",
        "ftp://example.com",
        "https://",
        "https://:443",
        "https://example.com?a=b",
        "https://example.com#f",
        "https://example.com:0x50",
        "https://example.com:99999",
        "https://[::1",
        "https://exam ple.com",
        "https://example.com/a b",
        "https://example.com\r\nx-evil: 1",
        "https://exa\nmple.com",
        "https://a..b",
        f"https://{'a' * 64}.com",
        "https://bücher.example",
        "https://example.com/ü",
    ],
)
def test_an_invalid_url_is_rejected(url: str) -> None:
    with pytest.raises(EndpointResolutionError, match="endpoint URL"):
        resolve_endpoint("us-east-1", endpoint_url=url, allow_insecure=True)


@pytest.mark.parametrize(
    "url",
    [
        "https://user:hunter2@example.com",
        "https://user:hunter2@example.com:99999",
        "https://user:hun/ter2@example.com",
        "https://user:hunter2@[bad",
        "https://user:hunter2@",
        "//user:hunter2@example.com",
    ],
)
def test_a_password_in_a_url_is_rejected_and_not_shown(url: str) -> None:
    with pytest.raises(EndpointResolutionError, match="user info") as caught:
        resolve_endpoint("us-east-1", use_fips=True, endpoint_url=url)

    assert "hun" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_host_may_follow_the_prefixes_of_the_service() -> None:
    endpoint = resolve_endpoint(
        "eu-west-1", endpoint_url=KeepPrefixes("example.com:8443")
    )

    assert ("https://runtime.sagemaker.eu-west-1.example.com:8443", "custom") == (
        endpoint.url,
        endpoint.source,
    )


def test_the_prefixes_of_the_service_need_a_region() -> None:
    with pytest.raises(EndpointResolutionError, match="Missing Region"):
        resolve_endpoint(None, endpoint_url=KeepPrefixes("example.com"))


@pytest.mark.parametrize("host", ["example.com/", "https://example.com", "[::1]:80"])
def test_the_end_of_a_host_name_must_be_host_and_port(host: str) -> None:
    with pytest.raises(EndpointResolutionError) as caught:
        KeepPrefixes(host)

    assert repr(host) in str(caught.value)


@pytest.mark.parametrize(
    ("url", "plain"),
    [
        ("https://example.com/p", "http://example.com/p"),
        ("https://example.com:8443", "http://example.com:8443"),
    ],
)
def test_without_tls_only_the_scheme_changes(url: str, plain: str) -> None:
    endpoint = without_tls(Endpoint(url, signing_region="r", headers={"a": "b"}))

    assert Endpoint(plain, signing_region="r", headers={"a": "b"}) == endpoint


@pytest.mark.parametrize(
    "endpoint",
    [
        Endpoint("http://example.com"),
        Endpoint("https://example.com", hostname_immutable=True),
    ],
)
def test_without_tls_http_and_immutable_endpoints_do_not_change(
    endpoint: Endpoint,
) -> None:
    assert without_tls(endpoint) is endpoint


def test_encryption_is_required_unless_allow_insecure_is_set() -> None:
    endpoint = Endpoint("http://example.com")

    require_encryption(endpoint, allow_insecure=True)
    with pytest.raises(EndpointResolutionError):
        require_encryption(endpoint, allow_insecure=False)


def test_parameters_are_hashable_and_can_be_pickled() -> None:
    parameters = EndpointParameters(region="us-east-1", use_fips=True)

    copy = pickle.loads(pickle.dumps(parameters))  # noqa: S301 - our own bytes

    assert {parameters} == {
        copy,
        EndpointParameters(region="us-east-1", use_fips=True),
    }


NEARLY_URLS = st.one_of(
    st.text(max_size=40),
    st.builds(
        "{}{}{}".format,
        st.sampled_from(["https://", "http://", "//", "HTTPS:", "https:\\\\"]),
        st.text(st.sampled_from(printable + "é\u2100\0"), max_size=30),
        st.sampled_from(["", ":", ":80", ":a", "/", "/..", "?", "#", "@h", "]"]),
    ),
)
HOST_CHARACTERS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-_.:[]")


@given(NEARLY_URLS)
def test_any_text_as_url_is_an_endpoint_or_a_typed_error(url: str) -> None:
    try:
        endpoint = resolve_endpoint(None, endpoint_url=url, allow_insecure=True)
    except EndpointResolutionError:
        return

    assert HOST_CHARACTERS.issuperset(endpoint.host)
    assert endpoint.url.isascii()
    assert endpoint.url.isprintable()
    assert Endpoint(endpoint.url, source="custom") == endpoint


@given(st.text(max_size=70) | st.text("fips-us1", max_size=70))
def test_any_text_as_region_is_an_endpoint_or_a_typed_error(region: str) -> None:
    try:
        endpoint = resolve_endpoint(region)
    except EndpointResolutionError:
        return

    assert HOST_CHARACTERS.issuperset(endpoint.host)
    signing_region = endpoint.signing_region or ""
    assert (signing_region, False) == normalize_region(signing_region)


@given(st.text(max_size=40) | st.text("abc.:-/@[]", max_size=40))
def test_any_text_after_the_prefixes_is_a_host_or_a_typed_error(host: str) -> None:
    try:
        url = KeepPrefixes(host)
        endpoint = resolve_endpoint("us-east-1", endpoint_url=url)
    except EndpointResolutionError:
        return

    assert endpoint.host.startswith("runtime.sagemaker.us-east-1.")
    assert "" == endpoint.prefix


@pytest.mark.parametrize(
    ("region", "likely"),
    [
        ("us-east-1a", "us-east-1"),
        ("us-west-2-lax-1a", "us-west-2"),
        ("use1-az1", "us-east-1"),
        ("EU-WEST-1", "eu-west-1"),
        ("us-east-1a-fips", "us-east-1"),
        (" us-east-1", "us-east-1"),
    ],
)
@pytest.mark.parametrize("url", [None, "https://a.example"])
def test_the_region_of_a_zone_is_named(
    region: str, likely: str, url: str | None
) -> None:
    with pytest.raises(EndpointResolutionError) as caught:
        resolve_endpoint(region, endpoint_url=url)

    assert repr(region) in str(caught.value)
    assert f"did you mean {likely!r}" in str(caught.value)


@pytest.mark.parametrize(
    ("region", "use_fips", "url"),
    [
        (
            "us-east-1",
            False,
            "https://runtime.sagemaker.us-east-1.amazonaws.com:8443",
        ),
        (
            "us-gov-west-1",
            True,
            "https://runtime-fips.sagemaker.us-gov-west-1.amazonaws.com:8443",
        ),
        (
            "eu-isoe-west-1",
            True,
            "https://runtime.sagemaker-fips.eu-isoe-west-1.cloud.adc-e.uk",
        ),
    ],
)
def test_streams_in_both_directions_have_other_endpoints(
    region: str, url: str, *, use_fips: bool
) -> None:
    assert url == resolve_endpoint(region, use_fips=use_fips, is_http2=True).url


def test_an_explicit_port_replaces_that_of_http2() -> None:
    endpoint = resolve_endpoint("us-east-1", port=9443, is_http2=True)

    assert endpoint.url.endswith(":9443")


def test_an_endpoint_url_of_aws_needs_the_port_of_http2() -> None:
    url = "https://runtime.sagemaker.us-east-1.amazonaws.com"

    assert url == resolve_endpoint("us-east-1", endpoint_url=url).url
    with pytest.raises(EndpointResolutionError):
        resolve_endpoint("us-east-1", endpoint_url=url, is_http2=True)
