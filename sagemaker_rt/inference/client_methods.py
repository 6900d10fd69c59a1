"""The methods of the client that are implemented in this folder."""

# each method imports its module when it is called, so that a client starts fast

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar, Unpack

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, Callable, Iterable

    from sagemaker_rt.inference.async_jobs import AsyncJob
    from sagemaker_rt.inference.call_results import CallProgress, OnError
    from sagemaker_rt.inference.codecs.codec import Codec
    from sagemaker_rt.inference.many_calls import CallDefaults, CallInput, ManyCalls
    from sagemaker_rt.inference.openai_path import OpenAIArguments
    from sagemaker_rt.inference.runtime_client import RuntimeClient
    from sagemaker_rt.inference.sessions import Session, SessionRouting
    from sagemaker_rt.invocation.members import OptionalMembers
    from sagemaker_rt.invocation.opening import Opening
    from sagemaker_rt.options import Option
    from sagemaker_rt.shapes import BodyLike, InvokeEndpointOutput

__all__ = ["ClientMethods"]

C = TypeVar("C", bound="CallInput")


class ClientMethods:
    """Methods of `Client` that use its public operations alone."""

    __slots__ = ()

    async def predict(
        self: RuntimeClient,
        endpoint_name: str,
        value: object,
        *opts: Option,
        codec: Codec | str | None = None,
        **members: Unpack[OptionalMembers],
    ) -> Any:
        """Invoke a model with a Python value, and return its response as one.

        The value is encoded before anything is sent. The response is decoded by its
        content type: by *codec*, if the type is that of the codec, generic
        (``application/octet-stream``) or missing; else by the codec that is registered
        for the type; else as JSON for ``+json``, and as text for ``text/``. A response
        of any other type is returned as bytes. The status 204 is None.

        Cancelling it cancels the call, as for `invoke_endpoint`. Use that operation
        where the metadata of a response are needed.

        Args:
            endpoint_name: The endpoint to invoke.
            value: The input for the model.
            opts: Options for this call only, from `with_options`.
            codec: How *value* is encoded: ``json``, ``jsonlines``, ``csv``, ``npy``,
                ``npz``, ``text``, ``raw``, a name or media type of `register_codec`, or
                an object of your own. The default is ``json`` for dictionaries, lists,
                numbers and None; ``text`` for strings; ``raw`` for bytes; ``npy`` for
                arrays of NumPy; and ``csv`` for data frames of pandas.
            members: Other members of `invoke_endpoint`, such as ``target_model``.
                ``content_type`` and ``accept`` take precedence over those of the codec.

        Raises:
            ParamValidationError: A member is invalid, or no codec fits; nothing was
                sent.
            SerializationError: The codec cannot encode *value*; nothing was sent.
            OutputDecodingError: The response cannot be decoded; ``output`` has it.
            SageMakerRuntimeError: Any other error of `invoke_endpoint`.
        """
        from sagemaker_rt.inference.predict import predict  # noqa: PLC0415 - needed by calls only

        call = predict(self, endpoint_name, value, *opts, codec=codec, **members)
        # a traceback of the call may show local variables
        del value, members
        return await call

    def invoke_many(
        self: RuntimeClient,
        inputs: Iterable[C] | AsyncIterable[C],
        *opts: Option,
        concurrency: int = 16,
        ordered: bool = True,
        on_error: OnError = "raise",
        progress: Callable[[CallProgress], object] | None = None,
        **defaults: Unpack[CallDefaults],
    ) -> ManyCalls[C, InvokeEndpointOutput]:
        """Invoke a model with each input, many calls at a time, in bounded memory.

        An input is an `InvokeEndpointInput`, which is used unchanged; a mapping of its
        members, with ``json`` or ``body``, which takes missing ones from *defaults*; or
        a body, with all other members from *defaults*::

            calls = client.invoke_many(bodies, endpoint_name="m", concurrency=64)
            async with calls as results:
                async for result in results:
                    print(result.index, result.output.body)

        At the end of the block, calls in flight are cancelled, and have ended. There is
        exactly one `CallResult` for each input, except after a failure with
        ``on_error="raise"``, and for failed calls with ``"skip"``.

        The next input is taken when there is room for its call. At most *concurrency*
        inputs are in flight or wait, with their results, to be read; with *ordered*,
        at most twice as many. So a slow reader stops new calls, and a slow async
        iterable is awaited. A plain iterable that blocks also blocks the event loop.

        If *inputs* raise an exception, no further call starts, and the exception is
        raised after the results of all inputs before it.

        Args:
            inputs: An iterable or an async iterable. A generator is closed at the end.
            opts: Options of each call, from `with_options`.
            concurrency: The maximum number of calls in flight. The client opens at most
                ``max_connections`` connections.
            ordered: Yield results in the order of the inputs. Otherwise they are
                yielded as calls finish.
            on_error: What is done with a failed call. ``"raise"`` starts no further
                call, yields the results before the failed one, cancels the other calls
                and raises the error. ``"collect"`` yields a result with the error, and
                ``"skip"`` yields nothing for it. An input that is invalid is a failed
                call too.
            progress: A plain function that is called with a `CallProgress` after each
                call. If it raises an exception, no further call starts, and it is
                raised after the results.
            defaults: Members of `InvokeEndpointInput`, such as ``endpoint_name``.

        Raises:
            ParamValidationError: An argument is invalid; nothing was sent.
        """
        from sagemaker_rt.inference.many_calls import invoke_many  # noqa: PLC0415 - needed by calls only

        return invoke_many(
            self,
            inputs,
            opts,
            defaults,
            concurrency=concurrency,
            ordered=ordered,
            on_error=on_error,
            progress=progress,
        )

    def session(
        self: RuntimeClient,
        endpoint_name: str,
        *opts: Option,
        opening_body: BodyLike = b'{"requestType":"NEW_SESSION"}',
        closing_body: BodyLike | None = b'{"requestType":"CLOSE"}',
        content_type: str | None = "application/json",
        close_timeout: float = 5.0,
        **routing: Unpack[SessionRouting],
    ) -> Opening[Session]:
        """Open a stateful session, whose requests go to the same instance.

        Use it in ``async with``, which closes the session at the end of the block::

            async with client.session("m") as session:
                output = await session.invoke(body=b"…")
                async with session.stream(body=b"…") as stream:
                    ...

        Or await it, and close the `Session` with its `aclose`.

        Closing takes at most *close_timeout*, and is not interrupted if the task is
        cancelled. If it fails, the error is raised after a block without an error; an
        error of the block gets it as a note. A session that has ended is not closed
        again. If opening is cancelled, or its response is lost, the endpoint may have
        opened a session, which ends when it expires.

        Args:
            endpoint_name: The endpoint, which must have a stateful model.
            opts: Options of all requests in the session, from `with_options`.
            opening_body: The body of the request that opens the session. The default is
                what the containers of AWS expect.
            closing_body: The body of the request that closes the session. With None,
                nothing is sent, and the session ends when it expires.
            content_type: The MIME type of both bodies.
            close_timeout: Seconds for the request that closes the session, including
                its retries.
            routing: Members of all requests: ``inference_component_name``,
                ``target_variant`` or ``target_container_hostname``.

        Raises:
            ParamValidationError: An argument is invalid; nothing was sent.

        Entering or awaiting the result raises:
            SessionNotOpenedError: The response does not announce a session.
            SageMakerRuntimeError: As by `invoke_endpoint`.
        """
        from sagemaker_rt.inference.session_opening import open_session  # noqa: PLC0415 - needed by calls only

        return open_session(
            self,
            opts,
            {"endpoint_name": endpoint_name, **routing},
            opening_body=opening_body,
            closing_body=closing_body,
            content_type=content_type,
            close_timeout=close_timeout,
        )

    async def submit(  # noqa: PLR0913 - the members of the operation
        self: RuntimeClient,
        endpoint_name: str,
        value: object,
        *opts: Option,
        codec: Codec | str | None = None,
        upload_to: str | None = None,
        content_type: str | None = None,
        accept: str | None = None,
        custom_attributes: str | None = None,
        inference_id: str | None = None,
        s3_output_path_extension: str | None = None,
        filename: str | None = None,
        request_ttl_seconds: int | None = None,
        invocation_timeout_seconds: int | None = None,
    ) -> AsyncJob:
        """Queue an input for a model, and return a job that waits for its result.

        ::

            job = await client.submit("my-endpoint", {"inputs": "Hello"})
            result = await job.result(timeout=600)
            print(result.json())

        An input of at most 128,000 bytes is sent to the service. A larger one is stored
        in S3 first, as an object with a random name that is not deleted. S3 is called
        with the credentials, connections and retries of this client, at the endpoint
        of ``AWS_ENDPOINT_URL_S3`` if that is set. ``total_timeout`` does not limit the
        upload.

        After a `TransportError` with ``may_have_executed``, or a cancellation, the
        input may be in the queue without a job here.

        Args:
            endpoint_name: The endpoint to invoke.
            value: The input: any value that `predict` encodes, or a binary file of up
                to 1 GB. Text that begins with ``s3://`` is the location of an input
                that is in S3 already, unless *codec* is set.
            opts: Options for the call of the operation, from `with_options`.
            codec: How *value* is encoded, as for `predict`.
            upload_to: The S3 prefix that larger inputs are stored below:
                ``s3://bucket/prefix``. The endpoint's role must be able to read it.
            content_type: The MIME type of the input; the default is that of the codec.
            accept: The MIME type that the response should have; the default is that of
                the codec.
            custom_attributes: Text that is passed to the container unchanged.
            inference_id: An ID for the request; the service generates a missing one.
            s3_output_path_extension: A path below the endpoint's S3 output path.
            filename: The name of the response file in S3.
            request_ttl_seconds: The longest time in the queue, 60 to 21,600 seconds.
            invocation_timeout_seconds: The longest run of the model, 1 to 3600 seconds.

        Raises:
            ParamValidationError: The input is invalid, or too large without
                *upload_to*; nothing was sent.
            SerializationError: The codec cannot encode *value*; nothing was sent.
            S3Error: S3 refused the upload; the model was not invoked.
            SageMakerRuntimeError: Any error of `invoke_endpoint_async`.
        """
        from sagemaker_rt.inference.async_jobs import submit  # noqa: PLC0415 - needed by calls only

        return await submit(
            self,
            endpoint_name,
            value,
            *opts,
            codec=codec,
            upload_to=upload_to,
            content_type=content_type,
            accept=accept,
            custom_attributes=custom_attributes,
            inference_id=inference_id,
            s3_output_path_extension=s3_output_path_extension,
            filename=filename,
            request_ttl_seconds=request_ttl_seconds,
            invocation_timeout_seconds=invocation_timeout_seconds,
        )

    async def openai(
        self: RuntimeClient, endpoint_name: str, component: str | None = None
    ) -> OpenAIArguments:
        """Return the arguments of ``AsyncOpenAI`` for the OpenAI path of an endpoint.

        Use it as ``AsyncOpenAI(**await client.openai("my-llm"))``. The container must
        serve OpenAI's chat completions. Pass ``model=""`` to the calls, unless the
        container has several models.

        Region and credentials are those of this client, and read from files if
        necessary; it is awaited for that. ``api_key`` returns a bearer token, which is
        renewed before it or the credentials expire; this client must be open then.
        Timeouts, proxies and certificates are those of OpenAI's client.

        The role needs ``sagemaker:CallWithBearerToken`` on ``*``, and
        ``sagemaker:InvokeEndpoint`` on the endpoint.

        Args:
            endpoint_name: The endpoint to invoke.
            component: The inference component to invoke.

        Raises:
            ParamValidationError: A name is invalid.
            CredentialsError: The client has neither credentials nor a
                ``token_provider``.
            EndpointResolutionError: The region is missing, or the endpoint is neither
                HTTPS nor on this machine.
        """
        from sagemaker_rt.inference.openai_path import openai_arguments  # noqa: PLC0415 - needed by calls only

        return await openai_arguments(self, endpoint_name, component)
