"""The message of a `ModelError`, and the place of its log.

The service writes one of::

    Received client error (400) from NAME with message "BODY". See URL in account …
    Received server error (500) from NAME and could not load the entire response
    body. See URL in account …
"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import quote

from attrs import frozen

from sagemaker_rt.sansio.endpoints import partition_of

__all__ = ["LogLocation", "ModelErrorMessage", "find_log", "read_model_error_message"]

_MESSAGE: Final = re.compile(
    r"Received (?:client|server) error \((\d{1,3})\) from (\S+)"
)
_QUOTE: Final = ' with message "'
_END_OF_QUOTE: Final = '". See '
_ARN: Final = re.compile(
    r"arn:(aws[\w-]*):logs:([a-z]+(?:-[a-z0-9]+)+):\d*:log-group:([^:*]+)"
    r"(?::log-stream:([^*]*))?(?::?\*)?"
)
# the container's words are before it, and may look like it
_POINTER: Final = re.compile(
    r".*See https://\S+/cloudwatch/home\?region=([a-z]+(?:-[a-z0-9]+)+)"
    r"#logEventViewer:group=([^\s;]+?)(?:;stream=(\S+))? in account",
    re.DOTALL,
)
_CONSOLES: Final = {
    "aws": "console.aws.amazon.com",
    "aws-cn": "console.amazonaws.cn",
    "aws-us-gov": "console.amazonaws-us-gov.com",
    "aws-eusc": "console.amazonaws-eusc.eu",
}


@frozen
class ModelErrorMessage:
    """What the message of a `ModelError` quotes."""

    status: int
    """The status of the container's response; 0 if there was no response."""
    container: str
    """The name of the container."""
    body: str
    """The body of the container's response; empty if the service could not read it."""


@frozen
class LogLocation:
    """A log group of Amazon CloudWatch Logs, and perhaps a stream in it."""

    partition: str
    region: str
    group: str
    stream: str | None = None

    @property
    def url(self) -> str | None:
        """The page of the AWS console; None in a partition with an unknown console."""
        console = _CONSOLES.get(self.partition)
        if console is None:
            return None
        path = f"log-groups/log-group/{_in_fragment(self.group)}"
        if self.stream:
            path += f"/log-events/{_in_fragment(self.stream)}"
        home = f"https://{self.region}.{console}/cloudwatch/home?region={self.region}"
        return f"{home}#logsV2:{path}"


def read_model_error_message(message: str) -> ModelErrorMessage | None:
    """Return the parts of *message*; None if the service did not write it."""
    found = _MESSAGE.match(message)
    if found is None:
        return None
    body = ""
    if message.startswith(_QUOTE, found.end()):
        body = message[found.end() + len(_QUOTE) :]
        # the last one: the body may contain it as well
        end = body.rfind(_END_OF_QUOTE)
        body = body[:end] if end >= 0 else body
    return ModelErrorMessage(int(found[1]), found[2], body)


def find_log(arn: str | None, message: str) -> LogLocation | None:
    """Return the log of the container.

    Args:
        arn: ``LogStreamArn``, the ARN of a log group or of a stream in it.
        message: The message of the service, which names the group as well.
    """
    found = _ARN.fullmatch(arn or "")
    if found is not None:
        return LogLocation(found[1], found[2], found[3], found[4] or None)
    pointer = _POINTER.match(message)
    if pointer is None:
        return None
    partition = partition_of(pointer[1]).id
    return LogLocation(partition, pointer[1], pointer[2], pointer[3])


def _in_fragment(name: str) -> str:
    # the console decodes a part twice, and has $ in place of %
    return quote(quote(name, safe=""), safe="").replace("%", "$")
