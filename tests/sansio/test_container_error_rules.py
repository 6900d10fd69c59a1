from __future__ import annotations

import json
from typing import Any

import pytest

from sagemaker_rt.sansio.container_error_rules import TEXTS, ModelErrorReason
from sagemaker_rt.sansio.model_error_reasons import classify_container_error


def openai(message: str, type: str = "BadRequestError", code: object = 400) -> str:
    error = {"message": message, "type": type, "param": None, "code": code}
    return json.dumps({"error": error})


def sglang(message: str, type: str = "BadRequestError", code: int = 400) -> str:
    return json.dumps(
        {"object": "error", "message": message, "type": type, "code": code}
    )


def tgi(error: str, error_type: str) -> str:
    return json.dumps({"error": error, "error_type": error_type})


def triton(error: str) -> str:
    return json.dumps({"error": error})


def java(code: int, message: str, type: str = "InternalServerException") -> str:
    """Return the response of a server whose front end is in Java, and of its heirs."""
    return json.dumps({"code": code, "type": type, "message": message}, indent=2)


def page(title: str) -> str:
    return f"<html>\r\n<head><title>{title}</title></head>\r\n<body></body></html>"


def traceback(summary: str, *, text: str | None = None) -> str:
    """Return what the toolkit of SageMaker answers to an exception."""
    frames = 'Traceback (most recent call last):\n  File "inference.py", line 9\n'
    return f"{summary if text is None else text}\n{frames}{summary}\n"


CONTEXT: list[tuple[int, str]] = [
    (
        400,
        openai(
            "This model's maximum context length is 8192 tokens. However, you "
            "requested 9001 tokens (8001 in the messages, 1000 in the completion). "
            "Please reduce the length of the messages or completion."
        ),
    ),
    (
        400,
        openai(
            "'max_tokens' or 'max_completion_tokens' is too large: 5000. This model's "
            "maximum context length is 4096 tokens and your request has 10 input tokens"
        ),
    ),
    (
        400,
        openai(
            "The decoder prompt (length 5000) is longer than the maximum model length "
            "of 4096. Make sure that `max_model_len` is no smaller than the number of "
            "text tokens."
        ),
    ),
    (400, openai("Your prompt is long.", "server_error", "context_length_exceeded")),
    (
        424,
        openai("The prompt contains 900 tokens, which exceed the context window."),
    ),
    (
        400,
        sglang(
            "Requested token count exceeds the model's maximum context length of 8192 "
            "tokens. You requested a total of 9000 tokens."
        ),
    ),
    (
        400,
        sglang(
            "Input length (9000 tokens) exceeds the maximum allowed length (8192 "
            "tokens). Use a shorter input or enable --allow-auto-truncate."
        ),
    ),
    (
        422,
        tgi("Input validation error: `max_new_tokens` must be <= 512", "validation"),
    ),
    (
        413,
        tgi("`inputs` must have less than 512 tokens. Given: 700", "Validation"),
    ),
    (
        400,
        json.dumps(
            {
                "error": {
                    "code": 400,
                    "message": "the request exceeds the available context size",
                    "type": "exceed_context_size_error",
                    "n_prompt_tokens": 9000,
                    "n_ctx": 4096,
                }
            }
        ),
    ),
    (
        500,
        openai(
            "input (600 tokens) is too large to process. increase the physical batch "
            "size (current batch size: 512)",
            "server_error",
            500,
        ),
    ),
    (
        424,
        json.dumps(
            {
                "code": 424,
                "message": "invoke handler failure",
                "error": "Prompt length (5000) exceeds maximum input length (4096).",
            }
        ),
    ),
    (
        400,
        java(
            400,
            "Token indices sequence length is longer than the specified maximum "
            "sequence length for this model (700 > 512)",
        ),
    ),
    (
        400,
        java(
            400,
            "The size of tensor a (1030) must match the size of tensor b (1026) at "
            "non-singleton dimension 1",
        ),
    ),
    (
        400,
        json.dumps(
            {
                "type": "error",
                "error": {
                    "type": "invalid_request_error",
                    "message": "input length and `max_tokens` exceed context limit: "
                    "188240 + 21333 > 200000",
                },
            }
        ),
    ),
    (
        400,
        openai(
            "You passed 8193 input tokens and requested 100 output tokens. However, "
            "the model's context length is only 8192 tokens."
        ),
    ),
    (
        400,
        sglang(
            "The prompt (total length 9000) is too long to fit into the model "
            "(context length 8192)."
        ),
    ),
    (400, "The request exceeds the limit of 4081 tokens."),
    (400, "The input token count (9) exceeds the maximum number of tokens allowed."),
    (500, traceback("ValueError: the sequence is too long for max_seq_len 512")),
    (400, '{"error": {"message": "This model\'s maximum context length is 40'),
]

MEMORY: list[tuple[int, str]] = [
    (400, java(400, "CUDA out of memory. Tried to allocate 20.00 MiB (GPU 0)")),
    (503, java(503, "HIP out of memory. Tried to allocate 2.00 GiB")),
    (507, java(507, "Failed to start worker")),
    (507, '{"code": 507, "error": "OOM"}'),
    (424, tgi("Server error: CUDA out of memory.", "generation")),
    (500, openai("CUDA error: out of memory", "InternalServerError", 500)),
    (500, triton("failed to allocate pinned system memory")),
    (500, triton("Failed to allocate memory for requested buffer of size 1048576")),
    (500, triton("OOM when allocating tensor with shape[64,512] and type float")),
    (
        400,
        triton(
            "load failed for model 'fish': version 1 is at UNAVAILABLE state: Internal:"
            " unable to create stream: out of memory"
        ),
    ),
    (500, traceback("MemoryError")),
    (500, traceback("MemoryError", text="")),
    (500, "Unable to allocate 3.81 GiB for an array with shape (8000, 64000)"),
    (500, "[Errno 12] Cannot allocate memory"),
    (500, "std::bad_alloc"),
    (500, "DefaultCPUAllocator: can't allocate memory: you tried 68719476736 bytes"),
    (500, "CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling cublasCreate(handle)"),
    (500, "java.lang.OutOfMemoryError: Java heap space"),
]

TIMEOUT: list[tuple[int, str]] = [
    (0, "Your invocation timed out while waiting for a response from container fish."),
    (0, ""),
    (408, ""),
    (504, page("504 Gateway Time-out")),
    (504, "upstream request timeout"),
    (500, traceback("TimeoutError")),
    (500, openai("Request timed out.", "InternalServerError", 500)),
    (500, triton("Deadline Exceeded")),
    (500, java(500, "predict timeout", "TranslateException")),
    (400, '{"type": "error", "error": {"type": "timeout_error", "message": "x"}}'),
]

PAYLOAD: list[tuple[int, str]] = [
    (400, java(400, "Expecting property name enclosed in double quotes: line 1")),
    (400, java(400, "Extra data: line 2 column 1 (char 9)")),
    (400, java(400, "'utf-8' codec can't decode byte 0xff in position 0")),
    (400, java(400, "Parameter model_name is required.", "BadRequestException")),
    (400, '{"error": "unknown feature \'memory_mb\'"}'),
    (400, '{"error": "parameter \'timeout\' must be a number"}'),
    (400, '{"error": "the label \'out of memory\' is not in the vocabulary"}'),
    (400, '{"error": "key worker_died is missing"}'),
    (422, '{"detail": "no rows"}'),
    (
        422,
        json.dumps(
            {
                "detail": [
                    {
                        "type": "missing",
                        "loc": ["body", "prompt"],
                        "msg": "Field required",
                        "input": {"text": "CUDA out of memory, what now?"},
                    }
                ]
            }
        ),
    ),
    (
        400,
        openai(
            "[{'type': 'missing', 'loc': ('body', 'messages'), 'msg': 'Field required',"
            " 'input': {'prompt': 'My worker died, and the queue is full'}}]"
        ),
    ),
    (
        400,
        openai(
            "1 validation error for Request\ntop_p\n  Input should be a valid number "
            "[type=float_type, input_value='CUDA out of memory', input_type=str]"
        ),
    ),
    (400, openai("The word 'overloaded' cannot be used as a stop token.")),
    (404, openai("The model `fish` does not exist.", "NotFoundError", 404)),
    (
        424,
        openai("temperature must be non-negative, got -1.0.", "BadRequestError", 400),
    ),
    (422, tgi("Input validation error: `temperature` must be > 0", "validation")),
    (422, tgi("Template error: undefined value", "template_error")),
    (400, '{"code":400,"error":"top_k must be an integer"}'),
    (424, '{"code":424,"error":"Input parsing failed: no JSON object"}'),
    (500, triton("failed to parse the request JSON buffer: Invalid value. at 0")),
    (400, triton("unexpected inference input 'X' for model 'fish'")),
    (400, triton("expected 2 inputs but got 1 inputs for model 'fish'")),
    (400, triton("unexpected datatype TYPE_INT32 for input 'X', expecting TYPE_FP32")),
    (400, triton("JSON Parse error: Invalid value. at offset: 0")),
    (500, "X has 3 features, but LinearRegression is expecting 8 features as input."),
    (500, "could not convert string to float: 'fish'"),
    (400, "Unable to evaluate payload provided: Length of features differ"),
    (413, page("413 Request Entity Too Large")),
    (400, page("400 Bad Request")),
    (413, '{"type":"error","error":{"type":"request_too_large","message":"big"}}'),
]

CONTENT: list[tuple[int, str]] = [
    (400, java(400, "Content type image/x-fish is not supported by this framework.")),
    (406, "Accept type text/x-fish is not supported by this framework."),
    (406, ""),
    (415, page("415 Unsupported Media Type")),
    (415, "Content-type application/x-fish not supported"),
    (415, "Expected request with `Content-Type: application/json`"),
    (500, "Unsupported content type: application/x-fish"),
    (400, openai("Invalid content type. Expected multipart/form-data")),
    (400, openai("Only JSON, please", "Unsupported Media Type", 415)),
    (500, traceback("ValueError: This model doesn't support content type text/x")),
]

LOADING: list[tuple[int, str]] = [
    (503, openai("Loading model", "unavailable_error", 503)),
    (503, '{"error": "Model fish is currently loading", "estimated_time": 20.0}'),
    (
        503,
        java(
            503,
            'Model "fish" Version 1.0 has no worker to serve inference request. '
            "Please use scale workers API to add workers.",
            "ServiceUnavailableException",
        ),
    ),
    (400, triton("Request for unknown model: 'fish' has no available versions")),
    (503, triton("Server is not ready")),
    (400, triton("model 'fish' version 1 is at LOADING state")),
    (404, triton("Servable not found for request: Latest(fish)")),
    (503, "The model is still being loaded."),
    (503, "The service is starting up"),
    (500, "Model not loaded yet; the weights are not yet available"),
    (400, "Inference Component has no capacity to process this request."),
]

OVERLOADED: list[tuple[int, str]] = [
    (429, tgi("Model is overloaded", "overloaded")),
    (429, ""),
    (429, "You exceeded your limit of tokens per minute"),
    (529, '{"type": "error", "error": {"type": "overloaded_error"}}'),
    (503, sglang("The request queue is full.", "ServiceUnavailableError", 503)),
    (503, triton("Exceeds maximum queue size")),
    (503, triton("[request id: 7] Exceeds maximum queue size")),
    (408, triton("Request timeout expired")),
    (
        503,
        java(503, "Worker queue capacity exceeded: fish", "WlmCapacityException"),
    ),
    (400, java(400, "Time out in: 120", "TranslateException")),
    (503, page("503 Service Temporarily Unavailable")),
    (503, "All workers are currently busy"),
    (503, openai("The server is overloaded or not ready yet", "server_error", 503)),
    (503, openai("slot unavailable", "server_error", 503)),
    (424, openai("busy", "rate_limit_error", "x")),
]

DIED: list[tuple[int, str]] = [
    (500, java(500, "Worker died.")),
    (500, tgi("Incomplete generation", "incomplete_generation")),
    (
        424,
        tgi(
            "Request failed during generation: Server error: transport error",
            "generation",
        ),
    ),
    (400, java(400, "Backend Python process is stopped.", "TranslateException")),
    (400, java(400, "Python stream closed unexpectedly.", "TranslateException")),
    (500, '{"code":500,"message":"Inference Engine Failure"}'),
    (503, java(503, "All model workers has been shutdown", "WlmShutdownException")),
    (
        500,
        openai(
            "EngineCore encountered an issue. See stack trace (above) for the root "
            "cause.",
            "InternalServerError",
            500,
        ),
    ),
    (500, openai("Background loop has errored already.", "InternalServerError", 500)),
    (
        500,
        triton(
            "Failed to process the request(s), message: Stub process is not healthy."
        ),
    ),
    (500, triton("message: Stub process 'fish_0_0' is not healthy.")),
    (500, "The actor died unexpectedly before finishing this task."),
    (502, page("502 Bad Gateway")),
]

UNKNOWN: list[tuple[int | None, str]] = [
    (None, ""),
    (500, ""),
    (400, ""),
    (400, "{}"),
    (500, "{}"),
    (503, java(503, "Prediction failed")),
    (500, page("500 Internal Server Error")),
    (500, "Internal Server Error"),
    (500, "Error in the memory module"),
    (500, "name 'context' is not defined"),
    (500, "the function is not overloadable"),
    (500, traceback("KeyError: 'timeout'")),
    (
        500,
        "HTTPSConnectionPool(host='db', port=443): Read timed out. (read timeout=1)",
    ),
    (400, java(400, "Could not load model /opt/ml/model with the following classes")),
    (400, java(400, "The size of tensor a (3) must match the size of tensor b (4)")),
    (400, java(400, "The size of tensor a (7) must match the size of tensor b (512)")),
    (400, triton("load failed for model 'fish': version 1 is at UNAVAILABLE state")),
    (500, "Unable to load model: no such file"),
    (424, tgi("Request failed during generation: Server error: 'x'", "generation")),
    (500, "Failed to parse the output of the model"),
]

CASES: dict[ModelErrorReason | None, list[Any]] = {
    "context-length-exceeded": CONTEXT,
    "out-of-memory": MEMORY,
    "model-timeout": TIMEOUT,
    "bad-payload": PAYLOAD,
    "unsupported-content-type": CONTENT,
    "model-loading": LOADING,
    "overloaded": OVERLOADED,
    "worker-died": DIED,
    None: UNKNOWN,
}


@pytest.mark.parametrize("expected", CASES, ids=str)
def test_the_reason_of_an_error(expected: ModelErrorReason | None) -> None:
    reasons = {
        body: reason
        for status, body in CASES[expected]
        if (reason := classify_container_error(status, body)) != expected
    }

    assert {} == reasons


def test_each_sentence_belongs_to_a_reason_with_cases() -> None:
    assert TEXTS.keys() <= CASES.keys()


@pytest.mark.parametrize(
    "words",
    [
        "x",
        " exceed",
        " worker",
        " field 'a'",
        " input_value=",
        "1 tokens ",
    ],
)
def test_a_text_of_a_megabyte_is_classified(words: str) -> None:
    text = f"no rows{words * (1_000_000 // len(words))}Worker died"

    reason = classify_container_error(500, text)

    assert "worker-died" == reason
