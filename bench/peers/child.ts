import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Command } from "./peers.ts";
import type { Answer, Ready, Request, Sampled } from "./protocol.ts";
import { messageOf, readAnswer } from "./protocol.ts";

export interface Limits {
  /** Milliseconds that a peer may take to start, and to answer a request. */
  readonly start: number;
  readonly answer: number;
}

/** A peer in a process of its own, started when it is first needed, and again after it broke down or was too slow. */
export class PeerProcess {
  private child: ChildProcess | null = null;
  private ready: Ready | null = null;
  /** Gets the next answer, or a message about the process's end. */
  private deliver: ((answer: Answer) => void) | null = null;
  private readonly command: () => Command;
  private readonly limits: Limits;

  constructor(command: () => Command, limits: Limits) {
    this.command = command;
    this.limits = limits;
  }

  /** @throws Error with one line when it cannot be started */
  async start(): Promise<Ready> {
    if (this.ready !== null) return this.ready;
    const answer = await this.wait(this.limits.start, "did not start within", () => this.launch());
    if (!("ready" in answer)) {
      this.stop();
      throw new Error("error" in answer ? answer.error : "answered before it was asked");
    }
    this.ready = answer.ready;
    return this.ready;
  }

  /** @throws Error with one line when the peer cannot do it, is too slow, or ends */
  async ask(request: Request): Promise<Sampled> {
    await this.start();
    const answer = await this.wait(this.limits.answer, "took more than", () => void this.child!.stdin!.write(`${JSON.stringify(request)}\n`));
    if ("sampled" in answer) return answer.sampled;
    throw new Error("error" in answer ? answer.error : "started anew");
  }

  stop(): void {
    this.child?.kill("SIGKILL");
    this.child = null;
    this.ready = null;
  }

  private launch(): void {
    const { command, args, env } = this.command();
    const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ["pipe", "pipe", "pipe"] });
    this.child = child;
    let lastWords = "";
    child.stderr.on("data", (chunk: Buffer) => (lastWords = `${lastWords}${chunk.toString()}`.slice(-2000)));
    child.stdin.on("error", () => {}); // its end is reported below
    createInterface({ input: child.stdout }).on("line", (line) => {
      const answer = child === this.child ? readAnswer(line) : null;
      if (answer !== null) this.deliver?.(answer);
    });
    const ended = (how: string): void => {
      if (child !== this.child) return; // stopped by us
      this.child = null;
      this.ready = null;
      const reason = lastWords.split("\n").find((line) => /error/i.test(line)) ?? lastWords.split("\n")[0];
      this.deliver?.({ error: `${how}${reason ? `: ${reason.trim()}` : ""}` });
    };
    child.on("error", (error) => ended(`cannot run ${command}: ${error.message}`));
    child.on("close", (code, signal) => ended(`ended with ${signal ?? `exit code ${code}`}`));
  }

  private wait(limit: number, complaint: string, act: () => void): Promise<Answer> {
    return new Promise((resolve) => {
      const finish = (answer: Answer): void => {
        clearTimeout(timer);
        this.deliver = null;
        resolve(answer);
      };
      const timer = setTimeout(() => {
        this.stop();
        finish({ error: `${complaint} ${limit / 1000} s` });
      }, limit);
      this.deliver = finish;
      try {
        act();
      } catch (error) {
        finish({ error: messageOf(error) });
      }
    });
  }
}
