// SPDX-License-Identifier: MIT

import process from "node:process";
import { parseArgs } from "node:util";
import { type Level, pino } from "pino";
import { defaultControlSocket } from "../client/control_path.ts";
import { DaemonError } from "../client/daemon_error.ts";
import { LunatikError } from "../client/error.ts";
import { startDaemon } from "./daemon.ts";

/* The program kluad: its command line, its log, its signals. */

const HELP = `Usage: kluad [OPTIONS]

Puts functions of Lunatik's states on the network, as kluactl serve asks it to.

  --backend kernel|embedded   the module, or the embedded server (or LUNATIK_BACKEND; kernel unless given)
  --socket PATH               the embedded server's socket; implies --backend embedded
  --control PATH              the control socket (or LUNATIK_CONTROL_SOCKET)
  --group GROUP               the group that may use the control socket, by name or number
  --log-level LEVEL           fatal, error, warn, info, debug or trace: info unless given
  -h, --help                  show help

SIGTERM and SIGINT stop it once every call that has come is answered; a second one stops it at once.
Exit codes: 0 stopped, 1 it could not start, 2 the command line is wrong, 130 stopped by a second signal.
`;

const levels: readonly Level[] = ["fatal", "error", "warn", "info", "debug", "trace"];

class UsageError extends Error {
  override readonly name = "UsageError";
}

interface Options {
  readonly backend: "kernel" | "embedded";
  readonly embeddedSocket: string | undefined;
  readonly control: string;
  readonly group: string | undefined;
  readonly level: Level;
}

/** The options of a command line, or undefined when it asks for help. Throws UsageError. */
function optionsOf(argv: readonly string[]): Options | undefined {
  const { values } = parsed(argv);
  if (values.help === true) return undefined;
  const fallback = process.env["LUNATIK_BACKEND"];
  const backend =
    values.backend ??
    (values.socket !== undefined ? "embedded" : fallback === "" ? undefined : fallback) ??
    "kernel";
  if (backend !== "kernel" && backend !== "embedded")
    throw new UsageError(`--backend: '${backend}' is neither kernel nor embedded`);
  if (backend === "kernel" && values.socket !== undefined)
    throw new UsageError("--socket is for --backend embedded");
  const level = levels.find((name) => name === (values["log-level"] ?? "info"));
  if (level === undefined) throw new UsageError(`--log-level: one of ${levels.join(", ")}`);
  return {
    backend,
    embeddedSocket: values.socket,
    control: values.control ?? defaultControlSocket(),
    group: values.group,
    level,
  };
}

function parsed(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      options: {
        backend: { type: "string" },
        socket: { type: "string" },
        control: { type: "string" },
        group: { type: "string" },
        "log-level": { type: "string" },
        help: { type: "boolean", short: "h" },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

async function run(options: Options): Promise<void> {
  const log = pino(
    { name: "kluad", level: options.level, timestamp: pino.stdTimeFunctions.isoTime },
    pino.destination({ fd: 2, sync: true }),
  );
  try {
    const daemon = await startDaemon({ ...options, log });
    let isStopping = false;
    const stop = (signal: NodeJS.Signals): void => {
      if (isStopping) {
        log.warn({ signal }, "stopped at once");
        process.exit(130);
      }
      isStopping = true;
      log.info({ signal }, "stopping");
      void daemon.drain().then(() => log.info("stopped"));
    };
    process.on("SIGTERM", stop).on("SIGINT", stop);
  } catch (error) {
    const code = error instanceof LunatikError || error instanceof DaemonError ? error.code : undefined;
    log.fatal(
      code === undefined ? { err: error } : { code },
      error instanceof Error ? error.message : "failed",
    );
    process.exitCode = 1;
  }
}

process.title = "kluad";
try {
  const options = optionsOf(process.argv.slice(2));
  if (options === undefined) process.stdout.write(HELP);
  else await run(options);
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  process.stderr.write(`kluad: ${error.message}\n`);
  process.exitCode = 2;
}
