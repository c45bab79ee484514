import { parseArgs } from "node:util";
import { SUITES, type SuiteName } from "./suites.ts";
import { PEERS, type PeerName } from "../peers/peers.ts";

export interface Arguments {
  readonly suites: readonly SuiteName[];
  readonly quick: boolean;
  readonly json: string | undefined;
  readonly threads: number;
  readonly turbo: boolean;
  /** Whom to compare with; empty: nobody. */
  readonly peers: readonly PeerName[];
}

const names = Object.keys(SUITES) as SuiteName[];
const everyPeer = Object.keys(PEERS) as PeerName[];
export const USAGE: string = `usage: npm run bench -- [${names.join("|")} ...] [--quick] [--json FILE] [--threads N] [--turbo] [--peers [--against ${everyPeer.join(",")}]] | --gpu [PART ...]`;

/** @throws Error with one line for the user */
export function readArguments(args: readonly string[]): Arguments {
  const { values, positionals } = parseArgs({
    args: [...args], allowPositionals: true,
    options: { quick: { type: "boolean" }, json: { type: "string" }, threads: { type: "string" }, turbo: { type: "boolean" }, peers: { type: "boolean" }, against: { type: "string" } },
  });
  const unknown = positionals.find((name) => !Object.hasOwn(SUITES, name));
  if (unknown !== undefined) throw new Error(`unknown suite ${unknown}. ${USAGE}`);
  const threads = Number(values.threads ?? 1);
  if (!Number.isInteger(threads) || threads < 1 || threads > 64) throw new Error(`--threads ${values.threads} is no whole number from 1 to 64. ${USAGE}`);
  if (values.against !== undefined && !values.peers) throw new Error(`--against chooses among peers and needs --peers. ${USAGE}`);
  const turbo = values.turbo ?? false;
  // Ourselves with no setting are worth comparing with when there is one.
  const peers = values.against?.split(",") ?? everyPeer.filter((name) => name !== "plain" || threads > 1 || turbo);
  const stranger = peers.find((name) => !Object.hasOwn(PEERS, name));
  if (stranger !== undefined) throw new Error(`unknown peer ${stranger}. ${USAGE}`);
  return {
    suites: positionals.length > 0 ? (positionals as SuiteName[]) : names, quick: values.quick ?? false, json: values.json, threads, turbo,
    peers: values.peers ? (peers as PeerName[]) : [],
  };
}
