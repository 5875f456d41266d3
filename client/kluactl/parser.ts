// SPDX-License-Identifier: MIT

import yargs, { type Argv } from "yargs";
import { type PreparedWords, prepareWords, unmark, unmarkText } from "./argv.ts";
import type { Command, Option, Value } from "./command.ts";
import {
  type CommandEntry,
  commands,
  completionCommand,
  defaultCommand,
  versionCommand,
} from "./commands.ts";
import { exitCodes } from "./exit_codes.ts";
import { usage } from "./failure.ts";

/* The command line, parsed by yargs from the tables: which command, with which values; or what --help prints. */

/** Options that every command takes. */
export const globalOptions = {
  json: { type: "boolean", describe: "JSON on stdout, errors too; see docs/json.md" },
  backend: {
    type: "string",
    value: "NAME",
    choices: ["kernel", "embedded"],
    describe: "the module, or the embedded server",
  },
  socket: {
    type: "string",
    value: "PATH",
    describe: "the embedded server's socket; implies --backend embedded",
  },
  via: {
    type: "string",
    value: "WAY",
    choices: ["auto", "daemon", "direct"],
    describe:
      "through the daemon kluad, or directly; auto (unless given): through one that serves the same states",
  },
  control: {
    type: "string",
    value: "PATH",
    describe: "the daemon's control socket; so does the environment variable LUNATIK_CONTROL_SOCKET",
  },
  timeout: {
    type: "string",
    value: "MS",
    describe: "how long to wait for an answer (30000 unless given), or for the end of a run (its own limits)",
  },
  "no-color": { type: "boolean", describe: "no colours; so does the environment variable NO_COLOR" },
  quiet: { type: "boolean", alias: "q", describe: "nothing on stderr but errors" },
  version: { type: "boolean", describe: "what kluactl version does; without a command only" },
} as const satisfies Readonly<Record<string, Option>>;

export type GlobalValues = {
  readonly [K in keyof typeof globalOptions]?: (typeof globalOptions)[K]["type"] extends "boolean"
    ? boolean
    : string;
};

export type Parsed =
  | {
      readonly kind: "command";
      readonly entry: CommandEntry;
      readonly command: Command;
      readonly values: Readonly<Record<string, Value>>;
      readonly globals: GlobalValues;
    }
  /** yargs has the answer itself: help, or a completion script. */
  | { readonly kind: "text"; readonly text: string };

const WIDTH = 100;

/** The loaded commands by their names. */
export type Loaded = ReadonlyMap<string, Command>;

/** Parses the words of a command line. Throws ERR_USAGE. */
export async function parseCommandLine(argv: readonly string[]): Promise<Parsed> {
  // Any word may turn out to be the command; words that are no command's name load nothing.
  const loaded = await load([
    ...argv,
    defaultCommand,
    ...(argv.includes("--version") ? [versionCommand] : []),
  ]);
  const prepared = prepareWords(argv, valuedOptions(loaded));
  const help = prepared.words.includes("--help") || prepared.words.includes("-h");
  const words = wordsToParse(prepared, help);
  let chosen: Parsed | undefined;
  let text = "";
  let problem: Error | undefined;
  // yargs prints the completion script, and then finds its name to be no command of which it knows a handler.
  const strict = prepared.command !== completionCommand;
  const parser = commandParser(
    loaded,
    (entry, command, values) => {
      chosen = {
        kind: "command",
        entry,
        command,
        values: valuesOf(command, values),
        globals: globalsOf(values),
      };
    },
    strict,
  );
  await parser.parseAsync([...words], {}, (error, _, output) => {
    problem = error ?? undefined;
    text = output;
  });
  if (problem !== undefined) throw usage(explain(unmarkText(problem.message), prepared.command));
  if (chosen !== undefined) return chosen;
  return { kind: "text", text };
}

function wordsToParse({ words, command }: PreparedWords, help: boolean): readonly string[] {
  // yargs prints the completion script even when it is asked for help about it.
  if (help) return command === completionCommand ? ["--help"] : words;
  const version = words.includes("--version");
  if (command === undefined) return [version ? versionCommand : defaultCommand, ...words];
  if (version) throw usage("--version comes without a command");
  return words;
}

/** Loads the commands that these words name. */
export async function load(words: readonly string[]): Promise<Loaded> {
  const named = commands.filter(({ name }) => words.includes(name));
  const loaded = await Promise.all(
    named.map(async (entry) => (entry.load === undefined ? [] : [[entry.name, await entry.load()] as const])),
  );
  return new Map(loaded.flat());
}

/** The yargs parser; `choose` is told the command. Commands that are not loaded are known by name only. */
export function commandParser(
  loaded: Loaded,
  choose: (entry: CommandEntry, command: Command, values: Readonly<Record<string, unknown>>) => void,
  strict = true,
): Argv {
  let parser = yargs()
    .scriptName("kluactl")
    .usage("Usage: $0 [COMMAND] [OPTIONS]\n\nNamed Lua states inside the Linux kernel.")
    .parserConfiguration({
      "boolean-negation": false,
      "camel-case-expansion": false,
      "dot-notation": false,
      "parse-numbers": false,
      "parse-positional-numbers": false,
    })
    .detectLocale(false)
    .exitProcess(false)
    .showHelpOnFail(false)
    .version(false)
    .help("help", "show help")
    .alias("help", "h")
    .strict(strict)
    .wrap(WIDTH)
    .epilogue(epilogue());
  for (const [name, option] of Object.entries(globalOptions)) parser = parser.option(name, optionOf(option));
  for (const entry of commands) {
    const command = loaded.get(entry.name);
    if (entry.load === undefined) {
      parser = parser.completion(entry.name, entry.description);
      continue;
    }
    parser = parser.command(
      `${entry.name} ${entry.usage}`.trim(),
      entry.description,
      (subparser) => (command === undefined ? subparser : withCommand(subparser, entry, command)),
      (values) => {
        if (command !== undefined) choose(entry, command, values);
      },
    );
  }
  return parser;
}

function withCommand(
  parser: Argv,
  { name, usage: words, description }: CommandEntry,
  command: Command,
): Argv {
  let built = parser
    .usage(`Usage: $0 ${`${name} ${words}`.trim()} [OPTIONS]\n\n${sentence(description)}`)
    .epilogue(
      [
        ...(command.details === undefined ? [] : [command.details]),
        "Global options come with every command; kluactl --help lists the exit codes.",
      ].join("\n\n"),
    );
  for (const [key, { describe, array }] of Object.entries(command.positionals)) {
    built = built.positional(key, { describe, type: "string", ...(array === true ? { array } : {}) });
  }
  for (const [key, option] of Object.entries(command.options)) built = built.option(key, optionOf(option));
  for (const [line, what] of command.examples ?? []) built = built.example(`$0 ${line}`, what);
  return built;
}

function optionOf({ describe, type, alias, value, choices }: Option): {
  readonly describe: string;
  readonly type: "string" | "boolean";
  readonly requiresArg?: true;
  readonly alias?: string;
  readonly choices?: readonly string[];
} {
  return {
    describe: value === undefined || choices !== undefined ? describe : `${value}: ${describe}`,
    type,
    ...(type === "string" ? { requiresArg: true } : {}),
    ...(alias === undefined ? {} : { alias }),
    ...(choices === undefined ? {} : { choices }),
  };
}

/** Options with a value, short and long, with their long names. */
export function valuedOptions(loaded: Loaded): ReadonlyMap<string, string> {
  const valued = new Map<string, string>();
  const tables = [globalOptions, ...[...loaded.values()].map(({ options }) => options)];
  for (const [name, { type, alias }] of tables.flatMap((table) => Object.entries<Option>(table))) {
    if (type !== "string") continue;
    valued.set(name, name);
    if (alias !== undefined) valued.set(alias, name);
  }
  return valued;
}

/** The values that a command declares. An option that was given twice has its last value. */
function valuesOf(
  command: Command,
  parsed: Readonly<Record<string, unknown>>,
): Readonly<Record<string, Value>> {
  const values: Record<string, Value> = {};
  for (const [key, { array }] of Object.entries(command.positionals)) {
    const words = wordsOf(parsed[key]).map(unmark);
    values[key] = array === true ? words : words[0];
  }
  for (const key of Object.keys(command.options)) values[key] = optionValue(parsed[key]);
  return values;
}

function globalsOf(parsed: Readonly<Record<string, unknown>>): GlobalValues {
  const values = Object.keys(globalOptions).map((key) => [key, optionValue(parsed[key])] as const);
  // Each has the type that its option declares.
  return Object.fromEntries(values.filter(([, value]) => value !== undefined)) as GlobalValues;
}

function wordsOf(value: unknown): readonly string[] {
  return (Array.isArray(value) ? value : [value]).filter((word) => typeof word === "string");
}

function optionValue(value: unknown): string | boolean | undefined {
  const last: unknown = Array.isArray(value) ? value.at(-1) : value;
  return typeof last === "string" || typeof last === "boolean" ? last : undefined;
}

/** yargs' message, or a plainer one. */
function explain(message: string, name: string | undefined): string {
  const entry = commands.find((candidate) => candidate.name === name);
  if (entry === undefined) {
    const known = commands.map((candidate) => candidate.name).join(", ");
    return message.startsWith("Unknown argument") && name !== undefined
      ? `there is no command ${JSON.stringify(name)}; there are ${known}`
      : message;
  }
  if (message.startsWith("Not enough non-option arguments")) {
    return `${entry.name}: an argument is missing: kluactl ${entry.name} ${entry.usage}`;
  }
  return `${entry.name}: ${message}`;
}

function sentence(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}.`;
}

function epilogue(): string {
  const lines = exitCodes.map(
    ({ exit, code, meaning }) => `  ${String(exit).padStart(3)}  ${code.padEnd(20)}${meaning}`,
  );
  return [
    "Without a command, kluactl lists the states. Environment: LUNATIK_BACKEND stands for --backend, " +
      "LUNATIK_VIA for --via, LUNATIK_EMBEDDED_SOCKET for the socket's path.",
    `Exit codes:\n    0  success\n${lines.join("\n")}`,
  ].join("\n\n");
}
