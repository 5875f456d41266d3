// SPDX-License-Identifier: MIT

import { LuarpcError } from "../../luarpc/error.ts";
import { DaemonError } from "../daemon_error.ts";
import { errnoName, LunatikError } from "../error.ts";
import { errors as moduleErrors } from "../protocol_gen.ts";
import type { GlobalOptions } from "./command.ts";
import { exitCode, type FailureCode } from "./exit_codes.ts";
import { ToolError } from "./failure.ts";
import type { Json } from "./json.ts";
import { outputJson, runJson } from "./report.ts";
import { type Terminal, visible, visibleLines } from "./terminal.ts";

/* One failure for three readers: a person (stderr), a program (JSON), and the shell (exit code). */

/** The code of whatever was thrown. */
export function failureCode(error: unknown): FailureCode {
  const known =
    error instanceof LunatikError ||
    error instanceof ToolError ||
    error instanceof DaemonError ||
    error instanceof LuarpcError;
  return known ? error.code : "ERR_INTERNAL";
}

/** The number to exit with after whatever was thrown. */
export function failureExit(error: unknown): number {
  return exitCode(failureCode(error));
}

/** `error` of the JSON output. */
export function failureJson(error: unknown): { readonly [key: string]: Json | undefined } {
  const code = failureCode(error);
  const base = { code, exit_code: exitCode(code), message: messageOf(error) };
  if (!(error instanceof LunatikError)) return base;
  const errno =
    error.errno ?? (code in moduleErrors ? moduleErrors[code as keyof typeof moduleErrors].errno : undefined);
  return {
    ...base,
    errno,
    errno_name: errno === undefined ? undefined : errnoName(errno),
    operation: error.operation,
    attribute: error.attribute,
    ...placeOf(error),
    traceback: error.traceback,
  };
}

/** The whole JSON output of a command that failed: the run's report too, if there was a run. */
export function failureDocument(error: unknown): { readonly [key: string]: Json | undefined } {
  const run = error instanceof LunatikError ? error.run : undefined;
  return {
    ok: false,
    error: failureJson(error),
    ...(run === undefined ? {} : { ...outputJson(run), run: runJson(run) }),
  };
}

/**
 * Tells a person on stderr: message, traceback as Lua's own interpreter shows it, and what to do. `state` is the name of the
 * state that it was about, if it was about one.
 */
export function reportFailure(
  terminal: Terminal,
  error: unknown,
  options: Pick<GlobalOptions, "backend">,
  state?: string,
): void {
  const code = failureCode(error);
  const text = visibleLines(textOf(error));
  terminal.complain(state !== undefined && stateCodes.has(code) ? `${visible(state)}: ${text}` : text);
  if (error instanceof LunatikError && error.traceback !== undefined && error.traceback !== "") {
    const traceback = visibleLines(error.traceback);
    terminal.complainMore(
      traceback.startsWith("stack traceback:") ? traceback : `stack traceback:\n${traceback}`,
    );
  }
  if (code === "ERR_INTERNAL" && error instanceof Error && error.stack !== undefined)
    terminal.complainMore(error.stack);
  // A remote call shares codes with the states, but no remedies.
  const remedy = error instanceof LuarpcError ? undefined : advice(code, options);
  if (remedy !== undefined) terminal.talk(remedy);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The message, with the refused attribute where the text does not name it. */
function textOf(error: unknown): string {
  const message = messageOf(error);
  if (!(error instanceof LunatikError) || error.attribute === undefined || message.includes(error.attribute))
    return message;
  return `${message} (${error.attribute})`;
}

/** Codes of failures that happen at a place in a chunk. */
const placedCodes: ReadonlySet<FailureCode> = new Set([
  "ERR_SYNTAX",
  "ERR_RUNTIME",
  "ERR_MEMORY",
  "ERR_STEPS",
  "ERR_TIME",
  "ERR_CANCELLED",
]);

/** Codes whose text is about a state that it does not name. */
const stateCodes: ReadonlySet<FailureCode> = new Set([
  "ERR_NO_STATE",
  "ERR_EXISTS",
  "ERR_BUSY",
  "ERR_STALE",
  "ERR_QUEUE_FULL",
]);

/** Chunk and line out of "chunk:12: message", which is how Lua starts a message. */
function placeOf(error: LunatikError): { readonly chunk?: string; readonly line?: number } {
  if (!placedCodes.has(error.code)) return {};
  const [, chunk, line] = /^([^\n]*?):(\d+): /.exec(error.message) ?? [];
  return chunk === undefined ? {} : { chunk, line: Number(line) };
}

/** What to do about a failure, for those that have a usual remedy. */
export function advice(code: FailureCode, { backend }: Pick<GlobalOptions, "backend">): string | undefined {
  switch (code) {
    case "ERR_NO_MODULE":
      return (
        "Load the module:  sudo modprobe lunatik  (when it is installed), or  sudo insmod lunatik.ko  (from the\n" +
        "build folder). `kluactl doctor` tells what is missing. Without a kernel module:  --backend embedded"
      );
    case "ERR_PERMISSION":
      return backend === "embedded"
        ? "The embedded server's socket belongs to another user; run kluactl as that user, or give --socket PATH."
        : "Every operation needs the capability CAP_NET_ADMIN: run  sudo kluactl …  (a container's root does not have it),\n" +
            "or give the capability to a copy of node:  sudo setcap cap_net_admin+ep COPY_OF_NODE\n" +
            "Where kluad runs, a member of its control socket's group needs nothing else (kluactl doctor names the socket).";
    case "ERR_CONNECT":
      return backend === "embedded"
        ? "Start the embedded server:  build/embedded/lunatik-embedded  (--socket PATH on both sides for another socket)."
        : "`kluactl doctor` checks what a connection to the kernel needs.";
    case "ERR_PROTOCOL":
      return "Build the module and the client from the same sources:  make && npm ci && npm run build";
    case "ERR_BUSY":
      return "A state does one run at a time. --wait MS waits for it; `kluactl cancel STATE` ends the run.";
    case "ERR_NO_DAEMON":
      return "Start the daemon:  sudo kluad  (kluad --backend embedded without the module; --control PATH on both sides for another socket).";
    case "ERR_USAGE":
      return "`kluactl --help` and `kluactl COMMAND --help` tell more.";
    default:
      return undefined;
  }
}
