// SPDX-License-Identifier: MIT

import { networkList } from "../luarpc/networks.ts";
import { profileNames } from "../luarpc/profile.ts";
import {
  float,
  INTEGER_MAX,
  INTEGER_MIN,
  integer,
  type LuaValue,
  table as luaTable,
  string,
} from "./lua_value.ts";
import { DESCRIPTION_MAX, NAME_MAX } from "./protocol_gen.ts";
import { count, type QuantityKind, readQuantity, size, time } from "./quantity.ts";
import { type Fields, isTable, list, named, optional, required, scalar, table, tableOr } from "./schema.ts";
import { libraryNames } from "./state.ts";

/*
 * The keys of a manifest. docs/manifest.md has the same tables for readers; a test compares them.
 */

const PORT_MAX = 65_535;
/** setTimeout() takes no more, in milliseconds. */
const WAIT_MAX = 2n ** 31n - 1n;
/** As many as the daemon accepts. */
const CONNECTIONS_MAX = 1_000_000n;
/** What a request to the daemon can say: JSON's numbers are doubles. */
const EXACT_MAX = BigInt(Number.MAX_SAFE_INTEGER);

const OBJECT = /^[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*$/;
const ADDRESS = /^(?:(?:\[([^\]]+)\]|([^:\s]+)):)?(\d{1,5})$/;

function quantity(kind: QuantityKind, most = 2n ** 64n - 1n, least = 0n) {
  return scalar(kind.shape, (value) => {
    if (typeof value !== "string" && typeof value !== "bigint" && typeof value !== "number") return undefined;
    const known = readQuantity(String(value), kind);
    return typeof known === "bigint" && known >= least && known <= most ? known : undefined;
  });
}

const text = scalar("a text", (value) => (typeof value === "string" ? value : undefined));
const flag = scalar("true or false", (value) => (typeof value === "boolean" ? value : undefined));
const file = scalar("a file's name", (value) =>
  typeof value === "string" && value !== "" && !value.includes("\0") ? value : undefined,
);

const network = scalar("an address or network such as 10.0.0.0/8", (value) => {
  if (typeof value !== "string") return undefined;
  try {
    networkList([value]);
    return value;
  } catch {
    return undefined;
  }
});

function oneOf<T extends string>(names: readonly T[]) {
  return scalar(`one of ${names.join(", ")}`, (value) => names.find((name) => name === value));
}

const argument = scalar("a text, a number, true, false, an array or a table", luaValue);

/** TOML's integers are bigints here, and its floats numbers. Its dates have no counterpart in Lua. */
function luaValue(value: unknown): LuaValue | undefined {
  switch (typeof value) {
    case "boolean":
      return { kind: "boolean", value };
    case "bigint":
      return value >= INTEGER_MIN && value <= INTEGER_MAX ? integer(value) : undefined;
    case "number":
      return float(value);
    case "string":
      return string(value);
    default: {
      const pairs = Array.isArray(value)
        ? value.map((item: unknown, index) => [integer(index + 1), luaValue(item)] as const)
        : isTable(value)
          ? Object.entries(value).map(([name, item]) => [string(name), luaValue(item)] as const)
          : undefined;
      const entries = pairs?.filter((pair): pair is readonly [LuaValue, LuaValue] => pair[1] !== undefined);
      return entries === undefined || entries.length !== pairs?.length ? undefined : luaTable(entries);
    }
  }
}

export const scriptKeys = {
  file: optional(file, "a file with the chunk"),
  code: optional(text, "the chunk itself, instead of a file"),
  arguments: optional(list(argument, "an array of arguments"), "what the chunk gets as its ..."),
};

const script = tableOr(table(scriptKeys, "a script"), file, "a file's name, or a table with file or code");

const scripts = list(script, "an array of files' names, or of tables with file or code");

export const stateKeys = {
  description: optional(
    scalar(`a text of at most ${DESCRIPTION_MAX} bytes`, (value) =>
      typeof value === "string" && Buffer.byteLength(value) <= DESCRIPTION_MAX ? value : undefined,
    ),
    "what the state is for",
  ),
  memory: optional(quantity(size), "limit on its memory"),
  steps: optional(quantity(count), "limit on the steps of one run"),
  time: optional(quantity(time), "limit on the time of one run"),
  libraries: optional(
    list(oneOf(libraryNames), `an array of ${libraryNames.join(", ")}`),
    "libraries besides base; all unless given",
  ),
  script: optional(scripts, "what is executed in it, in this order, when it has been created"),
};

export const interfaceKeys = {
  name: required(file, "its name in messages"),
  text: required(text, "the interface file's text"),
};

/** Where a servant listens. */
export interface Listening {
  readonly host: string;
  readonly port: number;
}

const listening = scalar(
  "an address and port such as 127.0.0.1:9001, or a port",
  (value): Listening | undefined => {
    if (typeof value !== "string" && typeof value !== "bigint") return undefined;
    const [whole, six, host, digits] = ADDRESS.exec(String(value)) ?? [];
    const port = Number(digits);
    return whole === undefined || port < 1 || port > PORT_MAX
      ? undefined
      : { host: six ?? host ?? "127.0.0.1", port };
  },
);

export const servantKeys = {
  state: required(text, "the state, which the manifest declares"),
  interface: required(
    tableOr(table(interfaceKeys, "an interface"), file, "a file's name, or a table with name and text"),
    "the interface file, which declares the methods",
  ),
  object: optional(
    scalar("a Lua name such as app.myobj1", (value) =>
      typeof value === "string" && OBJECT.test(value) ? value : undefined,
    ),
    "the table with the functions; global functions unless given",
  ),
  listen: required(listening, "where it listens"),
  profile: optional(oneOf([...profileNames, "auto"]), "the dialect; plain unless given"),
  time: optional(quantity(time, EXACT_MAX), "limit on the time of each call"),
  steps: optional(quantity(count, EXACT_MAX), "limit on the steps of each call"),
  wait: optional(
    quantity(time, WAIT_MAX * 1_000_000n),
    "how long a call waits for a busy state; 30s unless given",
  ),
  "tls-cert": optional(file, "encrypts with TLS: the servant's certificate (PEM)"),
  "tls-key": optional(file, "its key"),
  "tls-client-ca": optional(
    file,
    "clients must show a certificate that one of the authorities in it has signed",
  ),
  allow: optional(
    list(network, "an array of addresses and networks"),
    "who may connect; everybody unless given",
  ),
  reflection: optional(flag, "clients may ask for the interface and for a sign of life"),
  "max-connections": optional(quantity(count, CONNECTIONS_MAX, 1n), "the most connections at once"),
  idle: optional(
    quantity(time, WAIT_MAX * 1_000_000n),
    "a connection without a request for so long is closed; never unless given",
  ),
};

export const manifestKeys = {
  state: optional(
    named(table(stateKeys, "a table"), "tables [state.NAME]", stateNameProblem),
    "the states, by their names",
  ),
  servant: optional(list(table(servantKeys, "a table"), "tables [[servant]]"), "the servants"),
};

export const manifestKind = table(manifestKeys, "a manifest");

export type ManifestFields = Fields<typeof manifestKeys>;
export type StateFields = Fields<typeof stateKeys>;
export type ServantFields = Fields<typeof servantKeys>;
export type ScriptFields = NonNullable<StateFields["script"]>[number];

function stateNameProblem(name: string): string | undefined {
  const length = Buffer.byteLength(name);
  const isPlain = Array.from(name).every((character) => character >= " " && character !== "\x7f");
  return length >= 1 && length <= NAME_MAX && isPlain
    ? undefined
    : `a state's name has 1 to ${NAME_MAX} bytes, and no control characters`;
}
