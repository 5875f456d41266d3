// SPDX-License-Identifier: MIT

import process from "node:process";
import { DaemonError } from "../client/daemon_error.ts";
import { LunatikError } from "../client/error.ts";
import { clientVersion } from "../client/kluactl/installation.ts";
import { InheritedSockets } from "./activation.ts";
import { type CommandLine, helpText, parseCommandLine, UsageError } from "./command_line.ts";
import { startDaemon } from "./daemon.ts";
import { openLog } from "./log.ts";
import { ServiceManager } from "./service_manager.ts";

/* The program kluad: this process as the daemon's, its log and its signals. */

async function run(options: CommandLine): Promise<void> {
  const { log, lost } = openLog(options);
  try {
    const manager = await ServiceManager.find(log);
    const inherited = await InheritedSockets.find(log);
    const daemon = await startDaemon({ ...options, log, logLinesLost: lost, inherited });
    const ready = (): void => manager?.ready(() => daemon.status);
    let isStopping = false;
    const stop = (signal: NodeJS.Signals): void => {
      if (isStopping) {
        log.warn({ signal }, "stopped at once");
        process.exit(130);
      }
      isStopping = true;
      log.info({ signal }, "stopping");
      manager?.stopping();
      void daemon.drain().then(() => log.info("stopped"));
    };
    process.on("SIGTERM", stop).on("SIGINT", stop);
    process.on("SIGHUP", () => {
      manager?.reloading();
      log.info("there is no configuration to read again");
      ready();
    });
    ready();
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
  const options = parseCommandLine(process.argv.slice(2));
  if (options === "help") process.stdout.write(helpText());
  else if (options === "version") process.stdout.write(`kluad ${clientVersion()}\n`);
  else await run(options);
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  process.stderr.write(`kluad: ${error.message}\n`);
  process.exitCode = 2;
}
