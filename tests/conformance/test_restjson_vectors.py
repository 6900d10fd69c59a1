"""restJson1 by protocol test cases: cases adapted to SageMaker, and those of Smithy.

Each case of Smithy for clients is either used or omitted for a reason. Many of the used
cases have members of types that no operation here has; those members are ignored.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from pathlib import Path
from typing import Annotated, Any, Final

import pytest
from attrs import field, fields_dict, frozen
from botocore import xform_name

from sagemaker_rt.context import Context, Metadata
from sagemaker_rt.errors import ParamValidationError, UnknownServiceError
from sagemaker_rt.http import Request, Response
from sagemaker_rt.middleware.operation_deserializer import OperationDeserializer
from sagemaker_rt.operations import (
    INVOKE_ENDPOINT_ASYNC,
    MODELLED_ERRORS,
    OPERATIONS,
    Operation,
)
from sagemaker_rt.sansio.error_responses import service_error
from sagemaker_rt.sansio.http_bindings import (
    Header,
    JSONMember,
    Label,
    Payload,
    members,
)
from sagemaker_rt.sansio.request_serialization import compile_serializer
from sagemaker_rt.sansio.response_deserialization import compile_deserializer
from sagemaker_rt.sansio.validation import compile_validator
from sagemaker_rt.sansio.validation_modes import VALIDATION_MODES
from sagemaker_rt.shapes import InvokeEndpointInput, InvokeEndpointOutput
from sagemaker_rt.stack import DeserializeInput, Output
from tests.conformance.vectors import entries, vectors
from tests.doubles import Wire, response

Case = dict[str, Any]
KINDS: Final = {"httpRequestTests": "request", "httpResponseTests": "response"}
"""The traits for clients, and the names of their cases here."""


def adapted(kind: str) -> list[Any]:
    return [
        pytest.param(case, id=case["id"])
        for path in entries("restjson", "sagemaker-adapted.json")
        for case in cases_of(path)
        if case["kind"] == kind
    ]


def cases_of(path: Path) -> list[Case]:
    cases: list[Case] = json.loads(path.read_text("utf-8"))["cases"]
    return cases


def smithy_cases() -> dict[str, Case]:
    """Return the cases of Smithy for clients, by kind and id."""
    return {
        f"{KINDS[suite['trait']]} {case['id']}": case
        for path in entries("restjson", "smithy-*.json")
        for suite in json.loads(path.read_text("utf-8"))["suites"]
        for case in suite["cases"]
        if suite["trait"] in KINDS and case.get("appliesTo") != "server"
    }


def smithy(used: tuple[str, ...]) -> list[Any]:
    cases = smithy_cases()
    return [pytest.param(cases[name], id=name) for name in used if name in cases]


def response_of(case: Case, status: int) -> tuple[Response, bytes]:
    """Return the response and the body of *case*."""
    body = (case.get("body") or "").encode()
    return response(status, case.get("headers", {}), body), body


@pytest.mark.parametrize("case", adapted("error-response"))
def test_an_error_response_becomes_its_error(case: Case) -> None:
    head, body = response_of(case["response"], case["status"])

    error = service_error(head, body, MODELLED_ERRORS)

    assert case["expect"]["code"] == error.code
    assert case["expect"]["modelled"] != isinstance(error, UnknownServiceError)
    assert case["status"] == error.http_status


@pytest.mark.parametrize("case", adapted("request"))
def test_an_input_becomes_its_request(case: Case) -> None:
    operation, expect = OPERATIONS[case["operation"]], case["expect"]
    fields, request = dict(case["params"]), Request()
    body = b64decode(fields.pop("Body_b64", ""))
    named = {xform_name(name): value for name, value in fields.items()}
    params = operation.input(**named, body=body)

    compile_serializer(operation.input, operation.path)(params, request)

    assert isinstance(request.body, bytes)
    assert (expect["method"], expect["path"]) == (request.method, request.path)
    assert expect.get("headers", {}) == request.headers
    assert expect.get("body_b64", case["params"].get("Body_b64", "")) == (
        b64encode(request.body).decode()
    )
    assert ("or" in expect) == is_rejected(operation, params)


def is_rejected(operation: Operation, params: object) -> bool:
    """Return whether validation rejects *params*, in all modes or in none."""
    rejected = 0
    for mode in VALIDATION_MODES:
        try:
            compile_validator(operation.input, mode)(params)
        except ParamValidationError:
            rejected += 1
    assert rejected in {0, len(VALIDATION_MODES)}
    return rejected > 0


@pytest.mark.parametrize("case", adapted("response"))
def test_a_response_becomes_its_output(case: Case) -> None:
    operation = OPERATIONS[case["operation"]]
    head, body = response_of(case["response"], case["status"])

    output = compile_deserializer(operation.output)(head, body, Metadata())

    expected = {
        xform_name(name): value for name, value in case["expect"]["output"].items()
    }
    assert operation.output(**expected) == output


def test_every_adapted_case_is_used() -> None:
    cases = cases_of(vectors("restjson/sagemaker-adapted.json"))
    used = sum(len(adapted(kind)) for kind in ("error-response", "request", "response"))

    assert 35 == used == len(cases)


@frozen(kw_only=True)
class InputAndOutputWithHeaders:
    """The members of the Smithy shape that the bindings here can express."""

    label: Annotated[str, Label("none")] = ""
    payload: Annotated[bytes, Payload()] = b""
    header_string: Annotated[str | None, Header("X-String")] = None
    header_byte: Annotated[int | None, Header("X-Byte")] = None
    header_short: Annotated[int | None, Header("X-Short")] = None
    header_integer: Annotated[int | None, Header("X-Integer")] = None
    header_long: Annotated[int | None, Header("X-Long")] = None
    header_enum: Annotated[str | None, Header("X-Enum")] = None
    header_integer_enum: Annotated[int | None, Header("X-IntegerEnum")] = None
    metadata: Metadata = field(factory=Metadata, eq=False)


@frozen(kw_only=True)
class SimpleScalarProperties:
    """A shape of Smithy whose members are in a document."""

    foo: Annotated[str | None, Header("X-Foo")] = None
    string_value: Annotated[str | None, JSONMember("stringValue")] = None
    metadata: Metadata = field(factory=Metadata, eq=False)


def members_of(case: Case, shape: type) -> dict[str, Any]:
    """Return the members of *case* that *shape* has, which are all text and numbers."""
    values = {xform_name(name): value for name, value in case["params"].items()}
    known = {
        name: value for name, value in values.items() if name in fields_dict(shape)
    }
    if shape is InputAndOutputWithHeaders:
        others = [value for name, value in values.items() if name not in known]
        assert [] == [v for v in others if not isinstance(v, list | bool | float)]
    return known


HEADERS: Final = (
    "request RestJsonInputAndOutputWithStringHeaders",
    "request RestJsonInputAndOutputWithNumericHeaders",
    "request RestJsonInputAndOutputWithEnumHeaders",
    "request RestJsonInputAndOutputWithIntEnumHeaders",
)
RESPONSE_HEADERS: Final = (
    "response RestJsonInputAndOutputWithStringHeaders",
    "response RestJsonInputAndOutputWithEnumHeaders",
)


@pytest.mark.parametrize("case", smithy(HEADERS))
def test_text_and_numbers_are_sent_in_headers(case: Case) -> None:
    shape, request = InputAndOutputWithHeaders, Request()
    bindings = [member.binding for member in members(shape)]
    known = {b.name.lower() for b in bindings if isinstance(b, Header)}
    headers = {n: v for n, v in case["headers"].items() if n.lower() in known}

    compile_serializer(shape, case["uri"])(shape(**members_of(case, shape)), request)

    assert case["uri"] == request.path
    assert headers == request.headers


@pytest.mark.parametrize("case", smithy(RESPONSE_HEADERS))
def test_text_is_deserialized_from_headers(case: Case) -> None:
    shape, (head, body) = InputAndOutputWithHeaders, response_of(case, case["code"])

    output = compile_deserializer(shape)(head, body, Metadata())

    assert shape(**members_of(case, shape)) == output


REST: Final = "1/2/3/4.1/5.1/true/2019-12-16T23%3A48%3A18Z"
LABELS: Final = {
    "request RestJsonInputWithHeadersAndAllParams": (
        "string",
        f"/HttpRequestWithLabels/{{EndpointName}}/{REST}",
    ),
    "request RestJsonHttpRequestLabelEscaping": (
        "string",
        f"/HttpRequestWithLabels/{{EndpointName}}/{REST}",
    ),
    "request RestJsonHttpRequestWithGreedyLabelInPath": (
        "foo",
        "/HttpRequestWithGreedyLabelInPath/foo/{EndpointName}/baz/there/guy",
    ),
    "request RestJsonToleratesRegexCharsInSegments": (
        "str",
        "/ReDosLiteral/{EndpointName}/(a+)+",
    ),
}
"""The member that is in the place of the endpoint name, and the path around it."""


@pytest.mark.parametrize(
    ("case", "location"),
    [
        pytest.param(case, LABELS[name], id=name)
        for name, case in smithy_cases().items()
        if name in LABELS
    ],
)
def test_a_label_is_percent_encoded(case: Case, location: tuple[str, str]) -> None:
    member, path = location
    params = InvokeEndpointInput(endpoint_name=case["params"][member], body=b"")
    request = Request()

    compile_serializer(InvokeEndpointInput, path)(params, request)

    assert case["uri"] == request.path


PAYLOADS: Final = (
    "request RestJsonHttpPayloadTraitsWithBlob",
    "request RestJsonHttpPayloadTraitsWithNoBlobBody",
    "request RestJsonHttpPayloadTraitsWithMediaTypeWithBlob",
    "request RestJsonEnumPayloadRequest",
    "request RestJsonStringPayloadRequest",
)
RESPONSE_PAYLOADS: Final = (
    "response RestJsonHttpPayloadTraitsWithBlob",
    "response RestJsonHttpPayloadTraitsWithNoBlobBody",
    "response RestJsonHttpPayloadTraitsWithMediaTypeWithBlob",
    "response RestJsonEnumPayloadResponse",
    "response RestJsonStringPayloadResponse",
)


@pytest.mark.parametrize("case", smithy(PAYLOADS))
def test_a_payload_is_the_request_body(case: Case) -> None:
    """The caller sets the content type; there is no default."""
    fields, request = case["params"], Request()
    content_type = case["headers"].get("Content-Type")
    params = InvokeEndpointInput(
        endpoint_name="m",
        body=fields.get("blob") or fields.get("payload") or "",
        content_type=content_type,
    )

    compile_serializer(InvokeEndpointInput, case["uri"])(params, request)

    assert case["body"].encode() == request.body
    assert content_type == request.headers.get("content-type")


@pytest.mark.parametrize("case", smithy(RESPONSE_PAYLOADS))
def test_a_payload_is_the_response_body(case: Case) -> None:
    fields, (head, body) = case["params"], response_of(case, case["code"])

    output = compile_deserializer(InvokeEndpointOutput)(head, body, Metadata())

    payload = fields.get("blob") or fields.get("payload") or ""
    assert payload.encode() == output.body
    assert case["headers"].get("Content-Type") == output.content_type


DOCUMENTS: Final = (
    "response RestJsonSimpleScalarProperties",
    "response RestJsonDoesntDeserializeNullStructureValues",
)


@pytest.mark.parametrize("case", smithy(DOCUMENTS))
def test_text_is_deserialized_from_a_document(case: Case) -> None:
    head, body = response_of(case, case["code"])

    output = compile_deserializer(SimpleScalarProperties)(head, body, Metadata())

    assert SimpleScalarProperties(**members_of(case, SimpleScalarProperties)) == output


STATUSES: Final = (
    "response RestJsonHttpResponseCode",
    "response RestJsonHttpResponseCodeWithNoPayload",
)


@pytest.mark.parametrize("case", smithy(STATUSES))
async def test_the_status_is_an_attribute_of_the_output(case: Case) -> None:
    head, _ = response_of(case, case["code"])
    middleware = OperationDeserializer(INVOKE_ENDPOINT_ASYNC, max_response_bytes=99)

    output = await middleware(
        Context("InvokeEndpointAsync"),
        DeserializeInput(Request()),
        Wire[DeserializeInput](Output(response=head)),
    )

    assert case["params"]["Status"] == output.result.http_status


OMITTED: Final = {
    "no member has a default": """
        request RestJsonClientPopulatesDefaultValuesInInput
        request RestJsonClientSkipsTopLevelDefaultValuesInInput
        request RestJsonClientUsesExplicitlyProvidedMemberValuesOverDefaults
        request RestJsonClientUsesExplicitlyProvidedValuesInTopLevel
        request RestJsonClientIgnoresNonTopLevelDefaultsOnMembersWithClientOptional
        response RestJsonClientPopulatesDefaultsValuesWhenMissingInResponse
        response RestJsonClientIgnoresDefaultValuesIfMemberValuesArePresentInResponse
    """,
    "no operation changes the host, and a path prefix is part of the endpoint": """
        request RestJsonHostWithPath
        request RestJsonEndpointTrait
        request RestJsonEndpointTraitWithHostLabel
    """,
    "no operation requires a checksum or is compressed": """
        request RestJsonHttpChecksumRequired
        request SDKAppliedContentEncoding_restJson1
        request SDKAppendedGzipAfterProvidedEncoding_restJson1
    """,
    "no header or label is a list, boolean, float or timestamp": """
        request RestJsonInputAndOutputWithQuotedStringHeaders
        request RestJsonInputAndOutputWithBooleanHeaders
        request RestJsonInputAndOutputWithTimestampHeaders
        request RestJsonSupportsNaNFloatHeaderInputs
        request RestJsonSupportsInfinityFloatHeaderInputs
        request RestJsonSupportsNegativeInfinityFloatHeaderInputs
        request RestJsonTimestampFormatHeaders
        request RestJsonHttpRequestWithLabelsAndTimestampFormat
        request RestJsonSupportsNaNFloatLabels
        request RestJsonSupportsInfinityFloatLabels
        request RestJsonSupportsNegativeInfinityFloatLabels
        response RestJsonInputAndOutputWithQuotedStringHeaders
        response RestJsonInputAndOutputWithBooleanHeaders
        response RestJsonInputAndOutputWithTimestampHeaders
        response RestJsonSupportsNaNFloatHeaderOutputs
        response RestJsonSupportsInfinityFloatHeaderOutputs
        response RestJsonSupportsNegativeInfinityFloatHeaderOutputs
        response RestJsonTimestampFormatHeaders
    """,
    "no output has a number in a header": """
        response RestJsonInputAndOutputWithNumericHeaders
        response RestJsonInputAndOutputWithIntEnumHeaders
    """,
    "no header has a media type": """
        request MediaTypeHeaderInputBase64
        response MediaTypeHeaderOutputBase64
    """,
    "an empty header is not sent, unlike in the newest cases of Smithy": """
        request RestJsonNullAndEmptyHeaders
    """,
    "every payload is bytes": """
        request RestJsonHttpPayloadWithStructure
        request RestJsonHttpPayloadWithUnion
        request RestJsonHttpPayloadWithUnsetUnion
        response RestJsonHttpPayloadWithStructure
        response RestJsonHttpPayloadWithStructureAndEmptyResponseBody
        response RestJsonHttpPayloadWithUnion
        response RestJsonHttpPayloadWithUnsetUnion
    """,
    "no operation has a query": """
        request RestJsonAllQueryStringTypes
        request RestJsonQueryStringMap
        request RestJsonQueryStringEscaping
        request RestJsonSupportsNaNFloatQueryValues
        request RestJsonSupportsInfinityFloatQueryValues
        request RestJsonSupportsNegativeInfinityFloatQueryValues
        request RestJsonZeroAndFalseQueryValues
        request RestJsonConstantQueryString
        request RestJsonConstantAndVariableQueryStringMissingOneValue
        request RestJsonConstantAndVariableQueryStringAllValues
        request RestJsonOmitsNullQuery
        request RestJsonSerializesEmptyQueryValue
        request RestJsonOmitsEmptyListQueryValues
        request RestJsonQueryIdempotencyTokenAutoFill
        request RestJsonQueryIdempotencyTokenAutoFillIsSet
        request RestJsonQueryPrecedence
        request RestJsonQueryParamsStringListMap
        response RestJsonIgnoreQueryParamsInResponse
    """,
    "no input is a document": """
        request RestJsonSimpleScalarProperties
        request RestJsonDoesntSerializeNullStructureValues
        request RestJsonSupportsNaNFloatInputs
        request RestJsonSupportsInfinityFloatInputs
        request RestJsonSupportsNegativeInfinityFloatInputs
        request RestJsonJsonBlobs
        request RestJsonJsonTimestamps
        request RestJsonJsonTimestampsWithDateTimeFormat
        request RestJsonJsonTimestampsWithDateTimeOnTargetFormat
        request RestJsonJsonTimestampsWithEpochSecondsFormat
        request RestJsonJsonTimestampsWithEpochSecondsOnTargetFormat
        request RestJsonJsonTimestampsWithHttpDateFormat
        request RestJsonJsonTimestampsWithHttpDateOnTargetFormat
        request RestJsonJsonEnums
        request RestJsonJsonIntEnums
        request RestJsonRecursiveShapes
    """,
    "documents contain only text": """
        response RestJsonSupportsNaNFloatInputs
        response RestJsonSupportsInfinityFloatInputs
        response RestJsonSupportsNegativeInfinityFloatInputs
        response RestJsonJsonBlobs
        response RestJsonJsonTimestamps
        response RestJsonJsonTimestampsWithDateTimeFormat
        response RestJsonJsonTimestampsWithDateTimeOnTargetFormat
        response RestJsonJsonTimestampsWithEpochSecondsFormat
        response RestJsonJsonTimestampsWithEpochSecondsOnTargetFormat
        response RestJsonJsonTimestampsWithHttpDateFormat
        response RestJsonJsonTimestampsWithHttpDateOnTargetFormat
        response RestJsonJsonEnums
        response RestJsonJsonIntEnums
        response RestJsonRecursiveShapes
    """,
}
"""The cases of Smithy that do not apply to the operations, by reason."""


def test_each_case_of_smithy_is_used_or_omitted_for_a_reason() -> None:
    vectors("restjson")
    used = [
        *HEADERS,
        *RESPONSE_HEADERS,
        *LABELS,
        *PAYLOADS,
        *RESPONSE_PAYLOADS,
        *DOCUMENTS,
        *STATUSES,
    ]
    omitted = [
        name.strip() for names in OMITTED.values() for name in names.strip().split("\n")
    ]

    assert sorted(smithy_cases()) == sorted([*used, *omitted])
