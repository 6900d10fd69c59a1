"""The thirteen hooks of interceptors, and the events of requests, as middlewares."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from attrs import frozen

from sagemaker_rt import Client, Stack, with_api_options
from sagemaker_rt.emulator import Emulator, service_unavailable

README = Path(__file__).parent / "README.md"


@frozen
class Hook:
    """One moment of a call: where a middleware stands, and when it acts there."""

    name: str
    step: str
    before: str | None = None
    after: str | None = None
    is_on_the_way_up: bool = False

    def listening(self, report: Callable[[str, Any], None]) -> Callable[[Stack], None]:
        """Return an edit of a stack after which *report* is called at this moment."""

        async def listen(ctx: Any, input: Any, next: Any) -> Any:
            if not self.is_on_the_way_up:
                report(self.name, input)
                return await next(ctx, input)
            output = None
            try:
                output = await next(ctx, input)
                return output
            finally:
                report(self.name, output)

        def edit(stack: Stack) -> None:
            step = getattr(stack, self.step)
            neighbour = {"before": self.before, "after": self.after}
            step.insert(listen, id=self.name, **neighbour)

        return edit


FIRST: Final = "OperationInputValidation"
HOOKS: Final = (
    Hook("BeforeExecution", "initialize", before=FIRST),
    Hook("BeforeSerialization", "serialize", before="OperationSerializer"),
    Hook("AfterSerialization", "serialize", after="OperationSerializer"),
    Hook("BeforeRetryLoop", "finalize", before="Retry"),
    Hook("BeforeAttempt", "finalize", after="Retry"),
    Hook("BeforeSigning", "finalize", before="Signing"),
    Hook("AfterSigning", "finalize", after="Signing"),
    Hook("BeforeTransmit", "deserialize", after="RecordResponseTiming"),
    Hook(
        "AfterTransmit",
        "deserialize",
        after="RecordResponseTiming",
        is_on_the_way_up=True,
    ),
    Hook(
        "BeforeDeserialization",
        "deserialize",
        after="OperationDeserializer",
        is_on_the_way_up=True,
    ),
    Hook(
        "AfterDeserialization",
        "deserialize",
        before="OperationDeserializer",
        is_on_the_way_up=True,
    ),
    Hook("AfterAttempt", "finalize", after="Retry", is_on_the_way_up=True),
    Hook("AfterExecution", "initialize", before=FIRST, is_on_the_way_up=True),
)
IN_README: Final = re.compile(
    r"^\| `(\w+)` \| `(\w+)` \| (before|after) `(\w+)` \| (down|up) \|$", re.MULTILINE
)
ONCE: Final = 4
"""How many hooks come before the attempts."""


async def test_thirteen_hooks_are_middlewares_before_or_after_named_ones(
    client: Client, emulator: Emulator
) -> None:
    heard: list[str] = []
    edits = [hook.listening(lambda name, _: heard.append(name)) for hook in HOOKS]
    emulator.fail_next(service_unavailable())

    await client.with_options(with_api_options(*edits)).invoke_endpoint(
        endpoint_name="my-endpoint", body=b""
    )

    names = [hook.name for hook in HOOKS]
    attempt = names[ONCE:-1]
    assert [*names[:ONCE], *attempt, *attempt, names[-1]] == heard


def test_the_readme_says_where_each_hook_stands() -> None:
    said = [
        Hook(name, step, is_on_the_way_up=way == "up", **{place: neighbour})
        for name, step, place, neighbour, way in IN_README.findall(README.read_text())
    ]

    assert list(HOOKS) == said


async def test_each_hook_sees_what_interceptors_see_there(client: Client) -> None:
    seen: dict[str, Any] = {}
    edits = [hook.listening(seen.__setitem__) for hook in HOOKS]

    await client.with_options(with_api_options(*edits)).invoke_endpoint(
        endpoint_name="my-endpoint", body=b"hi"
    )

    assert "my-endpoint" == seen["BeforeExecution"].params.endpoint_name
    assert (
        "/endpoints/my-endpoint/invocations" == seen["AfterSerialization"].request.path
    )
    assert "authorization" in seen["AfterSigning"].request.headers
    assert 200 == seen["BeforeDeserialization"].response.status
    assert b"hi" == seen["AfterDeserialization"].result.body
    assert 1 == len(seen["AfterExecution"].metadata.attempts)


async def test_a_hook_that_modifies_writes_on_its_input(
    client: Client, emulator: Emulator
) -> None:
    async def tag(ctx: Any, input: Any, next: Any) -> Any:
        input.request.headers["X-Tenant"] = "acme"
        return await next(ctx, input)

    tagged = with_api_options(
        lambda stack: stack.finalize.insert(tag, before="Signing")
    )
    await client.invoke_endpoint(tagged, endpoint_name="my-endpoint", body=b"")

    assert "acme" == emulator.requests[-1].headers["x-tenant"]


EVENTS: Final = (
    Hook("validate", "initialize", before=FIRST),
    Hook("build", "build", before="ClientRequestID"),
    Hook("sign", "finalize", before="Signing"),
    Hook("send", "deserialize", after="RecordResponseTiming"),
    Hook(
        "httpDone", "deserialize", after="RecordResponseTiming", is_on_the_way_up=True
    ),
    Hook(
        "extractData",
        "deserialize",
        before="OperationDeserializer",
        is_on_the_way_up=True,
    ),
    Hook("success", "finalize", before="Retry", is_on_the_way_up=True),
    Hook("complete", "initialize", before=FIRST, is_on_the_way_up=True),
)


async def test_the_events_of_a_request_are_middlewares_too(client: Client) -> None:
    heard: list[str] = []
    edits = [event.listening(lambda name, _: heard.append(name)) for event in EVENTS]

    await client.with_options(with_api_options(*edits)).invoke_endpoint(
        endpoint_name="my-endpoint", body=b""
    )

    assert [event.name for event in EVENTS] == heard


async def test_a_middleware_of_one_call_is_an_option_of_that_call(
    client: Client,
) -> None:
    heard: list[str] = []
    edit = EVENTS[0].listening(lambda name, _: heard.append(name))

    await client.invoke_endpoint(
        with_api_options(edit), endpoint_name="my-endpoint", body=b""
    )
    await client.invoke_endpoint(endpoint_name="my-endpoint", body=b"")

    assert ["validate"] == heard
