// The peer's side, for peers that run in Node.
import { createInterface } from "node:readline";
import type { Task } from "../src/tasks.ts";
import type { Answer, Ready, Request } from "./protocol.ts";
import { messageOf, writeAnswer } from "./protocol.ts";
import { type Run, sample } from "./sample.ts";

const answer = (message: Answer): void => void process.stdout.write(writeAnswer(message));

/** Answers requests until the input ends. `make` throws what the peer cannot do. */
export async function serve(start: () => Promise<{ readonly ready: Ready; readonly make: (task: Task) => Run | Promise<Run> }>): Promise<void> {
  let peer: Awaited<ReturnType<typeof start>>;
  try {
    peer = await start();
    answer({ ready: peer.ready });
  } catch (error) {
    answer({ error: messageOf(error) });
    process.exit(1);
  }
  let present = null as { readonly name: string; readonly run: Run } | null;
  for await (const line of createInterface({ input: process.stdin })) {
    try {
      const { name, task, budget } = JSON.parse(line) as Request;
      if (present?.name !== name) {
        present = null; // its memory may go before the next one's is made
        globalThis.gc?.();
        present = { name, run: await peer.make(task) };
      }
      answer({ sampled: await sample(present.run, budget) });
    } catch (error) {
      present = null;
      answer({ error: messageOf(error) });
    }
  }
}

/** Normal numbers; which ones does not matter to anybody's speed, except that none may be subnormal. */
export function randomNumbers(count: number, scale = 1): Float32Array {
  const numbers = new Float32Array(count);
  let state = 1;
  for (let i = 0; i < count; i++) {
    let total = 0;
    for (let j = 0; j < 4; j++) total += (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
    numbers[i] = (total - 2) * 1.73 * scale;
  }
  return numbers;
}

export const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);
