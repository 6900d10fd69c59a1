"""A server of moto, which verifies signatures."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import boto3
from attrs import frozen

from sagemaker_rt import Credentials

__all__ = ["REGION", "Moto", "running_moto"]

REGION: Final = "us-east-1"


@frozen
class Moto:
    """A running server, and the credentials of a user of SageMaker and S3."""

    url: str
    credentials: Credentials


@contextmanager
def running_moto() -> Iterator[Moto]:
    """Run a server while the block runs."""
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", "0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as server:
        try:
            assert server.stderr is not None
            url = next(filter(None, map(_url_in, server.stderr)))
            # a full pipe would block the server
            threading.Thread(target=server.stderr.read, daemon=True).start()
            credentials = _make_user(url)
            _post(f"{url}/moto-api/reset-auth", b"0")  # enables verification
            yield Moto(url, credentials)
        finally:
            server.terminate()


def _url_in(line: str) -> str | None:
    """Return the URL in a *line* of the server's log, or None."""
    found = re.search(r"http://127\.0\.0\.1:[0-9]+", line)
    return found.group() if found else None


def _post(url: str, body: bytes) -> None:
    text = {"Content-Type": "text/plain"}  # moto parses the default as a form
    request = urllib.request.Request(url, body, text)  # noqa: S310 - loopback
    with urllib.request.urlopen(request, timeout=10):  # noqa: S310 - loopback
        pass


def _make_user(url: str) -> Credentials:
    iam = boto3.client(
        "iam",
        region_name=REGION,
        endpoint_url=url,
        aws_access_key_id="setup",
        aws_secret_access_key="setup",
    )
    try:
        iam.create_user(UserName="caller")
        actions = ["sagemaker:*", "s3:*", "sts:AssumeRole"]
        statement = {"Effect": "Allow", "Action": actions, "Resource": "*"}
        document = {"Version": "2012-10-17", "Statement": [statement]}
        iam.put_user_policy(
            UserName="caller",
            PolicyName="sagemaker",
            PolicyDocument=json.dumps(document),
        )
        _make_role(iam, document)
        key = iam.create_access_key(UserName="caller")["AccessKey"]
    finally:
        iam.close()
    return Credentials(key["AccessKeyId"], key["SecretAccessKey"])


def _make_role(iam: Any, document: object) -> None:
    """Create a role that the user may assume, with the policy of the user."""
    trusted = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
    trust = {"Version": "2012-10-17", "Statement": [trusted]}
    iam.create_role(RoleName="invoker", AssumeRolePolicyDocument=json.dumps(trust))
    iam.put_role_policy(
        RoleName="invoker",
        PolicyName="sagemaker",
        PolicyDocument=json.dumps(document),
    )
