// SPDX-License-Identifier: MIT

import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { profileNames } from "../../luarpc/profile.ts";
import { defineCommand } from "./command.ts";
import { ToolError, usage } from "./failure.ts";
import { parseAddress } from "./network_address.ts";
import { parseCount, parseTime } from "./quantity.ts";
import { exactNumber, servantJson, servantPlace, servedObject } from "./servant_report.ts";

export const serve = defineCommand({
  positionals: {
    state: { describe: "name of the state" },
    interface: { describe: "the interface file, which declares the methods" },
  },
  options: {
    object: {
      type: "string",
      value: "NAME",
      describe: "the table with the functions, dotted when it lies in tables; global functions unless given",
    },
    listen: {
      type: "string",
      value: "ADDR:PORT",
      describe: "where to listen: any free port of 127.0.0.1 unless given",
    },
    profile: {
      type: "string",
      value: "NAME",
      choices: [...profileNames, "auto"],
      describe: "the dialect, plain unless given; auto takes it from each client's first request",
    },
    time: { type: "string", value: "MS", describe: "limit on the time of each call, in milliseconds" },
    steps: { type: "string", value: "N", describe: "limit on the steps of each call" },
    wait: {
      type: "string",
      value: "MS",
      describe: "how long a call waits for a busy state: 30000 unless given",
    },
  },
  details:
    "The daemon kluad, which must be running, puts functions of the state on the network: each method of the interface is a " +
    "call of the Lua function of that name, with nil for out parameters, which returns the result and then the out and inout " +
    "values. Any luarpc client may call it; whoever reaches the port may, so listen on other addresses than the loopback " +
    "one only where that is meant. An error is answered as ___ERRORPC: CODE: text. It prints the address and port.",
  examples: [
    [
      "serve p1 minhaInt.lua --object myobj1 --listen 127.0.0.1:9001",
      "foo of the interface becomes myobj1.foo of the state p1",
    ],
  ],
  async run(context, { state = "", interface: file = "", object, listen, profile, time, steps, wait }) {
    const address = parseAddress(listen ?? "127.0.0.1:0", "--listen");
    const waitMs =
      wait === undefined ? DEFAULT_WAIT : exactNumber(parseTime(wait, "wait") / 1_000_000n, "wait");
    if (waitMs > WAIT_MAX) throw usage(`--wait: ${wait ?? ""} is more than 24 days`);
    const request = {
      state,
      interface: { file: basename(file), text: await text(file) },
      object,
      host: address.host ?? "127.0.0.1",
      port: address.port,
      profile: profile ?? "plain",
      time: time === undefined ? undefined : exactNumber(parseTime(time, "time"), "time"),
      steps: steps === undefined ? undefined : exactNumber(parseCount(steps, "steps"), "steps"),
      wait: waitMs,
    };
    const servant = await (await context.daemon()).serve(request);
    if (context.options.json) context.terminal.json({ ok: true, servant: servantJson(servant) });
    else {
      context.terminal.line(servantPlace(servant));
      context.terminal.talk(`${servedObject(servant)} is served; kluactl unserve ${servant.port} ends it`);
    }
    return undefined;
  },
});

/** Milliseconds. */
const DEFAULT_WAIT = 30_000;
/** A timer takes no more. */
const WAIT_MAX = 2 ** 31 - 1;

async function text(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    throw new ToolError("ERR_FILE", error instanceof Error ? error.message : String(error), error);
  }
}
