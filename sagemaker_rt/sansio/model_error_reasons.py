"""The reason of an error that a model container reports.

Types and codes decide first, then sentences that containers are known to write, then
the status. The status alone says little: a toolkit answers 400 to every exception, and
another one 500 to an empty body. A text alone says little either, because it may quote
the input.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Final, TypeAlias, get_args

from sagemaker_rt.errors import OptionsError
from sagemaker_rt.sansio.callables import runs_later
from sagemaker_rt.sansio.container_answers import ContainerAnswer, read_answer
from sagemaker_rt.sansio.container_error_rules import (
    COMPLAINT,
    CONNECTION,
    CONTENT_TYPE,
    CONTEXT_LENGTH,
    INVALID_INPUT,
    KINDS,
    LOAD_FAILURE,
    OUT_OF_MEMORY,
    PAGES,
    POSITIONS,
    QUOTED,
    REQUEST_KINDS,
    SERVER_KIND,
    STATUSES,
    TENSOR_SIZES,
    TEXTS,
    ModelErrorReason,
)

__all__ = [
    "ErrorClassifier",
    "classify_container_error",
    "model_error_reason",
    "register_error_classifier",
]

ErrorClassifier: TypeAlias = Callable[[int | None, str], ModelErrorReason | None]
"""A plain function of the status and the body of a container's response. It returns the
reason, or None if it does not recognize the error."""

_log: Final = logging.getLogger(__name__)

_REASONS: Final[tuple[ModelErrorReason, ...]] = get_args(ModelErrorReason)
_BAD_REQUEST: Final = 400
_INSUFFICIENT_STORAGE: Final = 507
_SERVER_ERRORS: Final = 500
_BUSY: Final = frozenset({429, 529})

_classifiers: list[ErrorClassifier] = []
# a broken classifier fails for every error: one warning is enough
_warned_about: Final[set[int]] = set()


def register_error_classifier(classifier: ErrorClassifier) -> None:
    """Let *classifier* find the ``reason`` of errors of model containers.

    It runs before the rules of this library, and before classifiers that were
    registered earlier. The first one that does not return None decides. It runs when
    ``reason`` is read, once for each error. One that fails is skipped, with one warning
    in the log.

    Args:
        classifier: A plain function of the status of the container's response (0 if
            there was no response; None if it is unknown) and of its body.

    Raises:
        OptionsError: *classifier* is not a plain function.
    """
    if not callable(classifier) or runs_later(classifier):
        message = f"an error classifier must be a plain function: {classifier!r}"
        raise OptionsError(message)
    _classifiers.insert(0, classifier)


def model_error_reason(status: int | None, body: str) -> ModelErrorReason | None:
    """Return why a container failed, by registered classifiers, then by the rules.

    Args:
        status: The status of the container's response; 0 if there was no response.
        body: The body of the container's response.
    """
    for classifier in _classifiers:
        reason = _reason_by(classifier, status, body)
        if reason is not None:
            return reason
    return classify_container_error(status, body)


def _reason_by(
    classifier: ErrorClassifier, status: int | None, body: str
) -> ModelErrorReason | None:
    """Return the result of *classifier*; None if it fails."""
    try:
        result = classifier(status, body)
    except Exception as error:  # noqa: BLE001 - a property must not raise
        _warn_once(classifier, f"raised {type(error).__name__}")
        return None
    if isinstance(result, str) and result in _REASONS:
        return result
    if result is not None:
        problem = "must return a ModelErrorReason or None, and returned"
        _warn_once(classifier, f"{problem} {type(result).__name__}")
    return None


def _warn_once(classifier: ErrorClassifier, problem: str) -> None:
    """Log *problem*, without values: they may contain the body."""
    if id(classifier) not in _warned_about:
        _warned_about.add(id(classifier))
        _log.warning("the error classifier %r %s", classifier, problem)


def classify_container_error(status: int | None, body: str) -> ModelErrorReason | None:
    """Return why a container failed, by the rules of this library alone.

    Args:
        status: The status of the container's response; 0 if there was no response.
        body: The body of the container's response.
    """
    answer = read_answer(status, body)
    for kind in sorted(answer.kinds & KINDS.keys()):
        return KINDS[kind]
    if not _BUSY.isdisjoint(answer.statuses):
        return "overloaded"
    if _INSUFFICIENT_STORAGE in answer.statuses:
        return "out-of-memory"
    if _is_complaint(answer):
        return "bad-payload"
    if LOAD_FAILURE.search(answer.text):
        return "out-of-memory" if OUT_OF_MEMORY.search(answer.text) else None
    return _by_text(answer) or _by_status(answer)


def _is_complaint(answer: ContainerAnswer) -> bool:
    """Return whether the text is about members of the input.

    The names and values of members can be any words: they are not searched for other
    reasons.
    """
    if answer.lists_problems:
        return not _is_too_long(answer.text)
    is_request = all(status < _SERVER_ERRORS for status in answer.statuses)
    return is_request and COMPLAINT.search(answer.text) is not None


def _is_too_long(text: str) -> bool:
    if CONTEXT_LENGTH.search(text):
        return True
    sizes = TENSOR_SIZES.search(text)
    if sizes is None:
        return False
    given, limit = int(sizes[1]), int(sizes[2])
    # the input is added to a table with one row for each position
    return given > limit and limit in POSITIONS


def _by_text(answer: ContainerAnswer) -> ModelErrorReason | None:
    text = answer.text
    is_request_kind = not REQUEST_KINDS.isdisjoint(answer.kinds)
    own_words = QUOTED.sub("", text) if is_request_kind else text
    if OUT_OF_MEMORY.search(own_words):
        return "out-of-memory"
    if _is_too_long(text):
        return "context-length-exceeded"
    if CONTENT_TYPE.search(text):
        return "unsupported-content-type"
    for reason, pattern in TEXTS.items():
        if pattern.search(own_words) and not (
            reason == "model-timeout" and CONNECTION.search(own_words)
        ):
            return reason
    is_invalid = is_request_kind or INVALID_INPUT.search(text) is not None
    return "bad-payload" if is_invalid else None


def _by_status(answer: ContainerAnswer) -> ModelErrorReason | None:
    for status in answer.statuses:
        if status in STATUSES:
            return STATUSES[status]
        if answer.is_page and status in PAGES:
            return PAGES[status]
    is_bad_request = _BAD_REQUEST in answer.statuses[:1] and bool(answer.text)
    # some containers give every exception the status 400, and name its type
    is_exception = any(SERVER_KIND.search(kind) for kind in answer.kinds)
    return "bad-payload" if is_bad_request and not is_exception else None
