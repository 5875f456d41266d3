// SPDX-License-Identifier: MIT

import { fstatSync } from "node:fs";
import { type Level, type Logger, pino } from "pino";
import { LogWriter } from "./log_writer.ts";

/*
 * The log: pino's JSON lines on standard error; in the journal, which knows time, process and host itself, a text behind
 * the syslog priority in angle brackets, as sd-daemon(3) has it.
 */

export type LogFormat = "auto" | "json" | "journal";

export interface DaemonLog {
  readonly log: Logger;
  /** Lines that could not be written so far. */
  readonly lost: () => number;
}

const STDERR = 2;

/** Opens the log on standard error. */
export function openLog(
  { level, format }: { readonly level: Level; readonly format: LogFormat },
  environment: NodeJS.ProcessEnv = process.env,
): DaemonLog {
  const isJournal = format === "journal" || (format === "auto" && isJournalStream(STDERR, environment));
  const writer = new LogWriter(STDERR, (lost) => {
    log.warn({ lost }, "log lines were lost");
  });
  const log = pino(
    { name: "kluad", level, timestamp: pino.stdTimeFunctions.isoTime },
    {
      write: (line: string) => {
        writer.write(isJournal ? journalLine(line) : line);
      },
    },
  );
  return { log, lost: () => writer.lost };
}

/** Whether a descriptor is the connection to the journal that JOURNAL_STREAM names, as systemd.exec(5) has it. */
export function isJournalStream(descriptor: number, environment: NodeJS.ProcessEnv): boolean {
  const stream = environment["JOURNAL_STREAM"];
  if (stream === undefined || stream === "") return false;
  try {
    const { dev, ino } = fstatSync(descriptor, { bigint: true });
    return stream === `${dev}:${ino}`;
  } catch {
    return false; // It is closed.
  }
}

/** Syslog's priorities, by pino's levels. */
const priorities: ReadonlyMap<number, number> = new Map([
  [10, 7],
  [20, 7],
  [30, 6],
  [40, 4],
  [50, 3],
  [60, 2],
]);
const INFO = 6;

/** What the journal has of its own. */
const known: ReadonlySet<string> = new Set(["level", "time", "pid", "hostname", "name", "msg"]);

/** A line of pino for the journal: `<4>message key=value key="two words"`. */
export function journalLine(line: string): string {
  const fields = JSON.parse(line) as Readonly<Record<string, unknown>>;
  const { level, msg } = fields;
  const words = Object.entries(fields)
    .filter(([key]) => !known.has(key))
    .map(([key, value]) => `${key}=${word(value)}`);
  const text = typeof msg === "string" ? oneLine(msg) : "";
  const priority = priorities.get(Number(level)) ?? INFO;
  return `<${priority}>${[...(text === "" ? [] : [text]), ...words].join(" ")}\n`;
}

/** A value without blanks as it is, others as JSON, which has no newline. */
function word(value: unknown): string {
  return typeof value === "string" && /^[\w./:@%+[\],-]+$/.test(value)
    ? value
    : oneLine(JSON.stringify(value));
}

/** A message stays one entry of the journal, and cannot pass for another. */
function oneLine(text: string): string {
  return text.replaceAll(
    /\p{Cc}/gu,
    (character) => `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`,
  );
}
