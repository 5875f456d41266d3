// SPDX-License-Identifier: MIT

import { loadInterface } from "../../luarpc/interface_parser.ts";
import { formatDouble } from "../../luarpc/number.ts";
import { type ProfileName, profileNames } from "../../luarpc/profile.ts";
import { callMethod, closeProxy, openProxy } from "../../luarpc/proxy.ts";
import type { Value } from "../../luarpc/value.ts";
import { float, string } from "../lua_value.ts";
import { encodeText } from "../text.ts";
import { defineCommand } from "./command.ts";
import { ToolError, usage } from "./failure.ts";
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
  },
  details:
    "Calls any luarpc servant; neither the daemon nor the module is needed. The result, unless it is void, and the out and " +
    "inout values are printed on one line, apart by tabs. Ctrl-C gives the call up.",
  examples: [["rpc 127.0.0.1:9001 minhaInt.lua foo 3 5", "prints 8 and alo alo"]],
  async run(
    { terminal, options, world },
    { address = "", interface: file = "", method = "", arguments: words, profile },
  ) {
    const { host, port } = parseAddress(address, "address");
    if (port === 0) throw usage("address: 0 is no port");
    const declared = await loadInterface(file).catch((error: unknown) => {
      throw unreadable(error);
    });
    const proxy = openProxy(host ?? "127.0.0.1", port, declared, {
      // One of the choices.
      profile: profile as ProfileName | undefined,
      timeout: options.timeout,
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

function valueText(value: Value): string {
  return typeof value === "number" ? formatDouble(value) : value;
}

function valueJson(value: Value): ReturnType<typeof luaToJson> {
  return luaToJson(typeof value === "number" ? float(value) : string(value));
}

/** Node's error of a file that cannot be read as ERR_FILE; others as they are. */
function unreadable(error: unknown): unknown {
  return error instanceof Error && "syscall" in error
    ? new ToolError("ERR_FILE", error.message, error)
    : error;
}
