// SPDX-License-Identifier: MIT

import { profileNames } from "../../luarpc/profile.ts";
import type { ServeRequest } from "../control_protocol.ts";
import { defineCommand } from "./command.ts";
import { usage } from "./failure.ts";
import { readText } from "./file_text.ts";
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
    allow: {
      type: "string",
      value: "LIST",
      describe:
        "addresses and networks that may connect, apart by commas, as 10.0.0.0/8,::1; all unless given",
    },
    "tls-cert": {
      type: "string",
      value: "FILE",
      describe: "encrypt with TLS: the servant's certificate (PEM)",
    },
    "tls-key": { type: "string", value: "FILE", describe: "its key" },
    "tls-client-ca": {
      type: "string",
      value: "FILE",
      describe: "clients must show a certificate that one of the authorities in this file has signed",
    },
    reflection: {
      type: "boolean",
      describe: "let clients ask for the interface (__interface) and for a sign of life (__health)",
    },
    "max-connections": {
      type: "string",
      value: "N",
      describe:
        "the most connections at once: 1024 unless given; for one more the longest idle one is closed",
    },
    idle: {
      type: "string",
      value: "MS",
      describe: "close a connection without a request for so long; never unless given",
    },
  },
  details:
    "The daemon kluad, which must be running, puts functions of the state on the network: each method of the interface is a " +
    "call of the Lua function of that name, with nil for out parameters, which returns the result and then the out and inout " +
    "values. Any luarpc client may call it; whoever reaches the port may, unless --allow or --tls-client-ca says who. An error is answered as ___ERRORPC: CODE: text. It prints the address and port.",
  examples: [
    [
      "serve p1 minhaInt.lua --object myobj1 --listen 127.0.0.1:9001",
      "foo of the interface becomes myobj1.foo of the state p1",
    ],
  ],
  async run(
    context,
    { state = "", interface: file = "", object, listen, profile, time, steps, wait, ...access },
  ) {
    const address = parseAddress(listen ?? "127.0.0.1:0", "--listen");
    const waitMs =
      wait === undefined ? DEFAULT_WAIT : exactNumber(parseTime(wait, "wait") / 1_000_000n, "wait");
    if (waitMs > WAIT_MAX) throw usage(`--wait: ${wait ?? ""} is more than 24 days`);
    const request = {
      state,
      interface: { file, text: await readText(file) },
      object,
      host: address.host ?? "127.0.0.1",
      port: address.port,
      profile: profile ?? "plain",
      time: time === undefined ? undefined : exactNumber(parseTime(time, "time"), "time"),
      steps: steps === undefined ? undefined : exactNumber(parseCount(steps, "steps"), "steps"),
      wait: waitMs,
      ...(await accessOf(access)),
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

interface AccessValues {
  readonly allow: string | undefined;
  readonly "tls-cert": string | undefined;
  readonly "tls-key": string | undefined;
  readonly "tls-client-ca": string | undefined;
  readonly reflection: boolean | undefined;
  readonly "max-connections": string | undefined;
  readonly idle: string | undefined;
}

/** Who may connect, and how. The files are read here, with the rights of who asks for it. */
async function accessOf(
  values: AccessValues,
): Promise<Pick<ServeRequest, "tls" | "allow" | "reflection" | "maxConnections" | "idle">> {
  const { allow, reflection, "max-connections": most, idle } = values;
  return {
    tls: await tlsOf(values["tls-cert"], values["tls-key"], values["tls-client-ca"]),
    allow: allow?.split(",").map((network) => network.trim()),
    reflection,
    maxConnections:
      most === undefined ? undefined : exactNumber(parseCount(most, "max-connections"), "max-connections"),
    // Up: less than a millisecond is not never.
    idle:
      idle === undefined ? undefined : exactNumber((parseTime(idle, "idle") + 999_999n) / 1_000_000n, "idle"),
  };
}

async function tlsOf(
  cert: string | undefined,
  key: string | undefined,
  clientCa: string | undefined,
): Promise<ServeRequest["tls"]> {
  if (cert !== undefined && key !== undefined)
    return {
      cert: await readText(cert),
      key: await readText(key),
      clientCa: clientCa === undefined ? undefined : await readText(clientCa),
    };
  if (cert !== undefined) throw usage("--tls-cert needs --tls-key");
  if (key !== undefined) throw usage("--tls-key needs --tls-cert");
  // Asked for certificates without TLS, a servant would ask for none.
  if (clientCa !== undefined) throw usage("--tls-client-ca needs --tls-cert and --tls-key");
  return undefined;
}

/** Milliseconds. */
const DEFAULT_WAIT = 30_000;
/** A timer takes no more. */
const WAIT_MAX = 2 ** 31 - 1;
