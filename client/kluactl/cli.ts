// SPDX-License-Identifier: MIT

import type { DaemonClient } from "../daemon.ts";
import type { ConnectOptions, Lunatik, Way } from "../lunatik.ts";
import type { Context, GlobalOptions, Value, World } from "./command.ts";
import { completionRequest } from "./commands.ts";
import { exitCode } from "./exit_codes.ts";
import { usage } from "./failure.ts";
import { failureDocument, failureExit, reportFailure } from "./failure_report.ts";
import { type GlobalValues, parseCommandLine } from "./parser.ts";
import { parseTime } from "./quantity.ts";
import { type Output, Terminal } from "./terminal.ts";

/* One run of kluactl, without the process around it. */

/** Runs a command line, without the tool's own name, and resolves with the exit code. Does not reject. */
export async function kluactl(
  argv: readonly string[],
  world: World,
  stdout: Output,
  stderr: Output,
): Promise<number> {
  // Errors in the command line must look as it asks, before it is understood.
  const early = argv.slice(0, argv.includes("--") ? argv.indexOf("--") : argv.length);
  const json = early.includes("--json");
  const terminal = new Terminal(stdout, stderr, {
    plain:
      early.includes("--no-color") ||
      (world.environment["NO_COLOR"] ?? "") !== "" ||
      world.environment["TERM"] === "dumb",
    quiet: early.includes("--quiet") || early.includes("-q"),
  });
  let backend: GlobalOptions["backend"] = "kernel";
  let state: string | undefined;
  let exit: number;
  try {
    if (argv[0] === completionRequest) {
      const { complete } = await import("./completion.ts");
      await complete(argv.slice(1), world, terminal);
      return 0;
    }
    const parsed = await parseCommandLine(argv);
    if (parsed.kind === "text") {
      terminal.line(parsed.text);
      exit = 0;
    } else {
      const options = optionsOf(parsed.globals, world);
      ({ backend } = options);
      state = stateOf(parsed.values);
      exit = await runCommand(terminal, world, options, (context) =>
        parsed.command.run(context, parsed.values),
      );
    }
  } catch (error) {
    if (json) terminal.json(failureDocument(error));
    else reportFailure(terminal, error, { backend }, state);
    exit = failureExit(error);
  }
  await terminal.flush();
  if (!terminal.broken.aborted) return exit;
  const { code, message } = terminal.broken.reason as NodeJS.ErrnoException;
  if (code === "EPIPE") return exitCode("ERR_PIPE");
  terminal.complain(`cannot write the output: ${message}`);
  await terminal.flush();
  return exitCode("ERR_FILE");
}

/** The state that a command line is about, when it names one. */
function stateOf({ state, states }: Readonly<Record<string, Value>>): string | undefined {
  const name = Array.isArray(states) && states.length === 1 ? (states as readonly string[])[0] : state;
  return typeof name === "string" ? name : undefined;
}

/** Runs a command with connections that are opened when they are first asked for, and closed at the end. */
async function runCommand(
  terminal: Terminal,
  world: World,
  options: GlobalOptions,
  run: (context: Context) => Promise<number | undefined>,
): Promise<number> {
  let connection: Promise<Lunatik> | undefined;
  const lunatik = (): Promise<Lunatik> => {
    connection ??= world.connect(connectOptions(options, terminal));
    return connection;
  };
  let daemonConnection: Promise<DaemonClient> | undefined;
  const daemon = (): Promise<DaemonClient> => {
    daemonConnection ??= world.connectDaemon({ path: options.control, timeout: options.timeout });
    return daemonConnection;
  };
  try {
    return (await run({ world, terminal, options, lunatik, daemon })) ?? 0;
  } finally {
    // One that could not be opened has been reported by the command that asked for it.
    (await connection?.catch(() => undefined))?.close();
    (await daemonConnection?.catch(() => undefined))?.close();
  }
}

/** What connect() of the library is given. */
export function connectOptions(
  { backend, socket, via, control, timeout }: GlobalOptions,
  terminal: Terminal,
): ConnectOptions {
  return {
    backend,
    socket,
    via,
    control,
    timeout,
    onWarning: (text) => {
      terminal.talk(`kluactl: ${text}`);
    },
  };
}

/** The global options of a command line and the environment. Throws ERR_USAGE. */
export function optionsOf(values: GlobalValues, world: World): GlobalOptions {
  const { json = false, socket, timeout } = values;
  const fallback = world.environment["LUNATIK_BACKEND"];
  const backend =
    values.backend ??
    (socket !== undefined ? "embedded" : fallback === "" ? undefined : fallback) ??
    "kernel";
  if (backend !== "kernel" && backend !== "embedded") {
    throw usage(`LUNATIK_BACKEND: ${JSON.stringify(backend)} is neither kernel nor embedded`);
  }
  if (socket !== undefined && backend === "kernel") throw usage("--socket is for --backend embedded");
  const via = wayOf(values.via ?? world.environment["LUNATIK_VIA"]);
  const control = values.control ?? world.environment["LUNATIK_CONTROL_SOCKET"];
  return {
    json,
    backend,
    socket,
    via,
    control: control === "" ? undefined : control,
    timeout: timeout === undefined ? undefined : milliseconds(timeout),
  };
}

function wayOf(text: string | undefined): Way {
  switch (text) {
    case undefined:
    case "":
    case "auto":
      return "auto";
    case "daemon":
    case "direct":
      return text;
    default:
      throw usage(`LUNATIK_VIA: ${JSON.stringify(text)} is none of auto, daemon and direct`);
  }
}

function milliseconds(text: string): number {
  const nanoseconds = parseTime(text, "timeout");
  if (nanoseconds === 0n) throw usage("--timeout: 0 leaves no time to answer");
  return Number(nanoseconds) / 1e6;
}
