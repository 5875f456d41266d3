// SPDX-License-Identifier: MIT

import { readBounded, TEXT_FILE_MAX } from "../../client/bounded_file.ts";
import { loadInterface } from "../interface_parser.ts";
import { formatDouble } from "../number.ts";
import { callMethod, closeProxy, openProxy } from "../proxy.ts";
import {
  address,
  type Command,
  count,
  profileChoice,
  profileOption,
  required,
  type Values,
} from "./command.ts";

export const call: Command = {
  usage: "call HOST:PORT INTERFACE METHOD [ARGUMENT …]",
  about:
    "Calls a method and prints its results, one a line. Arguments are converted to their declared types.",
  options: {
    profile: profileChoice,
    timeout: {
      type: "string",
      value: "MS",
      about: "how long to wait for the reply: 30000 unless given, 0 for ever",
    },
    json: { type: "boolean", about: "the results as a JSON array; an error as an object" },
    ca: { type: "string", value: "FILE", about: "TLS: who signs the servant's certificate" },
    cert: { type: "string", value: "FILE", about: "TLS: this client's certificate" },
    key: { type: "string", value: "FILE", about: "TLS: its key" },
  },
  async run(words, values, world) {
    const [where, file, method, ...rest] = words;
    const { host, port } = address(where);
    const declared = await loadInterface(required(file, "INTERFACE"));
    const name = required(method, "METHOD");
    const proxy = openProxy(host, port, declared, {
      profile: profileOption(values["profile"]),
      timeout: count(values["timeout"], 30_000, "timeout", 0),
      signal: world.signal,
      tls: await tlsOf(values),
    });
    try {
      const results = await callMethod(proxy, name, rest);
      if (values["json"] === true)
        world.out(
          `${JSON.stringify(results.map((value) => (typeof value === "number" && !Number.isFinite(value) ? formatDouble(value) : value)))}\n`,
        );
      else
        for (const value of results)
          world.out(`${typeof value === "number" ? formatDouble(value) : value}\n`);
      return 0;
    } finally {
      closeProxy(proxy);
    }
  },
};

async function tlsOf(values: Values): Promise<{ ca?: Buffer; cert?: Buffer; key?: Buffer } | undefined> {
  const files: Record<string, Buffer> = {};
  for (const name of ["ca", "cert", "key"]) {
    const file = values[name];
    if (typeof file === "string") files[name] = await readBounded(file, TEXT_FILE_MAX);
  }
  return Object.keys(files).length === 0 ? undefined : files;
}
