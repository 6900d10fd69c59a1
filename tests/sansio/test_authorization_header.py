from __future__ import annotations

import pytest

from sagemaker_rt.sansio.authorization_header import (
    Authorization,
    AuthorizationError,
    parse_authorization,
)

HEX = "0f" * 32
AUTHORIZATION = (
    "AWS4-HMAC-SHA256 Credential=AKID/20150830/eu-west-1/sagemaker/aws4_request, "
    f"SignedHeaders=host;x-amz-date, Signature={HEX}"
)


def test_an_authorization_is_parsed() -> None:
    parsed = parse_authorization(AUTHORIZATION)

    expected = Authorization(
        access_key_id="AKID",
        date="20150830",
        region="eu-west-1",
        service="sagemaker",
        signed_headers=("host", "x-amz-date"),
        signature=HEX,
    )
    assert expected == parsed


def test_white_space_between_the_fields_is_optional() -> None:
    tight = f" {AUTHORIZATION.replace(', ', ',')} "

    assert parse_authorization(AUTHORIZATION) == parse_authorization(tight)


@pytest.mark.parametrize(
    "value",
    [
        "",
        "Bearer token",
        AUTHORIZATION.replace("AWS4-HMAC-SHA256", "AWS4-ECDSA-P256-SHA256"),
        AUTHORIZATION.replace("aws4_request", "aws5_request"),
        AUTHORIZATION.replace("/20150830", ""),
        AUTHORIZATION.replace("20150830", "٢٠١٥٠٨٣٠"),
        AUTHORIZATION.replace("AKID", ""),
        AUTHORIZATION.replace("host;x-amz-date", ""),
        AUTHORIZATION.replace("0f", "0F"),
        AUTHORIZATION[:-1],
        AUTHORIZATION + "0",
        AUTHORIZATION + ", Signature=" + HEX,
    ],
)
def test_other_values_are_rejected_and_not_quoted(value: str) -> None:
    with pytest.raises(AuthorizationError) as caught:
        parse_authorization(value)

    assert not value or value not in str(caught.value)
    assert HEX not in str(caught.value)


def test_the_repr_hides_the_signature() -> None:
    assert HEX not in repr(parse_authorization(AUTHORIZATION))
