"""Asynchronous inferences."""

from __future__ import annotations

from sagemaker_rt import AsyncInferenceError, AsyncJobTimeoutError, Client, S3Error


async def facts_of_failures(client: Client) -> tuple[str | None, ...]:
    try:
        await client.resolved_options()
    except AsyncInferenceError as error:
        return error.text, error.content_type, error.location, error.inference_id
    except AsyncJobTimeoutError as error:
        return error.output_location, error.failure_location, *error.denied
    except S3Error as error:
        return error.code, error.region, error.host_id
    return ()
