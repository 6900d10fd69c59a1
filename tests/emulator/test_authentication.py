from __future__ import annotations

from collections.abc import Mapping

import pytest

from sagemaker_rt.emulator.authentication import authenticate
from sagemaker_rt.emulator.openai_path import CHAT_COMPLETIONS
from sagemaker_rt.emulator.received_request import ReceivedRequest
from sagemaker_rt.emulator.responses import RequestRejected
from sagemaker_rt.sansio.presign import generate_bearer_token
from tests.emulator.signed_requests import KEYS, NOW, Signing, received

CHAT = "/endpoints/echo/openai/v1/chat/completions"
TOKEN = generate_bearer_token(KEYS, region="us-east-1", signing_time=NOW).token


def chat_request(headers: Mapping[str, str]) -> ReceivedRequest:
    return received(CHAT, headers=headers, operation=CHAT_COMPLETIONS)


def check(request: ReceivedRequest) -> None:
    authenticate(request, credentials=KEYS, region="us-east-1", now=NOW)


def code_of(request: ReceivedRequest) -> tuple[int, str]:
    with pytest.raises(RequestRejected) as caught:
        check(request)
    answer = caught.value.answer
    return answer.status, answer.headers["x-amzn-errortype"]


@pytest.mark.parametrize("scheme", ["Bearer", "bearer"])
def test_the_openai_path_accepts_a_token(scheme: str) -> None:
    check(chat_request({"authorization": f"{scheme} {TOKEN}"}))


def test_the_openai_path_rejects_a_valid_signature() -> None:
    request = chat_request({})
    headers = Signing().apply(request)

    assert (403, "AccessDeniedException") == code_of(chat_request(headers))


def test_the_openai_path_rejects_a_request_without_a_token() -> None:
    assert (403, "AccessDeniedException") == code_of(chat_request({}))


def test_the_openai_path_rejects_a_wrong_token() -> None:
    request = chat_request({"authorization": "Bearer sk-1"})

    assert (403, "IncompleteSignatureException") == code_of(request)


def test_the_operations_accept_a_signature_and_a_token() -> None:
    check(received(headers=Signing().apply(received())))
    check(received(headers={"authorization": f"Bearer {TOKEN}"}))


def test_s3_has_its_own_errors() -> None:
    request = received("/s3/b/k", operation="GetObject", endpoint_name=None)

    with pytest.raises(RequestRejected) as caught:
        check(request)

    assert b"<Code>AccessDenied</Code>" in caught.value.answer.body
