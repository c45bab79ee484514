// Runs one ONNX operator on one list of numbers in ONNX Runtime Web.
import * as ort from "onnxruntime-web";

ort.env.wasm.numThreads = 1;

// The model as the protocol buffer that it is. Every message here is shorter than 128 bytes, so a length is one byte.
const field = (number, type, bytes) => [(number << 3) | type, ...bytes];
const message = (number, bytes) => field(number, 2, [bytes.length, ...bytes]);
const text = (number, value) => message(number, [...new TextEncoder().encode(value)]);
const float32 = 1;
const opset = 17;
const irVersion = 8;
const vector = (name) => [...text(1, name), ...message(2, message(1, [...field(1, 0, [float32]), ...message(2, message(1, text(2, "n")))]))];

/** y = op(x), for operators of one input that need no attributes. */
export async function oneNode(op, x) {
  const node = [...text(1, "x"), ...text(2, "y"), ...text(4, op)];
  const graph = [...message(1, node), ...text(2, "graph"), ...message(11, vector("x")), ...message(12, vector("y"))];
  const model = Uint8Array.from([...field(1, 0, [irVersion]), ...message(7, graph), ...message(8, field(2, 0, [opset]))]);
  const session = await ort.InferenceSession.create(model, { executionProviders: ["wasm"] });
  const { y } = await session.run({ x: new ort.Tensor("float32", Float32Array.from(x), [x.length]) });
  return [...y.data];
}
