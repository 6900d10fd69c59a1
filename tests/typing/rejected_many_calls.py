"""Arguments of many calls that checkers reject."""

from __future__ import annotations

from sagemaker_rt import CallProgress, CallResult, Client, call_many


def show(done: int, total: int) -> None:
    """A function with the wrong parameters."""


async def length(text: str) -> int:
    """An async function."""
    return len(text)


def main(client: Client, result: CallResult[bytes, bytes]) -> None:
    """Each marked line is wrong."""
    client.invoke_many([b""], endpoint_name=5)  # error
    client.invoke_many([b""], endpoint="m")  # error
    client.invoke_many([5], endpoint_name="m")  # error
    client.invoke_many([b""], on_error="ignore")  # error
    client.invoke_many([b""], progress=show)  # error
    client.invoke_many(5)  # error
    call_many(length, [b""])  # error
    call_many(len, ["a"])  # error
    result.index = 1  # error
    CallProgress(1)  # error
