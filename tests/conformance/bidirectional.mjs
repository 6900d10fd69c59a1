// Calls the emulator with the HTTP/2 and event stream code of the AWS SDK for JavaScript,
// which is given the schema of the operation, and prints one JSON document.
import { createRequire } from "node:module";

const require = createRequire(process.env.NODE_MODULES_FOLDER + "/");
const bedrock = require("@aws-sdk/client-bedrock-runtime");

const NAMESPACE = "com.amazonaws.sagemakerruntimehttp2";
const STRING = 0;
const BLOB = 21;
const HEADER = [STRING, { eventHeader: 1 }];

function structure(name, members) {
  return [3, NAMESPACE, name, 0, Object.keys(members), Object.values(members)];
}

function union(name, members) {
  return [4, NAMESPACE, name, { streaming: 1 }, Object.keys(members), Object.values(members)];
}

function failure(name) {
  const members = { Message: STRING, ErrorCode: STRING };
  const [, ...rest] = structure(name, members);
  rest[2] = { error: "client" };
  return [-3, ...rest];
}

function part(name) {
  return structure(name, {
    Bytes: [BLOB, { eventPayload: 1 }],
    DataType: HEADER,
    CompletionState: HEADER,
    P: HEADER,
  });
}

const requestEvents = union("RequestStreamEvent", {
  PayloadPart: [() => part("RequestPayloadPart"), 0],
});
const responseEvents = union("ResponseStreamEvent", {
  PayloadPart: [() => part("ResponsePayloadPart"), 0],
  ModelStreamError: [() => failure("ModelStreamError"), 0],
  InternalStreamFailure: [() => failure("InternalStreamFailure"), 0],
});
const input = structure("InvokeEndpointWithBidirectionalStreamInput", {
  EndpointName: [STRING, 1],
  TargetVariant: [STRING, { httpHeader: "X-Amzn-SageMaker-Target-Variant" }],
  Body: [() => requestEvents, 16],
});
const output = structure("InvokeEndpointWithBidirectionalStreamOutput", {
  InvokedProductionVariant: [STRING, { httpHeader: "X-Amzn-Invoked-Production-Variant" }],
  Body: [() => responseEvents, 16],
});
const path = "/endpoints/{EndpointName}/invocations-bidirectional-stream";

// The command reads its schema from this array.
bedrock.InvokeModelWithBidirectionalStream$.splice(
  1,
  5,
  NAMESPACE,
  "InvokeEndpointWithBidirectionalStream",
  { http: ["POST", path, 200] },
  () => input,
  () => output,
);

const region = process.env.AWS_REGION;
const client = new bedrock.BedrockRuntimeClient({
  endpoint: process.env.AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME,
  maxAttempts: 1,
  signingName: "sagemaker",
  httpAuthSchemeProvider: () => [
    {
      schemeId: "aws.auth#sigv4",
      signingProperties: { name: "sagemaker", region },
      propertiesExtractor: (config, context) => ({ signingProperties: { config, context } }),
    },
  ],
});

async function* spoken(texts) {
  for (const text of texts) {
    const bytes = Buffer.from(text);
    yield { PayloadPart: { Bytes: bytes, DataType: "UTF8", CompletionState: "COMPLETE" } };
  }
}

async function converse(name, texts) {
  const heard = [];
  try {
    const response = await client.send(
      new bedrock.InvokeModelWithBidirectionalStreamCommand({
        EndpointName: name,
        TargetVariant: "Blue",
        Body: spoken(texts),
      }),
    );
    for await (const { PayloadPart } of response.Body) {
      heard.push([Buffer.from(PayloadPart.Bytes).toString(), PayloadPart.DataType]);
    }
    return { heard, variant: response.InvokedProductionVariant };
  } catch (error) {
    // An error event is thrown as its members, since no class is registered for it.
    const { name, message, Message, ErrorCode } = error;
    const status = error.$metadata?.httpStatusCode;
    return { heard, error: name, status, message: message ?? Message, code: ErrorCode };
  }
}

const found = {
  echoed: await converse("echo", ["one", "two", "three"]),
  refused: await converse("none", ["one"]),
  breaks: await converse("breaks", ["one"]),
};
console.log(JSON.stringify(found));
process.exit(0);
