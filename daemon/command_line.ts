// SPDX-License-Identifier: MIT

import { resolve } from "node:path";
import { parseArgs } from "node:util";
import type { Level } from "pino";
import { defaultControlSocket } from "../client/control_path.ts";
import type { Option } from "../client/kluactl/command.ts";
import { type NetworkAddress, parseAddress } from "../client/kluactl/network_address.ts";
import type { LogFormat } from "./log.ts";
import { isLoopback } from "./loopback.ts";
import { defaultManifest, type ManifestPath } from "./manifest_file.ts";

/* The command line of kluad as a table, of which --help, the manual page and the shell's completion are made. */

const levels: readonly Level[] = ["fatal", "error", "warn", "info", "debug", "trace"];
const formats: readonly LogFormat[] = ["auto", "json", "journal"];

export const daemonOptions = {
  backend: {
    type: "string",
    value: "NAME",
    choices: ["kernel", "embedded"],
    describe: "the module, or the embedded server; kernel, or what LUNATIK_BACKEND says, unless given",
  },
  socket: {
    type: "string",
    value: "PATH",
    describe: "the embedded server's socket; implies --backend embedded",
  },
  control: {
    type: "string",
    value: "PATH",
    describe: "the control socket; so does the environment variable LUNATIK_CONTROL_SOCKET",
  },
  group: {
    type: "string",
    value: "GROUP",
    describe: "the group that may use the control socket besides root and kluad's user, by name or number",
  },
  manifest: {
    type: "string",
    value: "FILE",
    describe:
      "what states and servants there are to be, as TOML; /etc/lunatik/kluad.toml (for a user " +
      "$XDG_CONFIG_HOME/lunatik/kluad.toml), where there is one, unless given",
  },
  "log-level": {
    type: "string",
    value: "LEVEL",
    choices: levels,
    describe: "what is logged: info and above unless given; debug has every call that failed",
  },
  "log-format": {
    type: "string",
    value: "FORMAT",
    choices: formats,
    describe:
      "JSON objects (json), texts behind their syslog priorities (journal), or what suits standard error, which may be the " +
      "journal (auto, the default)",
  },
  metrics: {
    type: "string",
    value: "[ADDR:]PORT",
    describe: "tell Prometheus, at http://ADDR:PORT/metrics; 127.0.0.1 unless given, 0 takes any free port",
  },
  "metrics-anywhere": { type: "boolean", describe: "let the metrics' address be other than a loopback one" },
  help: { type: "boolean", alias: "h", describe: "show help" },
  version: { type: "boolean", describe: "print the version" },
} as const satisfies Readonly<Record<string, Option>>;

/** What kluad ends with. */
export const daemonExitCodes: readonly { readonly exit: number; readonly meaning: string }[] = [
  { exit: 0, meaning: "it was stopped, and every call that had come was answered" },
  { exit: 1, meaning: "it could not start; its log says why" },
  { exit: 2, meaning: "the command line is wrong" },
  { exit: 130, meaning: "it was stopped by a second signal, at once" },
];

export interface CommandLine {
  readonly backend: "kernel" | "embedded";
  readonly embeddedSocket: string | undefined;
  readonly control: string;
  readonly group: string | undefined;
  readonly manifest: ManifestPath;
  readonly level: Level;
  readonly format: LogFormat;
  /** Where metrics are told. */
  readonly metrics: NetworkAddress | undefined;
}

export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** The options of a command line, or what it asks to be shown instead of a daemon. Throws UsageError. */
export function parseCommandLine(
  argv: readonly string[],
  environment: NodeJS.ProcessEnv = process.env,
): CommandLine | "help" | "version" {
  const values = valuesOf(argv);
  if (values.help === true) return "help";
  if (values.version === true) return "version";
  const fallback = environment["LUNATIK_BACKEND"];
  const backend =
    values.backend ??
    (values.socket !== undefined ? "embedded" : fallback === "" ? undefined : fallback) ??
    "kernel";
  if (backend !== "kernel" && backend !== "embedded")
    throw new UsageError(`LUNATIK_BACKEND: '${backend}' is neither kernel nor embedded`);
  if (backend === "kernel" && values.socket !== undefined)
    throw new UsageError("--socket is for --backend embedded");
  return {
    backend,
    embeddedSocket: values.socket,
    control: values.control ?? defaultControlSocket(environment),
    group: values.group,
    manifest:
      values.manifest === undefined
        ? defaultManifest(environment)
        : { path: resolve(values.manifest), isRequired: true },
    level: levels.find((name) => name === values["log-level"]) ?? "info",
    format: formats.find((name) => name === values["log-format"]) ?? "auto",
    metrics: metricsAddress(values.metrics, values["metrics-anywhere"]),
  };
}

function metricsAddress(word: string | undefined, anywhere = false): NetworkAddress | undefined {
  if (word === undefined) return undefined;
  let address: NetworkAddress;
  try {
    address = parseAddress(word, "--metrics");
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
  if (!anywhere && address.host !== undefined && !isLoopback(address.host))
    throw new UsageError(
      `--metrics: ${address.host} is no loopback address, and others could read them; --metrics-anywhere allows it`,
    );
  return address;
}

type Values = {
  readonly [K in keyof typeof daemonOptions]:
    | ((typeof daemonOptions)[K]["type"] extends "boolean" ? boolean : string)
    | undefined;
};

function valuesOf(argv: readonly string[]): Values {
  const table = Object.entries<Option>(daemonOptions);
  const options = Object.fromEntries(
    table.map(([name, { type, alias }]) => [
      name,
      { type, ...(alias === undefined ? {} : { short: alias }) },
    ]),
  );
  let values: ReturnType<typeof parseArgs>["values"];
  try {
    ({ values } = parseArgs({ args: [...argv], options }));
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
  for (const [name, { choices }] of table) {
    const value = values[name];
    if (choices !== undefined && typeof value === "string" && !choices.includes(value))
      throw new UsageError(`--${name}: '${value}' is none of ${choices.join(", ")}`);
  }
  // parseArgs() gives each option the type that the table declares.
  return values as Values;
}

const WIDTH = 100;
const INDENT = 30;

/** What --help prints. */
export function helpText(): string {
  const lines = Object.entries<Option>(daemonOptions).flatMap(([name, option]) => {
    const names = [...(option.alias === undefined ? [] : [`-${option.alias}`]), `--${name}`].join(", ");
    const argument = option.choices?.join("|") ?? option.value;
    const tag = `  ${names}${argument === undefined ? "" : ` ${argument}`}`;
    const [first = "", ...rest] = wrapped(option.describe, WIDTH - INDENT);
    const head = tag.length < INDENT - 1 ? [tag.padEnd(INDENT) + first] : [tag, " ".repeat(INDENT) + first];
    return [...head, ...rest.map((line) => " ".repeat(INDENT) + line)];
  });
  const exits = daemonExitCodes.map(({ exit, meaning }) => `  ${String(exit).padStart(3)}  ${meaning}`);
  return [
    "Usage: kluad [OPTIONS]",
    "",
    "Puts functions of Lunatik's states on the network, as kluactl serve asks it to, and lets members of a group use the",
    "states through kluactl without rights of their own.",
    "",
    ...lines,
    "",
    "SIGHUP makes it read its manifest anew, and do what has changed.",
    "SIGTERM and SIGINT stop it once every call that has come is answered; a second one stops it at once.",
    "Exit codes:",
    ...exits,
    "",
  ].join("\n");
}

function wrapped(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
