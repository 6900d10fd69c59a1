"""The side of `faults` that calls: one client library, in a process of its own.

It says what it is made of, is told in lines what to call, and answers in lines what
came of it, in any order. Calls of one row share a client, which lives until the row is
said to be over.

Only the standard library is imported here: a peer's environment has nothing else.
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

__all__ = ["CALLERS"]

Told: TypeAlias = dict[str, Any]

_REGION: Final = "us-east-1"
_SECRET: Final = "a-secret"  # noqa: S105 - of nobody
_TOKEN: Final = "a-session-token"  # noqa: S105 - of nobody
_THREADS: Final = 32
_SHOWN: Final = 300
_TOLD: Final = {
    "sagemaker_rt": "sagemaker-rt",
    "boto3": "boto3",
    "aiobotocore": "aiobotocore",
    "botocore": "botocore",
}


@dataclass
class _Came:
    """What a call has returned so far."""

    data: bytes = b""


class _Caller(Protocol):
    """One client library."""

    async def make(self, told: Told) -> Any:
        """Return a client of the library."""
        ...

    async def call(self, client: Any, told: Told, came: _Came) -> None:
        """Make one call."""
        ...

    async def close(self, client: Any) -> None:
        """Close *client*."""
        ...

    def is_typed(self, error: BaseException) -> bool:
        """Tell whether *error* is of the library's own tree."""
        ...


class SagemakerRt:
    """Our client."""

    def __init__(self) -> None:
        self._package = import_module("sagemaker_rt")

    async def make(self, told: Told) -> Any:
        """Return a client whose options are the row's."""
        package, trust = self._package, told["trust"]
        credentials: Any = package.Credentials("AKID1", _SECRET, _TOKEN)
        if told["credentials"] != "given":
            credentials = _Renewed(package.Credentials, told["credentials"])
        context = ssl.create_default_context(cafile=trust) if trust else None
        return package.Client(
            region=_REGION,
            endpoint_url=told["url"],
            credentials=credentials,
            ssl_context=context,
            https_proxy=told["proxy"],
            environ={},
            **told["options"],
        )

    async def call(self, client: Any, told: Told, came: _Came) -> None:
        """Make one call."""
        body = b"x" * told["body_bytes"]
        if told["operation"] == "stream":
            async with client.invoke_endpoint_with_response_stream(
                endpoint_name="m", body=body
            ) as stream:
                async for event in stream:
                    came.data += getattr(event, "bytes", b"")
        elif told["operation"] == "async":
            await client.invoke_endpoint_async(
                endpoint_name="m", input_location="s3://b/k"
            )
        else:
            answer = await client.invoke_endpoint(endpoint_name="m", body=body)
            came.data = answer.body

    async def close(self, client: Any) -> None:
        """Close the client."""
        await client.aclose()

    def is_typed(self, error: BaseException) -> bool:
        """Tell whether it is ours."""
        return isinstance(error, self._package.SageMakerRuntimeError)


class _Renewed:
    """A source whose second set has another key, or the same one."""

    def __init__(self, kind: Callable[..., Any], how: str) -> None:
        self.count = 0
        self._kind = kind
        self._is_other = how == "renewed"

    async def retrieve(self) -> Any:
        self.count += 1
        number = self.count if self._is_other else 1
        return self._kind(f"AKID{number}", _SECRET, _TOKEN)


class Boto3:
    """The AWS SDK for Python, whose calls take a thread each."""

    def __init__(self) -> None:
        self._botocore = import_module("botocore.session")
        self._config = import_module("botocore.config").Config
        self._boto3 = import_module("boto3")
        self._one_at_a_time = threading.Lock()

    async def make(self, told: Told) -> Any:
        """Return a client with the same time limits, as far as there are any."""
        return await asyncio.to_thread(self._make, told)

    def _make(self, told: Told) -> Any:
        with self._one_at_a_time:
            session = self._botocore.get_session()
            session._credentials = _refreshable(  # noqa: SLF001 - no public way
                import_module("botocore.credentials"), told, "RefreshableCredentials"
            )
            boto3 = self._boto3.Session(botocore_session=session)
            return boto3.client(**_arguments(told, self._config))

    async def call(self, client: Any, told: Told, came: _Came) -> None:
        """Make one call in a thread."""
        await asyncio.to_thread(self._call, client, told, came)

    def _call(self, client: Any, told: Told, came: _Came) -> None:
        name, members = _operation(told)
        answer = getattr(client, name)(**members)
        if told["operation"] == "stream":
            for event in answer["Body"]:
                came.data += event.get("PayloadPart", {}).get("Bytes", b"")
        elif told["operation"] == "invoke":
            came.data = answer["Body"].read()

    async def close(self, client: Any) -> None:
        """Close the client."""
        await asyncio.to_thread(client.close)

    def is_typed(self, error: BaseException) -> bool:
        """Tell whether it is botocore's."""
        return _is_botocores(error)


class Aiobotocore:
    """botocore with its waiting made asynchronous."""

    def __init__(self) -> None:
        self._session = import_module("aiobotocore.session")
        self._config = import_module("aiobotocore.config").AioConfig

    async def make(self, told: Told) -> Any:
        """Return a client with the same time limits, as far as there are any."""
        session = self._session.get_session()
        session._credentials = _refreshable(  # noqa: SLF001 - no public way
            import_module("aiobotocore.credentials"), told, "AioRefreshableCredentials"
        )
        creating = session.create_client(**_arguments(told, self._config))
        return await creating.__aenter__()

    async def call(self, client: Any, told: Told, came: _Came) -> None:
        """Make one call."""
        name, members = _operation(told)
        answer = await getattr(client, name)(**members)
        if told["operation"] == "stream":
            async for event in answer["Body"]:
                came.data += event.get("PayloadPart", {}).get("Bytes", b"")
        elif told["operation"] == "invoke":
            came.data = await answer["Body"].read()

    async def close(self, client: Any) -> None:
        """Close the client."""
        await client.__aexit__(None, None, None)

    def is_typed(self, error: BaseException) -> bool:
        """Tell whether it is botocore's."""
        return _is_botocores(error)


CALLERS: Final[dict[str, type[_Caller]]] = {
    "sagemaker_rt": SagemakerRt,
    "boto3": Boto3,
    "aiobotocore": Aiobotocore,
}
"""The libraries that are called, by their names in `peers`."""


def _arguments(told: Told, config: Any) -> dict[str, Any]:
    """Say in botocore's words what it has words for; its retries are its own."""
    limits: dict[str, Any] = {
        name: told["options"][name] for name in ("connect_timeout", "read_timeout")
    }
    if told["proxy"] is not None:
        limits["proxies"] = {"https": told["proxy"]}
    return {
        "service_name": "sagemaker-runtime",
        "region_name": _REGION,
        "endpoint_url": told["url"],
        "verify": told["trust"],
        "config": config(**limits),
    }


def _refreshable(module: Any, told: Told, name: str) -> Any:
    """Return credentials that can be refreshed, or those that cannot."""
    if told["credentials"] == "given":
        kind = name.replace("Refreshable", "")
        return getattr(module, kind)("AKID1", _SECRET, _TOKEN)
    count = 1

    def refreshed() -> dict[str, str]:
        nonlocal count
        count += told["credentials"] == "renewed"
        end = datetime.now(timezone.utc) + timedelta(hours=6)  # noqa: UP017 - as old Pythons have it
        return {
            "access_key": f"AKID{count}",
            "secret_key": _SECRET,
            "token": _TOKEN,
            "expiry_time": end.isoformat(),
        }

    async def refreshed_later() -> dict[str, str]:
        return refreshed()

    end = datetime.now(timezone.utc) + timedelta(hours=6)  # noqa: UP017 - the same
    source = refreshed_later if name.startswith("Aio") else refreshed
    kind = getattr(module, name)
    return kind("AKID1", _SECRET, _TOKEN, end, source, "given")


def _operation(told: Told) -> tuple[str, dict[str, Any]]:
    """Return the method and the members that botocore has for the call."""
    if told["operation"] == "async":
        members = {"EndpointName": "m", "InputLocation": "s3://b/k"}
        return "invoke_endpoint_async", members
    stream = "_with_response_stream" if told["operation"] == "stream" else ""
    body = b"x" * told["body_bytes"]
    return f"invoke_endpoint{stream}", {"EndpointName": "m", "Body": body}


def _is_botocores(error: BaseException) -> bool:
    errors = import_module("botocore.exceptions")
    return isinstance(error, (errors.BotoCoreError, errors.ClientError))


class _Calls:
    """The calls of one process."""

    def __init__(self, caller: _Caller) -> None:
        self._caller = caller
        self._clients: dict[int, Any] = {}

    async def answer(self, told: Told) -> None:
        """Do what one line says, and answer it."""
        came = _Came()
        said: dict[str, object] = {"error": None, "is_typed": True}
        try:
            if told["is_over"]:
                await self._caller.close(self._clients.pop(told["row"]))
            else:
                await self._caller.call(await self._client(told), told, came)
        except BaseException as error:  # noqa: BLE001 - whatever it is, it is told
            said = {
                "error": type(error).__name__,
                "is_typed": self._caller.is_typed(error),
                "text": str(error)[:_SHOWN],
            }
        said |= {"id": told["id"], "data": came.data[:_SHOWN].decode("latin-1")}
        print(json.dumps(said), flush=True)

    async def _client(self, told: Told) -> Any:
        row = told["row"]
        if row not in self._clients:
            self._clients[row] = await self._caller.make(told)
        return self._clients[row]


async def _run(name: str) -> None:
    loop = asyncio.get_running_loop()
    loop.set_default_executor(ThreadPoolExecutor(_THREADS))
    calls = _Calls(CALLERS[name]())
    made_of = [f"{d} {version(d)}" for m, d in _TOLD.items() if m in sys.modules]
    print(", ".join(made_of), flush=True)
    lines: asyncio.Queue[str] = asyncio.Queue()

    def read() -> None:
        for line in sys.stdin:
            loop.call_soon_threadsafe(lines.put_nowait, line)
        os._exit(0)  # some calls may hang, and threads cannot be ended

    threading.Thread(target=read, daemon=True).start()
    running: set[asyncio.Task[None]] = set()
    while True:
        task = asyncio.create_task(calls.answer(json.loads(await lines.get())))
        running.add(task)
        task.add_done_callback(running.discard)


if __name__ == "__main__":
    asyncio.run(_run(sys.argv[1]))
