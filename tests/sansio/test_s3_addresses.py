"""Locations of objects in S3, and the endpoints and paths of requests for them."""

from __future__ import annotations

import pytest

from sagemaker_rt.errors import EndpointResolutionError, ParamValidationError
from sagemaker_rt.sansio.s3_addresses import (
    S3Location,
    S3Settings,
    is_region,
    object_path,
    parse_location,
    parse_prefix,
    s3_endpoint,
)

DEFAULTS = S3Settings()
CUSTOM = S3Settings(endpoint_url="http://127.0.0.1:8080/s3")


@pytest.mark.parametrize(
    ("text", "bucket", "key", "region"),
    [
        ("s3://bucket/key", "bucket", "key", None),
        ("s3://b/a/b%20c?d#e", "b", "a/b%20c?d#e", None),
        ("s3://bucket//key", "bucket", "/key", None),
        ("https://bucket.s3.eu-west-1.amazonaws.com/a", "bucket", "a", "eu-west-1"),
        ("https://bucket.s3-eu-west-1.amazonaws.com/a", "bucket", "a", "eu-west-1"),
        ("https://bucket.s3.amazonaws.com/a%20b", "bucket", "a b", None),
        ("https://a.b.s3.amazonaws.com/k", "a.b", "k", None),
        ("https://s3.us-gov-west-1.amazonaws.com/b/k", "b", "k", "us-gov-west-1"),
        ("https://s3.amazonaws.com/bucket/k", "bucket", "k", None),
        ("https://b1.s3.dualstack.eu-west-1.amazonaws.com/k", "b1", "k", "eu-west-1"),
        ("https://b1.s3-fips.us-east-1.amazonaws.com/k", "b1", "k", "us-east-1"),
        ("https://b1.s3.cn-north-1.amazonaws.com.cn/k", "b1", "k", "cn-north-1"),
    ],
)
def test_a_location_is_parsed(
    text: str, bucket: str, key: str, region: str | None
) -> None:
    location = parse_location(text)

    assert (bucket, key, region) == (location.bucket, location.key, location.region)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "key",
        "s3://",
        "s3://bucket",
        "s3://bucket/",
        "s3:///key",
        "s3://bu cket/key",
        "s3://../key",
        "s3://bucket/\udc80",
        "https://example.com/bucket/key",
        "http://bucket.s3.amazonaws.com/key",
        "https://bucket.s3.amazonaws.com/",
        "https://s3.amazonaws.com/bucket",
        "https://bucket.s3.amazonaws.com/key#fragment",
        "https://user@bucket.s3.amazonaws.com/key",
        "https://bucket.s3.amazonaws.com/%ff",
        "https://bucket.s3.amazonaws.com/a\nb",
        "https://[bucket.s3.amazonaws.com/key",
        "https://bucket.s3.amazonaws.com.example.com/key",
    ],
)
def test_another_text_is_not_a_location(text: str) -> None:
    with pytest.raises(ParamValidationError) as raised:
        parse_location(text)

    assert 1 == len(raised.value.problems)


def test_the_signature_of_a_presigned_url_is_not_in_the_error() -> None:
    with pytest.raises(ParamValidationError) as raised:
        parse_location("https://bucket.s3.amazonaws.com/k?X-Amz-Signature=secret")

    assert "secret" not in str(raised.value)


def test_a_location_is_shown_as_a_uri() -> None:
    assert "s3://bucket/a b" == str(parse_location("s3://bucket/a b"))


def test_the_region_does_not_distinguish_locations() -> None:
    assert S3Location("b", "k", "eu-west-1") == S3Location("b", "k")


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("s3://bucket", ""),
        ("s3://bucket/", ""),
        ("s3://bucket/in", "in/"),
        ("s3://bucket/in/", "in/"),
    ],
)
def test_a_prefix_ends_with_a_slash(text: str, key: str) -> None:
    assert S3Location("bucket", key) == parse_prefix(text)


@pytest.mark.parametrize("text", ["bucket/in", "s3://", "https://s3.amazonaws.com/b"])
def test_another_text_is_not_a_prefix(text: str) -> None:
    with pytest.raises(ParamValidationError):
        parse_prefix(text)


@pytest.mark.parametrize(
    ("bucket", "region", "settings", "url"),
    [
        ("bucket", "eu-west-1", DEFAULTS, "https://bucket.s3.eu-west-1.amazonaws.com"),
        ("a.b", "eu-west-1", DEFAULTS, "https://s3.eu-west-1.amazonaws.com"),
        ("Bucket", "eu-west-1", DEFAULTS, "https://s3.eu-west-1.amazonaws.com"),
        ("b1", "eu-west-1", DEFAULTS, "https://s3.eu-west-1.amazonaws.com"),
        ("abc", "cn-north-1", DEFAULTS, "https://abc.s3.cn-north-1.amazonaws.com.cn"),
        (
            "abc",
            "us-east-1",
            S3Settings(use_fips=True),
            "https://abc.s3-fips.us-east-1.amazonaws.com",
        ),
        (
            "abc",
            "fips-us-east-1",
            DEFAULTS,
            "https://abc.s3-fips.us-east-1.amazonaws.com",
        ),
        (
            "abc",
            "us-east-1",
            S3Settings(use_dualstack=True),
            "https://abc.s3.dualstack.us-east-1.amazonaws.com",
        ),
        ("bucket", "eu-west-1", CUSTOM, "http://127.0.0.1:8080/s3"),
    ],
)
def test_the_endpoint_follows_from_bucket_and_region(
    bucket: str, region: str, settings: S3Settings, url: str
) -> None:
    endpoint = s3_endpoint(bucket, region, settings)

    assert (url, "s3", region.removeprefix("fips-")) == (
        endpoint.url,
        endpoint.signing_name,
        endpoint.signing_region,
    )


def test_a_local_region_needs_an_endpoint_url() -> None:
    with pytest.raises(EndpointResolutionError):
        s3_endpoint("bucket", "local", DEFAULTS)

    assert "us-east-1" == s3_endpoint("bucket", "local", CUSTOM).signing_region


def test_a_region_must_be_a_host_label() -> None:
    with pytest.raises(EndpointResolutionError):
        s3_endpoint("bucket", "example.com#", DEFAULTS)


@pytest.mark.parametrize(
    ("location", "settings", "path"),
    [
        (S3Location("bucket", "a b/é"), DEFAULTS, "/a%20b/%C3%A9"),
        (
            S3Location("bucket", "!'()*~-._%?#"),
            DEFAULTS,
            "/%21%27%28%29%2A~-._%25%3F%23",
        ),
        (S3Location("bucket", "/a//./../b"), DEFAULTS, "//a//./../b"),
        (S3Location("a.b", "key"), DEFAULTS, "/a.b/key"),
        (S3Location("bucket", "key"), CUSTOM, "/bucket/key"),
        (S3Location("bucket", ""), DEFAULTS, "/"),
        (S3Location("bucket", ""), CUSTOM, "/bucket"),
    ],
)
def test_a_path_is_encoded_once(
    location: S3Location, settings: S3Settings, path: str
) -> None:
    assert path == object_path(location, settings)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("eu-west-1", True),
        ("us-isob-east-1", True),
        ("EU", False),
        ("eu-west-1.example.com", False),
        ("eu-" + "x" * 61, False),
        ("", False),
        (None, False),
    ],
)
def test_only_a_host_label_is_a_region(text: str | None, *, expected: bool) -> None:
    assert expected == is_region(text)
