"""From the forms of other SDKs to those of the options.

Each raises ValueError, or TypeError, with what would have been right. None of them
shows a value, which may be a secret.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from sagemaker_rt.identity import AnonymousCredentials
from sagemaker_rt.observability.log_mode import LogMode
from sagemaker_rt.operations import API_VERSION
from sagemaker_rt.sansio.endpoints import KeepPrefixes
from sagemaker_rt.sansio.validation_kinds import Validation

__all__ = [
    "api_version",
    "certificate",
    "credentials_or_keys",
    "endpoint",
    "endpoint_of_elixir",
    "is_encrypted",
    "jitter",
    "log_mode",
    "logger",
    "mode_of_defaults",
    "mode_of_retries",
    "names",
    "opposite",
    "region",
    "retries_or_none",
    "service",
    "signature_version",
    "state",
    "text",
    "validation",
    "verification",
    "wire_trace",
]


def text(value: object) -> str:
    """Take text, or a symbol of its letters."""
    if not isinstance(value, str):
        message = "give text"
        raise TypeError(message)
    return value.removeprefix(":")


_WORD: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")
_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}")


def api_version(value: object) -> Mapping[str, object]:
    """Take the service's only version, and what stands for it."""
    is_date = isinstance(value, str) and _DATE.fullmatch(value)
    if value != "latest" and not (is_date and str(value) >= API_VERSION):
        message = f"there is {API_VERSION}; give it, a later date, or 'latest'"
        raise ValueError(message)
    return {}


def signature_version(value: object) -> Mapping[str, object]:
    """Take version 4, under its names, and the sign for no signature."""
    name = getattr(value, "__name__", "") or type(value).__name__
    if value in ("v4", "aws4", "sigv4"):
        return {}
    if "UNSIGNED" in name.upper():  # botocore has an object of its own for it
        return {"credentials": AnonymousCredentials()}
    message = "the service takes Signature Version 4 alone; give 'v4'"
    raise ValueError(message)


def validation(value: object) -> bool | Validation:
    """Take a switch, or one switch for each kind of check."""
    if isinstance(value, bool):
        return value
    kinds = {"min", "max", "pattern", "enum"}
    if not isinstance(value, Mapping) or not value.keys() <= kinds:
        message = f"give True, False, or a mapping of {', '.join(sorted(kinds))}"
        raise ValueError(message)
    return Validation(**{kind: bool(value[kind]) for kind in value})


def jitter(value: object) -> object:
    """Take a function, or the name of a jitter, be it a symbol."""
    return value if callable(value) else text(value)


def mode_of_retries(value: object) -> str:
    """Take the name of a mode, in any case and with a type's name before it."""
    name = text(value).lower()
    return name.removeprefix("aws.").removeprefix("retrymode")


def mode_of_defaults(value: object) -> str:
    """Take the name of a mode, or of Go's constant for it."""
    name = text(value).removeprefix("aws.")
    if not name.startswith("DefaultsMode"):
        return name
    return _WORD.sub("-", name.removeprefix("DefaultsMode")).lower()


_STATES: Final[dict[object, bool | None]] = {
    0: None,
    1: True,
    2: False,
    "Unset": None,
    "Enabled": True,
    "Disabled": False,
}


def state(value: object) -> bool | None:
    """Take a switch that may be unset: a bool, or a state by number or name."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        value = re.sub(r"^.*State(?=[A-Z])", "", value)
    if not isinstance(value, (int, str)) or value not in _STATES:
        message = "give True or False"
        raise ValueError(message)
    return _STATES[value]


def log_mode(value: object) -> LogMode:
    """Take a `LogMode`, or flags by name: ``LogRetries | LogRequestWithBody``."""
    if isinstance(value, LogMode):
        return value
    if value == 0:
        return LogMode.OFF
    mode = LogMode.OFF
    for flag in text(value).split("|"):
        name = flag.strip().removeprefix("aws.").removeprefix("Log")
        name = _WORD.sub("_", name).upper()
        if name not in LogMode.__members__:
            message = f"flags are {', '.join(LogMode.__members__)}; put | between them"
            raise ValueError(message)
        mode |= LogMode[name]
    return mode


def endpoint(value: object) -> Mapping[str, object]:
    """Take a URL, whose scheme counts, or a host, which gets its scheme later."""
    url = text(value)
    if "{" in url:
        message = "give the URL without placeholders, or an endpoint_resolver"
        raise ValueError(message)
    return {"url": url} if "://" in url else {"host": url}


def endpoint_of_elixir(value: Any) -> Mapping[str, object]:
    """Take a host, ``("keep_prefixes", host)``, or a function."""
    if callable(value):
        return {"endpoint_resolver": value}
    if isinstance(value, (tuple, list)):
        match value:
            case ("keep_prefixes" | ":keep_prefixes", str() as host):
                return {"endpoint_url": KeepPrefixes(host)}
            case _:
                message = "give ('keep_prefixes', host)"
                raise ValueError(message)
    return endpoint(value)


def verification(value: object) -> Mapping[str, object]:
    """Take a switch, or the path of a bundle."""
    if isinstance(value, bool):
        return {"verify_ssl": value}
    return {"ca_bundle": text(value)}


def certificate(value: Any) -> Mapping[str, object]:
    """Take the path of a certificate, or the paths of one and of its key."""
    if isinstance(value, (tuple, list)):
        if len(value) != len(("certificate", "key")):
            message = "give the path of a certificate, or (certificate, key)"
            raise ValueError(message)
        certificate, key = map(text, value)
        return {"client_cert": certificate, "client_key": key}
    return {"client_cert": text(value)}


_KEYS: Final = {
    "accessKeyId": "access_key_id",
    "secretAccessKey": "secret_access_key",
    "sessionToken": "session_token",
}


def credentials_or_keys(value: object) -> Mapping[str, object]:
    """Take credentials of ours, or an object of JavaScript's that has the keys."""
    if not isinstance(value, Mapping):
        return {"credentials": value}
    if not value.keys() <= _KEYS.keys():
        message = f"give Credentials, or a mapping of {', '.join(_KEYS)}"
        raise ValueError(message)
    return {_KEYS[name]: text(value[name]) for name in value if value[name]}


def region(value: object) -> str:
    """Take a region by its own name, and not by that of a constructor."""
    name = text(value)
    if name != name.lower():
        message = "give the region by its own name: us-east-1, say"
        raise ValueError(message)
    return name


def opposite(value: object) -> bool:
    """Take a switch that means the opposite."""
    if not isinstance(value, bool):
        message = "give True or False"
        raise TypeError(message)
    return not value


def wire_trace(value: object) -> LogMode:
    """Take a switch for all that goes over the wire."""
    return LogMode.OFF if opposite(value) else _WIRE


_WIRE: Final = LogMode.REQUEST_WITH_BODY | LogMode.RESPONSE_WITH_BODY


def logger(value: object) -> object:
    """Take a logger of Python's kind."""
    if all(callable(getattr(value, name, None)) for name in ("debug", "log")):
        return value
    message = "give a logging.Logger; logging.StreamHandler(stream) writes to a stream"
    raise TypeError(message)


def is_encrypted(proto: object) -> bool:
    """Take ``https`` or ``http``."""
    name = text(proto)
    if name not in {"https", "http"}:
        message = "give 'https' or 'http'"
        raise ValueError(message)
    return name == "https"


def retries_or_none(value: object) -> Mapping[str, object]:
    """Take a switch that turns retries off; on, they are as they are."""
    return {"retry_mode": "off"} if opposite(value) else {}


def service(value: object) -> Mapping[str, object]:
    """Take the name of the one service that there is here."""
    if value != "sagemaker-runtime":
        message = "it is 'sagemaker-runtime'"
        raise ValueError(message)
    return {}


def names(value: object) -> object:
    """Take names as a list, or with commas between them."""
    if isinstance(value, str):
        return tuple(name.strip() for name in value.split(",") if name.strip())
    return value
