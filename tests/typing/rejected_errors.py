"""Uses of errors that checkers reject."""

from __future__ import annotations

from sagemaker_rt import (
    Client,
    ModelError,
    ModelStreamError,
    ParamValidationError,
    SageMakerRuntimeError,
    ServiceError,
    TransportError,
)


def wrong_facts(error: SageMakerRuntimeError) -> int:
    """Read attributes of other errors, or as other types."""
    error.code  # error
    error.original_status_code  # error
    error.problems  # error
    error.request_id.upper()  # error
    error.http_status + 1  # error
    error.is_retriable  # error
    error.fault = "nobody"  # error
    return error.retry_after  # error


def wrong_kinds(error: ServiceError) -> None:
    """Assign errors to variables of other classes."""
    model: ModelError = error  # error
    transport: TransportError = error  # error
    stream: ModelStreamError = model  # error
    stream.original_message  # error
    transport.code  # error


def wrong_arguments() -> None:
    """Create errors with wrong arguments."""
    ServiceError(404)  # error
    ServiceError("it failed", "Code")  # error
    ServiceError("it failed", http_status="404")  # error
    ModelError("it failed", original_status_code=500)  # error
    ParamValidationError()  # error
    ParamValidationError("it is wrong", 1)  # error


async def wrong_handling(client: Client) -> None:
    """Read attributes that the caught error does not have."""
    try:
        await client.invoke_endpoint(endpoint_name="m", body=b"")
    except ModelError as error:
        error.error_code  # error
    except (TransportError, ServiceError) as error:
        error.code  # error
    except SageMakerRuntimeError as error:
        error.message  # error
