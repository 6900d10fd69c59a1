"""Uses of sessions that checkers reject."""

from __future__ import annotations

from sagemaker_rt import Client, Session


async def main(client: Client, session: Session) -> None:
    """Each marked line is wrong."""
    client.session()  # error
    client.session(5)  # error
    client.session("m", session_id="s")  # error
    client.session("m", close_timeout="5")  # error
    client.session("m").invoke(body=b"")  # error
    await session.invoke(b"")  # error
    await session.invoke(body=b"", endpoint_name="m")  # error
    await session.invoke(body=b"", session_id="s")  # error
    session.stream(body=b"", target_model="x")  # error
    session.is_open = False  # error
