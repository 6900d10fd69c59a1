"""Facts that errors do not have."""

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


def the_wrong_facts(error: SageMakerRuntimeError) -> int:
    """Look for facts of another error, or of another type."""
    error.code  # error
    error.original_status_code  # error
    error.problems  # error
    error.request_id.upper()  # error
    error.http_status + 1  # error
    error.metadata.attempts  # error
    error.is_retriable  # error
    error.fault = "nobody"  # error
    return error.retry_after  # error


def the_wrong_kinds(error: ServiceError) -> None:
    """Take kinds for each other."""
    model: ModelError = error  # error
    transport: TransportError = error  # error
    stream: ModelStreamError = model  # error
    stream.original_message  # error
    transport.code  # error


def made_of_the_wrong() -> None:
    """Make errors, for tests, of what they are not made of."""
    ServiceError(404)  # error
    ServiceError("it failed", "Code")  # error
    ServiceError("it failed", http_status="404")  # error
    ModelError("it failed", original_status_code=500)  # error
    ParamValidationError()  # error
    ParamValidationError("it is wrong", 1)  # error


async def handled(client: Client) -> None:
    """Look for facts that the caught one has not."""
    try:
        await client.invoke_endpoint(endpoint_name="m", body=b"")
    except ModelError as error:
        error.error_code  # error
    except (TransportError, ServiceError) as error:
        error.code  # error
    except SageMakerRuntimeError as error:
        error.message  # error
