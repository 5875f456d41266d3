// SPDX-License-Identifier: MIT

import process from "node:process";
import { DaemonError } from "../client/daemon_error.ts";
import { LunatikError } from "../client/error.ts";
import { clientVersion } from "../client/kluactl/installation.ts";
import { InheritedSockets } from "./activation.ts";
import { type CommandLine, helpText, parseCommandLine, UsageError } from "./command_line.ts";
import { type Daemon, startDaemon } from "./daemon.ts";
import { openLog } from "./log.ts";
import { ServiceManager } from "./service_manager.ts";

/* The program kluad: this process as the daemon's, its log and its signals. */

async function run(options: CommandLine): Promise<void> {
  const { log, lost } = openLog(options);
  try {
    // A signal to reload that comes before there is a daemon must not end the process.
    let daemon: Daemon | undefined;
    let isStopping = false;
    process.on("SIGHUP", () => {
      if (daemon !== undefined && !isStopping) void reload(daemon);
    });
    const manager = await ServiceManager.find(log);
    const inherited = await InheritedSockets.find(log);
    const starting = startDaemon({ ...options, log, logLinesLost: lost, inherited });
    const stop = (signal: NodeJS.Signals): void => {
      if (isStopping) {
        log.warn({ signal }, "stopped at once");
        process.exit(130);
      }
      isStopping = true;
      log.info({ signal }, "stopping");
      manager?.stopping();
      // One that could not be started is told below.
      void starting.then(
        async (started) => {
          await started.drain();
          log.info("stopped");
        },
        () => undefined,
      );
    };
    // Before it has started: its control socket answers before that.
    process.on("SIGTERM", stop).on("SIGINT", stop);
    const started = await starting;
    daemon = started;
    const ready = (): void => manager?.ready(() => started.status);
    const reload = async (what: Daemon): Promise<void> => {
      manager?.reloading();
      log.info("reloading");
      await what.reload();
      if (!isStopping) ready();
    };
    if (!isStopping) ready();
  } catch (error) {
    const code = error instanceof LunatikError || error instanceof DaemonError ? error.code : undefined;
    log.fatal(
      code === undefined ? { err: error } : { code },
      error instanceof Error ? error.message : "failed",
    );
    process.exitCode = 1;
  }
}

/** Writes help or the version; nothing else of the daemon's goes to stdout. */
function print(text: string): void {
  process.stdout.on("error", ({ code, message }: NodeJS.ErrnoException) => {
    if (code !== "EPIPE") process.stderr.write(`kluad: cannot write the output: ${message}\n`);
    process.exitCode = 1;
  });
  process.stdout.write(text);
}

process.title = "kluad";
try {
  const options = parseCommandLine(process.argv.slice(2));
  if (options === "help") print(helpText());
  else if (options === "version") print(`kluad ${clientVersion()}\n`);
  else await run(options);
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  process.stderr.write(`kluad: ${error.message}\n`);
  process.exitCode = 2;
}
