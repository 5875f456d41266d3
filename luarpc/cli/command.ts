// SPDX-License-Identifier: MIT

import { type ProfileName, profileNamed } from "../profile.ts";

/* What a subcommand is, and how its words are read. One file a subcommand. */

/** The world of one command line. */
export interface World {
  /** Data. */
  readonly out: (text: string) => void;
  /** Talk. */
  readonly talk: (text: string) => void;
  /** Raised when the program is asked to stop. */
  readonly signal: AbortSignal;
}

export interface Option {
  readonly type: "string" | "boolean";
  /** What the help calls its value. */
  readonly value?: string;
  readonly about: string;
}

export type Values = Readonly<Record<string, string | boolean | undefined>>;

export interface Command {
  readonly usage: string;
  readonly about: string;
  readonly options: Readonly<Record<string, Option>>;
  /** Resolves with the exit code. */
  readonly run: (words: readonly string[], values: Values, world: World) => Promise<number>;
}

/** The command line is wrong. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** "HOST:PORT", "[::1]:PORT", or "PORT" alone for the loopback address. Throws UsageError. */
export function address(
  word: string | undefined,
  what = "HOST:PORT",
): { readonly host: string; readonly port: number } {
  const match = /^(?:(?:\[(?<v6>[^\]]+)\]|(?<host>[^:]*)):)?(?<port>[0-9]{1,5})$/.exec(word ?? "");
  const port = Number(match?.groups?.["port"]);
  if (match === null || port > 65535)
    throw new UsageError(`${what} is missing, or '${word ?? ""}' is no address`);
  const host = match.groups?.["v6"] ?? match.groups?.["host"];
  return { host: host === undefined || host === "" ? "127.0.0.1" : host, port };
}

export function required(word: string | undefined, what: string): string {
  if (word === undefined) throw new UsageError(`${what} is missing`);
  return word;
}

/** A whole number of at least `least`. Throws UsageError. */
export function count(
  value: string | boolean | undefined,
  fallback: number,
  name: string,
  least = 1,
): number {
  if (value === undefined) return fallback;
  const number = Number(value);
  if (!Number.isSafeInteger(number) || number < least || value === "")
    throw new UsageError(`--${name} must be a whole number of at least ${least}`);
  return number;
}

/** The profile of an option. Throws UsageError. */
export function profileOption(value: string | boolean | undefined): ProfileName {
  try {
    return profileNamed(typeof value === "string" ? value : "plain").name;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

export const profileChoice: Option = {
  type: "string",
  value: "NAME",
  about: "the dialect: plain unless given",
};
