// SPDX-License-Identifier: MIT

import { parseArgs } from "node:util";
import { profileNames } from "../profile.ts";
import type { Command, World } from "./command.ts";
import { UsageError } from "./command.ts";

/*
 * The command line: `luarpc SUBCOMMAND …`. Data goes to stdout, talk to stderr.
 *
 * Exit codes: 0 success; 1 the call failed, the interface is wrong, or the output cannot be written; 2 the command line is wrong.
 */

/** The subcommands, by their names. */
export const loaders: Readonly<Record<string, () => Promise<Command>>> = {
  call: async () => (await import("./call.ts")).call,
  check: async () => (await import("./check.ts")).check,
  types: async () => (await import("./types.ts")).types,
  bench: async () => (await import("./bench.ts")).bench,
  proxy: async () => (await import("./tee.ts")).tee,
};

/** Runs one command line; resolves with the exit code. Never rejects. */
export async function luarpcCommand(words: readonly string[], world: World): Promise<number> {
  const [name, ...rest] = words;
  const json = rest.includes("--json");
  try {
    if (name === undefined || name === "help" || name === "--help" || name === "-h") {
      world.out(await help());
      return name === undefined ? 2 : 0;
    }
    const load = Object.hasOwn(loaders, name) ? loaders[name] : undefined;
    if (load === undefined) throw new UsageError(`no command is called '${name}'; try luarpc help`);
    const command = await load();
    const { values, positionals } = parse(command, rest);
    if (values["help"] === true) {
      world.out(helpOf(command));
      return 0;
    }
    return await command.run(positionals, values, world);
  } catch (error) {
    if (json) world.out(`${JSON.stringify({ error: errorObject(error) })}\n`);
    else world.talk(`luarpc: ${error instanceof Error ? error.message : String(error)}\n`);
    return error instanceof Error && error.name === "UsageError" ? 2 : 1;
  }
}

function errorObject(error: unknown): unknown {
  // By shape: a program that loads commands lazily may hold two copies of a class.
  if (error instanceof Error && "toJSON" in error && typeof error.toJSON === "function") return error;
  return { code: "ERR_SYSTEM", message: error instanceof Error ? error.message : String(error) };
}

function parse(
  command: Command,
  words: readonly string[],
): {
  readonly values: Readonly<Record<string, string | boolean | undefined>>;
  readonly positionals: string[];
} {
  const options = Object.fromEntries(
    Object.entries({ ...command.options, help: { type: "boolean", about: "" } as const }).map(
      ([name, { type }]) => [name, { type }],
    ),
  );
  // A negative number is an argument, not an option: all behind the first `--`, and whatever looks like a number, is.
  const marked = words.map((word) => (/^-(?:[0-9.]|inf|nan)/i.test(word) ? `\0${word}` : word));
  try {
    const parsed = parseArgs({ args: marked, options, allowPositionals: true, strict: true });
    return {
      values: parsed.values,
      positionals: parsed.positionals.map((word) => (word.startsWith("\0") ? word.slice(1) : word)),
    };
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

async function help(): Promise<string> {
  const commands = await Promise.all(Object.values(loaders).map((load) => load()));
  const lines = commands.map(({ usage, about }) => `  luarpc ${usage}\n      ${about}`);
  return `Remote calls over TCP, as in luarpc.md.\n\n${lines.join("\n")}\n\nProfiles: ${profileNames.join(", ")}.\nluarpc COMMAND --help shows its options.\n`;
}

function helpOf(command: Command): string {
  const options = Object.entries(command.options).map(
    ([name, { value, about }]) =>
      `  ${`--${name}${value === undefined ? "" : ` ${value}`}`.padEnd(22)} ${about}`,
  );
  return `luarpc ${command.usage}\n\n${command.about}\n${options.length === 0 ? "" : `\n${options.join("\n")}\n`}`;
}
