// The command line is the interface of this package; what its commands are made of is in @llr/train and below.

/** Runs the `llr` command and returns its exit code. The commands are loaded with the first call, and not by importing. */
export async function main(args: readonly string[]): Promise<number> {
  const { main: run } = await import("./cli.ts");
  return run(args);
}
