"""Statuses, kinds and sentences by which errors of model containers are recognized.

The sentences are those of vLLM, SGLang, Text Generation Inference, DJL Serving (LMI),
TensorRT-LLM, Triton, llama.cpp, TorchServe, Multi Model Server, TensorFlow Serving, the
toolkits of SageMaker and Hugging Face, XGBoost, scikit-learn, nginx, and Python itself.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, Literal, TypeAlias

__all__ = [
    "COMPLAINT",
    "CONNECTION",
    "CONTENT_TYPE",
    "CONTEXT_LENGTH",
    "INVALID_INPUT",
    "KINDS",
    "LOAD_FAILURE",
    "OUT_OF_MEMORY",
    "PAGES",
    "POSITIONS",
    "QUOTED",
    "REQUEST_KINDS",
    "SERVER_KIND",
    "STATUSES",
    "TENSOR_SIZES",
    "TEXTS",
    "ModelErrorReason",
]

ModelErrorReason: TypeAlias = Literal[
    "context-length-exceeded",
    "out-of-memory",
    "model-timeout",
    "bad-payload",
    "unsupported-content-type",
    "model-loading",
    "overloaded",
    "worker-died",
]
"""Why a model container failed, as far as its response says.

``worker-died`` is both a crash and a timeout inside the container, which cannot be told
apart.
"""

KINDS: Final[Mapping[str, ModelErrorReason]] = {
    "context_length_exceeded": "context-length-exceeded",
    "context_window_exceeded": "context-length-exceeded",
    "contextwindowexceedederror": "context-length-exceeded",
    "exceed_context_size_error": "context-length-exceeded",
    "string_above_max_length": "context-length-exceeded",
    "unsupported media type": "unsupported-content-type",
    "unsupported_media_type": "unsupported-content-type",
    "overloaded": "overloaded",
    "overloaded_error": "overloaded",
    "rate_limit_error": "overloaded",
    "rate_limit_exceeded": "overloaded",
    "ratelimiterror": "overloaded",
    "server_overloaded": "overloaded",
    "wlmcapacityexception": "overloaded",
    "incomplete_generation": "worker-died",
    "wlmshutdownexception": "worker-died",
    "out_of_memory": "out-of-memory",
    "outofmemoryerror": "out-of-memory",
    "torch.cuda.outofmemoryerror": "out-of-memory",
    "timeout_error": "model-timeout",
    "timeouterror": "model-timeout",
    "deadline_exceeded": "model-timeout",
    "request_too_large": "bad-payload",
}
"""Reasons by the types and codes of errors, which say more than a text."""

REQUEST_KINDS: Final = frozenset(
    {
        "badrequest",
        "badrequesterror",
        "badrequestexception",
        "empty",
        "invalid_argument",
        "invalid_request_error",
        "notfounderror",
        "requestvalidationerror",
        "template_error",
        "tool_error",
        "unprocessableentityerror",
        "validation",
        "validation_error",
        "validationerror",
        "value_error",
    }
)
"""Types of errors that the input causes."""

SERVER_KIND: Final = re.compile(r"(?<!badrequest)exception|server_?error|internal")
"""A type of error that says nothing about the input, even with status 400."""

STATUSES: Final[Mapping[int, ModelErrorReason]] = {
    0: "model-timeout",  # the service stopped waiting
    406: "unsupported-content-type",
    408: "model-timeout",
    413: "bad-payload",
    415: "unsupported-content-type",
    422: "bad-payload",
    504: "model-timeout",
}
"""Reasons by status, for texts without a reason."""

PAGES: Final[Mapping[int, ModelErrorReason]] = {502: "worker-died", 503: "overloaded"}
"""Reasons by the status of an HTML page, in which a proxy in the container reports on
the server behind it."""


def _any_of(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns), re.IGNORECASE | re.MULTILINE)


QUOTED: Final = re.compile(r"'[^'\n]{0,80}'|\"[^\"\n]{0,80}\"|`[^`\n]{0,80}`")
"""A short quotation, which may be from the input."""

COMPLAINT: Final = _any_of(
    r"\b(?:field|parameter|argument|key|column|feature|label|property|attribute|option"
    r"|member|variable)s?\s+(?:'[^'\n]{1,80}'|\"[^\"\n]{1,80}\"|`[^`\n]{1,80}`|[\w.-]+)"
    r"\s+(?:is|are|was|were|must|has|have|should|cannot|can't|does|not|missing|required"
    r"|unknown|invalid)\b",
    r"\b(?:missing|unknown|unexpected|invalid|unsupported|unrecognized)\s+(?:required\s+)?"
    r"(?:field|parameter|argument|key|column|feature|label|property|attribute|option"
    r"|member)s?\b",
)
"""A sentence about a member of the input, with any name."""

OUT_OF_MEMORY: Final = _any_of(
    r"out[ -]of[ -]memory",
    r"outofmemory",
    r"CUDA_ERROR_OUT_OF_MEMORY",
    r"\bOOM(?:[ -]?kill\w*)?\b",
    r"std::bad_alloc|\bMemoryError\b|ALLOC_FAILED|cudaErrorMemoryAllocation",
    r"can(?:not|'t) allocate memory",
    r"(?:failed to alloc|unable to alloc|tried to alloc)\w*"
    r".{0,80}?(?:memory|\bbytes\b|\d ?[KMGT]i?B\b)",
    r"(?:not enough|insufficient|no available) (?:\w+ )?memory",
    r"\bout of resources\b",
)

CONTEXT_LENGTH: Final = _any_of(
    r"maximum (?:context|model|prompt|sequence|input) (?:length|size|window)",
    r"(?:context|prompt|sequence|input|input_ids)[ _](?:length|size|window|limit)\b"
    r".{0,80}?(?:exceed|longer than|greater than|larger than|too (?:long|large))",
    r"(?:exceed\w*|longer than|larger than|greater than|more than)\b.{0,60}?"
    r"\b(?:context\b|(?:maximum|available|allowed) (?:sequence|input|prompt|context)"
    r"|(?:maximum )?number of (?:input )?tokens|token limit|sequence length"
    r"|max_?(?:model|input|seq|context|position|total|num_tokens)\w*|n_ctx\b)",
    r"\b(?:prompt|inputs?|messages?|conversation|sequence|text)\b(?: \([^)]*\))?"
    r" (?:is |are |was )?too long\b",
    r"(?:context|prompt) (?:length|window|size) (?:is|of) (?:only )?\d",
    r"exceed\w*\b.{0,40}?\b\d+ tokens|tokens\b.{0,20}? must not exceed",
    r"too many (?:input |prompt )?tokens\b(?! per)",
    r"reduce (?:the|your) (?:length|size) of (?:the|your) (?:messages|prompt|input)",
    r"must have (?:less|fewer) than \d+ tokens",
    r"`inputs` tokens \+ `max_new_tokens` must be",
    r"max_(?:new_|completion_|output_)?tokens\b.{0,40}?"
    r"(?:must be <=|cannot be greater than|too large|exceed)",
    r"(?:\d tokens\)?|token count).{0,30}?(?:exceed|too large to process)",
    r"tokens? .{0,20}?> ?\d+ (?:maximum|limit)",
)

TENSOR_SIZES: Final = re.compile(
    r"size of tensor a \((\d+)\) must match the size of tensor b \((\d+)\)"
)
POSITIONS: Final = frozenset(
    size + extra for size in (512, 1024, 2048, 4096, 8192) for extra in (0, 2)
) | {77}
"""Sizes of the position tables of Transformers, of which some have two rows more."""

LOAD_FAILURE: Final = _any_of(
    r"(?:could not|couldn't|cannot|can't|failed to|unable to|error(?: while| when)?)"
    r" (?:load|initializ)\w*\b.{0,60}?\b(?:model|weights|checkpoint|tokenizer|engine)",
    r"(?:model|weights|checkpoint|tokenizer|engine)\b.{0,40}? failed to"
    r" (?:load|initializ)\w*",
    r"\bload failed\b|\bat UNAVAILABLE state\b",
)
"""The model cannot be loaded at all, which no later call changes."""

CONTENT_TYPE: Final = _any_of(
    r"(?:content|accept|mime|media)[-_ ]?types?\b.{0,80}?"
    r"(?:not (?:supported|acceptable|allowed|recognized|accepted)|unsupported|must be"
    r"|is (?:invalid|unknown))",
    r"(?:unsupported|unknown|unexpected|invalid|expected)\b.{0,30}?"
    r"\b(?:content|accept|mime|media)[- ]?type",
    r"doesn't support (?:content|accept) type",
)

TEXTS: Final[Mapping[ModelErrorReason, re.Pattern[str]]] = {
    "worker-died": _any_of(
        r"worker(?: process)?(?: [\w.-]+)?(?: has| was| is)? (?:unexpectedly )?"
        r"(?:died|dead|killed|crashed|terminated|stopped|exited|disconnected)\b",
        r"(?:python|engine|actor|replica|stub|backend|server|scheduler)(?: process)?"
        r"(?: [\w.'-]+)?(?: is| has| was)? (?:unexpectedly )?(?:died|dead|crashed"
        r"|stopped|exited|killed|terminated|not healthy|unhealthy)\b",
        r"python stream closed|inference engine failure|incomplete generation",
        r"engine_?dead_?error|EngineCore encountered|engine loop is not running",
        r"background loop (?:has errored|is stopped|is not running)",
        r"workers? (?:has|have) been shutdown|worker did not respond",
        r"segmentation fault|\bSIG(?:KILL|SEGV|ABRT)\b|health mutex",
        r"server error: (?:transport error|error trying to connect)",
        r"upstream prematurely closed",
    ),
    "overloaded": _any_of(
        r"\boverloaded\b|too many (?:\w+ )?requests|rate[- ]limit(?:ed|s)?\b",
        r"queue (?:\w+ )?full\b|queue (?:capacity|limit|size) (?:\w+ )?exceeded",
        r"(?:^|: |\] )exceeds maximum queue size",
        r"(?:server|model|service|engine|workers?)\b.{0,30}?\b(?:is|are)"
        r"(?: \w+){0,2} busy\b",
        r"\bat (?:full |max(?:imum)? )?capacity\b|\bslot unavailable",
        r"no (?:available|free|idle) (?:slots?|workers?)\b|no worker is available",
        # the request waited in a queue and did not begin
        r"^time ?out in: ?\d|request timeout expired",
    ),
    "model-loading": _any_of(
        r"\bloading (?:the )?model\b",
        r"(?:model|server|engine|container|service)\b.{0,80}?\b(?:is|are)"
        r"(?: still| currently| being)* (?:loading|loaded now|being loaded|starting"
        r"|warming up|initializing)\b",
        r"(?:model|server|engine|container|service)\b.{0,80}?"
        r"\b(?:not|isn't)(?: yet)? (?:ready|loaded|initialized)\b",
        r"not yet (?:ready|loaded|available)|is still being loaded",
        r"has no (?:available versions|workers?\b)|\bat LOADING state\b",
        r"no capacity to process|servable not found",
    ),
    "model-timeout": _any_of(
        r"\btimed[ -]out\b|\btimeout(?:error|exception|expired)\b",
        r"\btime-?out (?:error|expired|exceeded|reached|while|waiting|after|occurred)",
        r"deadline (?:was )?exceeded|deadlineexceeded|predict(?:ion)? timeout",
        r"gateway time-?out",
    ),
}
"""Sentences by the reason that they state, in the order in which they are tried."""

CONNECTION: Final = _any_of(r"connect|\bpool\b|endpoint url|resolv|\bsocket\b")
"""A timeout of a connection that the code of the model opens to another service."""

INVALID_INPUT: Final = _any_of(
    r"expecting (?:value|property name|'.' delimiter)|extra data: line",
    r"unterminated string starting|invalid control character at|json ?decode ?error",
    r"(?:not|n't) (?:a )?valid json|codec can't decode",
    r"\b(?:invalid|malformed|bad|broken|empty) (?:\w+ )?"
    r"(?:json|payload|request|input|body|csv|parameters?|image)\b",
    r"\b(?:failed to|unable to|could not|couldn't|cannot|can't|error) "
    r"(?:pars|deserializ|decod)\w*(?!.{0,30}(?:output|response|config))",
    r"(?:input|request|body|payload) (?:pars|decod|deserializ)ing (?:failed|error)",
    r"unable to evaluate payload|validation errors?\b|field required",
    r"unexpected (?:shape|inference input|datatype)|(?:shapes?|dimensions?) mismatch",
    r"must have the same (?:depth|shape|size)|feature_names mismatch",
    r"has \d+ features?\b.{0,80}?expect|expected \d+ inputs?\b",
    r"could not convert string to float|cannot find suitable handler",
    r"(?:body|payload|input|document|data) is (?:empty|missing|required)",
)
