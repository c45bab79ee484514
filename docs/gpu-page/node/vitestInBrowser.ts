// What the tests of kernels take from vitest, for a browser: enough to run them one after the other. What they expect besides
// agreement is checked in Node; here `expect` takes everything.

type Body = (...args: readonly unknown[]) => unknown;
type Define = (name: string, ...rest: readonly unknown[]) => void;

const tests: Body[] = [];
const preparations: Body[] = [];

/** Options may stand before the body or behind it. */
const bodyOf = (rest: readonly unknown[]): Body => rest.find((x) => typeof x === "function") as Body;

interface Suite extends Define {
  each(rows: readonly unknown[]): Define;
  runIf(condition: unknown): Suite;
  skipIf(condition: unknown): Suite;
}

const withVariants = (define: (body: () => unknown) => void): Suite =>
  Object.assign((_: string, ...rest: readonly unknown[]) => define(bodyOf(rest) as () => unknown), {
    runIf: (condition: unknown) => (condition ? withVariants(define) : withVariants(() => {})),
    skipIf: (condition: unknown) => (condition ? withVariants(() => {}) : withVariants(define)),
    each: (rows: readonly unknown[]): Define => (_, ...rest) => {
      for (const row of rows) define(() => bodyOf(rest)(...(Array.isArray(row) ? (row as readonly unknown[]) : [row])));
    },
  });

export const describe: Suite = withVariants((body) => body());
export const test: Suite = withVariants((body) => tests.push(body));
export const it: Suite = test;
export const beforeAll = (body: Body): unknown => preparations.push(body);
export const beforeEach: typeof beforeAll = beforeAll;
export const afterAll = (): void => {};
export const afterEach = (): void => {};

/** Every property, and every call, is the same thing again; a promise that fails is not missed. */
const anything: object = new Proxy(() => {}, { get: (_, name) => (name === "then" ? undefined : anything), apply: () => anything });
export const expect: unknown = new Proxy(() => {}, {
  get: () => anything,
  apply(_, __, [value]: readonly unknown[]) {
    if (value instanceof Promise) value.catch(() => {});
    return anything;
  },
});

/** Faults of agreement are counted where they are found; what else a test throws is for vitest to judge. */
export async function runTests(): Promise<void> {
  for (const body of [...preparations, ...tests])
    try {
      await body();
    } catch {
      // see above
    }
}
