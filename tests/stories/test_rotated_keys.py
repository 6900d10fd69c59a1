"""The keys in the credentials file are replaced while a client runs."""

from __future__ import annotations

from pathlib import Path

from sagemaker_rt import Client, Credentials
from sagemaker_rt.emulator import Emulator, echo


def write_keys(file: Path, credentials: Credentials) -> None:
    file.write_text(
        "[default]\n"
        f"aws_access_key_id = {credentials.access_key_id}\n"
        f"aws_secret_access_key = {credentials.secret_access_key}\n"
    )


async def test_replaced_keys_are_read_when_the_old_ones_are_refused(
    tmp_path: Path,
) -> None:
    file = tmp_path / "credentials"
    old, new = (
        Credentials("AKIDOLD", "old-secret"),
        Credentials("AKIDNEW", "new-secret"),
    )
    write_keys(file, old)
    environ = {"AWS_SHARED_CREDENTIALS_FILE": str(file), "HOME": str(tmp_path)}

    async with (
        Emulator(models={"m": echo}, credentials=old) as before,
        Emulator(models={"m": echo}, credentials=new) as after,
        Client(region=before.region, environ=environ) as client,
    ):
        first = await client.with_options(endpoint_url=before.url).invoke_endpoint(
            endpoint_name="m", body=b"1"
        )
        write_keys(file, new)
        rotated = client.with_options(endpoint_url=after.url)
        second = await rotated.invoke_endpoint(endpoint_name="m", body=b"2")
        third = await rotated.invoke_endpoint(endpoint_name="m", body=b"3")

    assert [len(it.metadata.attempts) for it in (first, second, third)] == [1, 2, 1]
    assert second.body == b"2"
