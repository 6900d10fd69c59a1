"""Makes the calls of `faults` with one client library, in its own process.

The process writes the versions of its packages. Then it reads tasks, one JSON document
per line, makes their calls concurrently, and writes a line with the result of each. The
calls of a row of the table share a client, which is closed by a task with ``is_over``.

This module imports only the standard library, since the environments of other libraries
have no more.
"""

from __future__ import annotations

import asyncio
import json
import os
import ssl
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from importlib import import_module
from importlib.metadata import version
from typing import Any, Final, Protocol, TypeAlias

__all__ = ["CLIENTS"]

Task: TypeAlias = dict[str, Any]

_REGION: Final = "us-east-1"
_SECRET: Final = "a-secret"  # noqa: S105 - not a real one
_TOKEN: Final = "a-session-token"  # noqa: S105 - not a real one
_THREADS: Final = 32
_SHOWN: Final = 300
_VERSIONS: Final = {
    "sagemaker_rt": "sagemaker-rt",
    "boto3": "boto3",
    "aiobotocore": "aiobotocore",
    "botocore": "botocore",
}


@dataclass
class _Received:
    """The part of a response that was received."""

    data: bytes = b""


class _Library(Protocol):
    """A client library."""

    async def make(self, task: Task) -> Any:
        """Return a client of the library."""
        ...

    async def call(self, client: Any, task: Task, received: _Received) -> None:
        """Make one call."""
        ...

    async def close(self, client: Any) -> None:
        """Close *client*."""
        ...

    def is_typed(self, error: BaseException) -> bool:
        """Return whether *error* is an exception class of the library."""
        ...


class SagemakerRt:
    """This library."""

    def __init__(self) -> None:
        self._package = import_module("sagemaker_rt")

    async def make(self, task: Task) -> Any:
        """Return a client with the options of the row."""
        package, trust = self._package, task["trust"]
        credentials: Any = package.Credentials("AKID1", _SECRET, _TOKEN)
        if task["credentials"] != "given":
            credentials = _RotatingProvider(package.Credentials, task["credentials"])
        context = ssl.create_default_context(cafile=trust) if trust else None
        return package.Client(
            region=_REGION,
            endpoint_url=task["url"],
            credentials=credentials,
            ssl_context=context,
            https_proxy=task["proxy"],
            environ={},
            **task["options"],
        )

    async def call(self, client: Any, task: Task, received: _Received) -> None:
        """Make one call."""
        body = b"x" * task["body_bytes"]
        if task["operation"] == "stream":
            async with client.invoke_endpoint_with_response_stream(
                endpoint_name="m", body=body
            ) as stream:
                async for event in stream:
                    received.data += getattr(event, "bytes", b"")
        elif task["operation"] == "async":
            await client.invoke_endpoint_async(
                endpoint_name="m", input_location="s3://b/k"
            )
        else:
            output = await client.invoke_endpoint(endpoint_name="m", body=body)
            received.data = output.body

    async def close(self, client: Any) -> None:
        """Close the client."""
        await client.aclose()

    def is_typed(self, error: BaseException) -> bool:
        """Return whether *error* is an exception class of the library."""
        return isinstance(error, self._package.SageMakerRuntimeError)


class _RotatingProvider:
    """A provider that returns another access key at each call, or always the same."""

    def __init__(self, kind: Callable[..., Any], how: str) -> None:
        self.count = 0
        self._kind = kind
        self._rotates = how == "renewed"

    async def retrieve(self) -> Any:
        self.count += 1
        number = self.count if self._rotates else 1
        return self._kind(f"AKID{number}", _SECRET, _TOKEN)


class Boto3:
    """boto3, with a thread for each call."""

    def __init__(self) -> None:
        self._botocore = import_module("botocore.session")
        self._config = import_module("botocore.config").Config
        self._boto3 = import_module("boto3")
        self._one_at_a_time = threading.Lock()

    async def make(self, task: Task) -> Any:
        """Return a client with the same time limits, as far as they exist."""
        return await asyncio.to_thread(self._make, task)

    def _make(self, task: Task) -> Any:
        with self._one_at_a_time:
            session = self._botocore.get_session()
            session._credentials = _refreshable(  # noqa: SLF001 - no public way
                import_module("botocore.credentials"), task, "RefreshableCredentials"
            )
            boto3 = self._boto3.Session(botocore_session=session)
            return boto3.client(**_arguments(task, self._config))

    async def call(self, client: Any, task: Task, received: _Received) -> None:
        """Make one call in a thread."""
        await asyncio.to_thread(self._call, client, task, received)

    def _call(self, client: Any, task: Task, received: _Received) -> None:
        name, members = _operation(task)
        response = getattr(client, name)(**members)
        if task["operation"] == "stream":
            for event in response["Body"]:
                received.data += event.get("PayloadPart", {}).get("Bytes", b"")
        elif task["operation"] == "invoke":
            received.data = response["Body"].read()

    async def close(self, client: Any) -> None:
        """Close the client."""
        await asyncio.to_thread(client.close)

    def is_typed(self, error: BaseException) -> bool:
        """Return whether *error* is an exception class of botocore."""
        return _is_botocore_error(error)


class Aiobotocore:
    """aiobotocore."""

    def __init__(self) -> None:
        self._session = import_module("aiobotocore.session")
        self._config = import_module("aiobotocore.config").AioConfig

    async def make(self, task: Task) -> Any:
        """Return a client with the same time limits, as far as they exist."""
        session = self._session.get_session()
        session._credentials = _refreshable(  # noqa: SLF001 - no public way
            import_module("aiobotocore.credentials"), task, "AioRefreshableCredentials"
        )
        creating = session.create_client(**_arguments(task, self._config))
        return await creating.__aenter__()

    async def call(self, client: Any, task: Task, received: _Received) -> None:
        """Make one call."""
        name, members = _operation(task)
        response = await getattr(client, name)(**members)
        if task["operation"] == "stream":
            async for event in response["Body"]:
                received.data += event.get("PayloadPart", {}).get("Bytes", b"")
        elif task["operation"] == "invoke":
            received.data = await response["Body"].read()

    async def close(self, client: Any) -> None:
        """Close the client."""
        await client.__aexit__(None, None, None)

    def is_typed(self, error: BaseException) -> bool:
        """Return whether *error* is an exception class of botocore."""
        return _is_botocore_error(error)


CLIENTS: Final[dict[str, type[_Library]]] = {
    "sagemaker_rt": SagemakerRt,
    "boto3": Boto3,
    "aiobotocore": Aiobotocore,
}
"""The client libraries, by their names in `interpreters`."""


def _arguments(task: Task, config: Any) -> dict[str, Any]:
    """Return the arguments of botocore; its retries have their defaults."""
    limits: dict[str, Any] = {
        name: task["options"][name] for name in ("connect_timeout", "read_timeout")
    }
    if task["proxy"] is not None:
        limits["proxies"] = {"https": task["proxy"]}
    return {
        "service_name": "sagemaker-runtime",
        "region_name": _REGION,
        "endpoint_url": task["url"],
        "verify": task["trust"],
        "config": config(**limits),
    }


def _refreshable(module: Any, task: Task, name: str) -> Any:
    """Return static or refreshable credentials, as the row demands."""
    if task["credentials"] == "given":
        kind = name.replace("Refreshable", "")
        return getattr(module, kind)("AKID1", _SECRET, _TOKEN)
    count = 1

    def refreshed() -> dict[str, str]:
        nonlocal count
        count += task["credentials"] == "renewed"
        end = datetime.now(timezone.utc) + timedelta(hours=6)  # noqa: UP017 - Python 3.10 and older
        return {
            "access_key": f"AKID{count}",
            "secret_key": _SECRET,
            "token": _TOKEN,
            "expiry_time": end.isoformat(),
        }

    async def refreshed_async() -> dict[str, str]:
        return refreshed()

    end = datetime.now(timezone.utc) + timedelta(hours=6)  # noqa: UP017 - Python 3.10 and older
    refresh = refreshed_async if name.startswith("Aio") else refreshed
    kind = getattr(module, name)
    return kind("AKID1", _SECRET, _TOKEN, end, refresh, "given")


def _operation(task: Task) -> tuple[str, dict[str, Any]]:
    """Return the method and the arguments of botocore for the call."""
    if task["operation"] == "async":
        members = {"EndpointName": "m", "InputLocation": "s3://b/k"}
        return "invoke_endpoint_async", members
    stream = "_with_response_stream" if task["operation"] == "stream" else ""
    body = b"x" * task["body_bytes"]
    return f"invoke_endpoint{stream}", {"EndpointName": "m", "Body": body}


def _is_botocore_error(error: BaseException) -> bool:
    errors = import_module("botocore.exceptions")
    return isinstance(error, (errors.BotoCoreError, errors.ClientError))


class _TaskRunner:
    """Runs the tasks of one process."""

    def __init__(self, library: _Library) -> None:
        self._library = library
        self._clients: dict[int, Any] = {}

    async def run(self, task: Task) -> None:
        """Make the call of a task, or close its client, and write the result."""
        received = _Received()
        result: dict[str, object] = {"error": None, "is_typed": True}
        try:
            if task["is_over"]:
                await self._library.close(self._clients.pop(task["row"]))
            else:
                await self._library.call(await self._client(task), task, received)
        except BaseException as error:  # noqa: BLE001 - reported as the result
            result = {
                "error": type(error).__name__,
                "is_typed": self._library.is_typed(error),
                "text": str(error)[:_SHOWN],
            }
        result |= {"id": task["id"], "data": received.data[:_SHOWN].decode("latin-1")}
        print(json.dumps(result), flush=True)

    async def _client(self, task: Task) -> Any:
        row = task["row"]
        if row not in self._clients:
            self._clients[row] = await self._library.make(task)
        return self._clients[row]


async def _run(name: str) -> None:
    loop = asyncio.get_running_loop()
    loop.set_default_executor(ThreadPoolExecutor(_THREADS))
    runner = _TaskRunner(CLIENTS[name]())
    versions = [f"{d} {version(d)}" for m, d in _VERSIONS.items() if m in sys.modules]
    print(", ".join(versions), flush=True)
    lines: asyncio.Queue[str] = asyncio.Queue()

    def read() -> None:
        for line in sys.stdin:
            loop.call_soon_threadsafe(lines.put_nowait, line)
        os._exit(0)  # calls may hang, and threads cannot be stopped

    threading.Thread(target=read, daemon=True).start()
    running: set[asyncio.Task[None]] = set()
    while True:
        task = asyncio.create_task(runner.run(json.loads(await lines.get())))
        running.add(task)
        task.add_done_callback(running.discard)


if __name__ == "__main__":
    asyncio.run(_run(sys.argv[1]))
