// Calls the emulator with the AWS SDK for JavaScript, and prints one JSON document.
import { createRequire } from "node:module";

const require = createRequire(process.env.NODE_MODULES_FOLDER + "/");
const {
  SageMakerRuntimeClient,
  InvokeEndpointCommand,
  InvokeEndpointAsyncCommand,
  InvokeEndpointWithResponseStreamCommand,
} = require("@aws-sdk/client-sagemaker-runtime");

const client = new SageMakerRuntimeClient({ maxAttempts: 1 });
const text = (bytes) => Buffer.from(bytes).toString();

async function stream(name) {
  const parts = [];
  try {
    const output = await client.send(
      new InvokeEndpointWithResponseStreamCommand({ EndpointName: name, Body: "a b" }),
    );
    for await (const event of output.Body) parts.push(text(event.PayloadPart.Bytes));
    return { parts };
  } catch (error) {
    return { parts, ...described(error) };
  }
}

function described(error) {
  const { name, message, OriginalStatusCode, OriginalMessage, ErrorCode } = error;
  const status = error.$metadata?.httpStatusCode;
  return { name, message, status, OriginalStatusCode, OriginalMessage, ErrorCode };
}

async function attempt(command) {
  try {
    return await client.send(command);
  } catch (error) {
    return described(error);
  }
}

const body = { EndpointName: "echo", Body: "hello", CustomAttributes: "c=1" };
const whole = await client.send(new InvokeEndpointCommand(body));
const queued = await client.send(
  new InvokeEndpointAsyncCommand({ EndpointName: "echo", Body: "later" }),
);
const errors = [];
for (let count = Number(process.env.FAULTS); count > 0; count -= 1) {
  const command = new InvokeEndpointCommand({ ...body, EndpointName: "fault" });
  errors.push(await attempt(command));
}
console.log(
  JSON.stringify({
    whole: text(whole.Body),
    attributes: whole.CustomAttributes,
    output: queued.OutputLocation,
    streamed: await stream("tokens"),
    failed: await stream("breaks"),
    model: await attempt(new InvokeEndpointCommand({ ...body, EndpointName: "failing" })),
    unknown: await attempt(new InvokeEndpointCommand({ ...body, EndpointName: "none" })),
    errors,
  }),
);
// the connection of the stream that broke may keep the process running
process.exit(0);
