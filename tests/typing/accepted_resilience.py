"""Programs with resilience middleware, which every type checker accepts."""

from __future__ import annotations

from sagemaker_rt import (
    CallRefusedError,
    CircuitBreaker,
    CircuitOpenError,
    Client,
    with_api_options,
    with_circuit_breaker,
)


async def protect(client: Client) -> float | None:
    breaker = CircuitBreaker(failure_rate=0.3, open_seconds=1)
    protected = client.with_options(with_circuit_breaker(breaker))
    protected = client.with_options(with_api_options(breaker) | with_circuit_breaker())
    try:
        await protected.invoke_endpoint(endpoint_name="m", body=b"")
    except CircuitOpenError as error:
        return error.retry_after
    except CallRefusedError as error:
        print(error.endpoint_name)
    for key, state in breaker.states().items():
        print(key.host, key.endpoint_name, state == "open")
    return None
