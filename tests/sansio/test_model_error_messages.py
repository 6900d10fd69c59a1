from __future__ import annotations

import pytest

from sagemaker_rt.sansio.model_error_messages import (
    LogLocation,
    ModelErrorMessage,
    find_log,
    read_model_error_message,
)

POINTER = (
    "See https://us-west-2.console.aws.amazon.com/cloudwatch/home?region=us-west-2"
    "#logEventViewer:group=/aws/sagemaker/Endpoints/fish in account 123456789012 for "
    "more information."
)
GROUP = "/aws/sagemaker/Endpoints/fish"
ARN = f"arn:aws:logs:us-west-2:123456789012:log-group:{GROUP}"
STREAM = "AllTraffic/i-0123456789abcdef0"


@pytest.mark.parametrize(
    ("quoted", "body"),
    [
        (f' with message "no". {POINTER}', "no"),
        (f' with message "a "b"\n c". {POINTER}', 'a "b"\n c'),
        (f' with message "x". See y". {POINTER}', 'x". See y'),
        (' with message "cut', "cut"),
        (f" and could not load the entire response body. {POINTER}", ""),
        ("", ""),
    ],
)
def test_the_message_names_the_status_the_container_and_the_body(
    quoted: str, body: str
) -> None:
    message = f"Received client error (400) from primary{quoted}"

    assert ModelErrorMessage(400, "primary", body) == read_model_error_message(message)


def test_a_status_of_zero_is_a_status() -> None:
    parts = read_model_error_message('Received server error (0) from m with message "')

    assert ModelErrorMessage(0, "m", "") == parts


@pytest.mark.parametrize("message", ["", "no", "Received an error from primary"])
def test_a_message_in_other_words_has_no_parts(message: str) -> None:
    assert read_model_error_message(message) is None


@pytest.mark.parametrize(
    ("arn", "expected"),
    [
        (ARN, LogLocation("aws", "us-west-2", GROUP)),
        (f"{ARN}:*", LogLocation("aws", "us-west-2", GROUP)),
        (
            f"{ARN}:log-stream:{STREAM}",
            LogLocation("aws", "us-west-2", GROUP, STREAM),
        ),
        (f"{ARN}:log-stream:", LogLocation("aws", "us-west-2", GROUP)),
        (
            f"arn:aws-cn:logs:cn-north-1:123456789012:log-group:{GROUP}",
            LogLocation("aws-cn", "cn-north-1", GROUP),
        ),
        ("arn:aws:logs:x", None),
        ("arn:aws:s3:::bucket", None),
        ("arn:aws:logs:evil.example/:1:log-group:x", None),
        ("", None),
        (None, None),
    ],
)
def test_the_log_is_in_the_arn(arn: str | None, expected: LogLocation | None) -> None:
    assert expected == find_log(arn, "no")


@pytest.mark.parametrize(
    ("region", "partition"),
    [
        ("us-west-2", "aws"),
        ("cn-north-1", "aws-cn"),
        ("us-gov-west-1", "aws-us-gov"),
        ("eusc-de-east-1", "aws-eusc"),
    ],
)
def test_without_an_arn_the_message_names_the_log(region: str, partition: str) -> None:
    message = f'with message "no". {POINTER}'.replace("us-west-2", region)

    assert LogLocation(partition, region, GROUP) == find_log(None, message)


def test_the_message_may_name_the_stream() -> None:
    message = POINTER.replace(" in account", f";stream={STREAM} in account")

    assert LogLocation("aws", "us-west-2", GROUP, STREAM) == find_log(None, message)


def test_what_a_container_says_does_not_become_the_log() -> None:
    own = "See https://evil.example/cloudwatch/home?region=us-east-1#logEventViewer:"
    message = f'with message "{own}group=/fish in account 1". {POINTER}'

    assert LogLocation("aws", "us-west-2", GROUP) == find_log(None, message)


@pytest.mark.parametrize(
    ("partition", "region", "host"),
    [
        ("aws", "eu-west-3", "eu-west-3.console.aws.amazon.com"),
        ("aws-cn", "cn-north-1", "cn-north-1.console.amazonaws.cn"),
        (
            "aws-us-gov",
            "us-gov-west-1",
            "us-gov-west-1.console.amazonaws-us-gov.com",
        ),
        ("aws-eusc", "eusc-de-east-1", "eusc-de-east-1.console.amazonaws-eusc.eu"),
    ],
)
def test_the_console_of_a_partition(partition: str, region: str, host: str) -> None:
    url = LogLocation(partition, region, "g").url

    assert (
        f"https://{host}/cloudwatch/home?region={region}"
        "#logsV2:log-groups/log-group/g" == url
    )


def test_names_are_encoded_for_the_console() -> None:
    url = LogLocation("aws", "us-west-2", GROUP, "a/[b] c").url

    assert url is not None
    assert (
        "log-groups/log-group/$252Faws$252Fsagemaker$252FEndpoints$252Ffish"
        "/log-events/a$252F$255Bb$255D$2520c" == url.partition("#logsV2:")[2]
    )


def test_an_unknown_console_has_no_url() -> None:
    assert LogLocation("aws-iso", "us-iso-east-1", GROUP).url is None
