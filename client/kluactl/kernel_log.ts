// SPDX-License-Identifier: MIT

import { closeSync, constants, openSync, readSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { LunatikError } from "../error.ts";
import { ToolError } from "./failure.ts";

/*
 * The kernel log, a record at a time, out of /dev/kmsg (Documentation/ABI/testing/dev-kmsg): one read() gives one record,
 *
 *   6,1234,5678901,-;text with \x0a for bytes that do not print
 *    KEY=value
 *
 * priority, sequence number, microseconds since boot, flags; EAGAIN at the end; EPIPE where records were overwritten before
 * they were read. A file with lines of text, such as the embedded server's log, is read the same way.
 */

export interface LogRecord {
  readonly text: string;
  /** Microseconds since boot; absent in a file of plain lines. */
  readonly time?: bigint;
  /** Facility * 8 + level; level 3 is an error, 6 information. */
  readonly priority?: number;
  readonly sequence?: bigint;
}

/** Between two looks for more, in milliseconds. */
const POLL_INTERVAL = 100;

/** Longest record of /dev/kmsg, with room to spare. */
const RECORD_MAX = 16 * 1024;

const RECORD = /^(\d+),(\d+),(\d+),[^;]*;(.*)/;

/** One line of /dev/kmsg, or of a file of plain lines. Undefined for a record's KEY=value lines. */
export function parseRecord(line: string): LogRecord | undefined {
  const [, priority, sequence, time, text] = RECORD.exec(line) ?? [];
  if (priority === undefined || sequence === undefined || time === undefined || text === undefined) {
    return line === "" || line.startsWith(" ") ? undefined : { text: line };
  }
  const unescaped = text.replace(/\\x([0-9a-f]{2})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  );
  return { text: unescaped, time: BigInt(time), priority: Number(priority), sequence: BigInt(sequence) };
}

/** Whether a record is the module's. */
export function isLunatik(record: LogRecord): boolean {
  return /^(?:\[[ \d.]+\] )?lunatik: /.test(record.text);
}

/**
 * The records of the log at `path`, and with `follow` those to come until `signal` is raised. `lost` is called where records were
 * overwritten unread. Throws ERR_PERMISSION or ERR_FILE when it cannot be read.
 */
export async function* readLog(
  path: string,
  follow: boolean,
  signal: AbortSignal,
  lost: () => void,
): AsyncGenerator<LogRecord, undefined> {
  const file = openLog(path);
  try {
    const chunk = Buffer.alloc(RECORD_MAX);
    let rest = "";
    while (!signal.aborted) {
      const length = readSome(file, chunk, lost);
      if (length === undefined) continue;
      if (length === 0) {
        if (!follow) break;
        await sleep(POLL_INTERVAL, undefined, { signal }).catch(() => undefined);
        continue;
      }
      const lines = (rest + chunk.toString("latin1", 0, length)).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        const record = parseRecord(Buffer.from(line, "latin1").toString("utf8"));
        if (record !== undefined) yield record;
      }
    }
    const last = parseRecord(rest);
    if (last !== undefined) yield last;
  } finally {
    closeSync(file);
  }
}

function openLog(path: string): number {
  try {
    return openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "EPERM" || code === "EACCES") {
      throw new LunatikError("ERR_PERMISSION", `the log cannot be read (${message})`, {
        operation: "dmesg",
        cause: error,
      });
    }
    throw new ToolError("ERR_FILE", `the log cannot be read (${message})`, error);
  }
}

/** Reads some bytes: 0 at the end, undefined where records were lost. */
function readSome(file: number, chunk: Buffer, lost: () => void): number | undefined {
  try {
    return readSync(file, chunk);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "EAGAIN") return 0;
    if (code === "EPIPE") {
      lost();
      return undefined;
    }
    throw new ToolError("ERR_FILE", `the log cannot be read (${message})`, error);
  }
}
