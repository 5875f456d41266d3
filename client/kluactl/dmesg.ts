// SPDX-License-Identifier: MIT

import { defineCommand } from "./command.ts";
import { usage } from "./failure.ts";
import { isLunatik, type LogRecord, readLog } from "./kernel_log.ts";
import { visible } from "./terminal.ts";

const KERNEL_LOG = "/dev/kmsg";

export const dmesg = defineCommand({
  positionals: {},
  options: {
    follow: { type: "boolean", alias: "f", describe: "go on with the lines to come, until Ctrl-C" },
    file: {
      type: "string",
      value: "PATH",
      describe: "read this file instead, such as the embedded server's --log",
    },
  },
  details:
    "Prints what the module and print() in its states wrote to the kernel log, with the seconds since boot. The kernel may " +
    "reserve its log to root (kernel.dmesg_restrict).",
  async run({ world, terminal, options }, { follow = false, file }) {
    if (file === undefined && options.backend === "embedded") {
      throw usage(
        "dmesg: the embedded server logs to its stderr, or to the file of its --log; read that with --file PATH",
      );
    }
    const end = new AbortController();
    const stop = world.onInterrupt(() => {
      end.abort();
    });
    const signal = AbortSignal.any([end.signal, terminal.broken]);
    const lost = (): void => {
      terminal.talk("records were overwritten before they were read");
    };
    try {
      for await (const record of readLog(file ?? KERNEL_LOG, follow, signal, lost)) {
        if (!isLunatik(record)) continue;
        if (options.json) {
          const { text, time, priority, sequence } = record;
          terminal.json({ text, time_us: time, priority, sequence });
        } else {
          terminal.line(logLine(record));
        }
      }
    } finally {
      stop();
    }
    return undefined;
  },
});

/** A record as dmesg(1) prints it. */
function logLine({ text, time }: LogRecord): string {
  if (time === undefined) return visible(text);
  const seconds = (time / 1_000_000n).toString().padStart(5);
  const fraction = (time % 1_000_000n).toString().padStart(6, "0");
  return `[${seconds}.${fraction}] ${visible(text)}`;
}
