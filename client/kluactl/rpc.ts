// SPDX-License-Identifier: MIT

import { parseInterface } from "../../luarpc/interface_parser.ts";
import { formatDouble } from "../../luarpc/number.ts";
import { type ProfileName, profileNames } from "../../luarpc/profile.ts";
import { callMethod, closeProxy, openProxy } from "../../luarpc/proxy.ts";
import type { TlsOptions } from "../../luarpc/tcp.ts";
import type { Value } from "../../luarpc/value.ts";
import { float, string } from "../lua_value.ts";
import { encodeText } from "../text.ts";
import { defineCommand } from "./command.ts";
import { usage } from "./failure.ts";
import { readText } from "./file_text.ts";
import { luaToJson } from "./json.ts";
import { parseAddress } from "./network_address.ts";

export const rpc = defineCommand({
  positionals: {
    address: { describe: "where the servant listens: HOST:PORT, or a port of 127.0.0.1" },
    interface: { describe: "the interface file" },
    method: { describe: "name of the method" },
    arguments: { array: true, describe: "its in and inout arguments, converted to their declared types" },
  },
  options: {
    profile: {
      type: "string",
      value: "NAME",
      choices: profileNames,
      describe: "the dialect of the servant: plain unless given",
    },
    tls: {
      type: "boolean",
      describe: "speak TLS; the system's authorities must have signed the servant's certificate",
    },
    "tls-ca": { type: "string", value: "FILE", describe: "speak TLS: the authorities that must have (PEM)" },
    "tls-cert": { type: "string", value: "FILE", describe: "speak TLS: the certificate to show" },
    "tls-key": { type: "string", value: "FILE", describe: "its key" },
  },
  details:
    "Calls any luarpc servant; neither the daemon nor the module is needed. The result, unless it is void, and the out and " +
    "inout values are printed on one line, apart by tabs. Ctrl-C gives the call up.",
  examples: [["rpc 127.0.0.1:9001 minhaInt.lua foo 3 5", "prints 8 and alo alo"]],
  async run(
    { terminal, options, world },
    { address = "", interface: file = "", method = "", arguments: words, profile, ...tls },
  ) {
    const { host, port } = parseAddress(address, "address");
    if (port === 0) throw usage("address: 0 is no port");
    const declared = parseInterface(await readText(file), file);
    const proxy = openProxy(host ?? "127.0.0.1", port, declared, {
      // One of the choices.
      profile: profile as ProfileName | undefined,
      timeout: options.timeout,
      tls: await tlsOf(tls),
    });
    const interrupt = new AbortController();
    const stop = world.onInterrupt(() => {
      interrupt.abort();
    });
    let values: readonly Value[];
    try {
      values = await callMethod(proxy, method, words, { signal: interrupt.signal });
    } finally {
      stop();
      closeProxy(proxy);
    }
    if (options.json) terminal.json({ ok: true, results: values.map(valueJson) });
    else if (values.length > 0) terminal.data(encodeText(`${values.map(valueText).join("\t")}\n`));
    return undefined;
  },
});

async function tlsOf(values: {
  readonly tls: boolean | undefined;
  readonly "tls-ca": string | undefined;
  readonly "tls-cert": string | undefined;
  readonly "tls-key": string | undefined;
}): Promise<TlsOptions | undefined> {
  const { tls, "tls-ca": ca, "tls-cert": cert, "tls-key": key } = values;
  if ((cert === undefined) !== (key === undefined)) throw usage("--tls-cert and --tls-key come together");
  if (tls !== true && ca === undefined && cert === undefined) return undefined;
  const read = (path: string | undefined): Promise<string> | undefined =>
    path === undefined ? undefined : readText(path);
  return { ca: await read(ca), cert: await read(cert), key: await read(key) };
}

function valueText(value: Value): string {
  return typeof value === "number" ? formatDouble(value) : value;
}

function valueJson(value: Value): ReturnType<typeof luaToJson> {
  return luaToJson(typeof value === "number" ? float(value) : string(value));
}
