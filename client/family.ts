// SPDX-License-Identifier: MIT

import { constants } from "node:os";
import { putBytes, sizeOf } from "./attributes.ts";
import { type Connection, openConnection } from "./connection.ts";
import { LunatikError } from "./error.ts";
import { attributes, HEADROOM, textValue } from "./message.ts";
import type { TransportOpener } from "./transport.ts";

/*
 * Generic netlink's own family, nlctrl, tells the number that a family got when it registered (linux/genetlink.h). Asking
 * for a family by name also makes the kernel load its module.
 */

const GENL_ID_CTRL = 16;
const CTRL_CMD_GETFAMILY = 3;
const CTRL_VERSION = 2;
const CTRL_NAME = "nlctrl";
const CTRL_GROUP = "notify";

const CTRL_ATTR_FAMILY_ID = 1;
const CTRL_ATTR_FAMILY_NAME = 2;
const CTRL_ATTR_VERSION = 3;
const CTRL_ATTR_MCAST_GROUPS = 7;

const CTRL_ATTR_MCAST_GRP_NAME = 1;
const CTRL_ATTR_MCAST_GRP_ID = 2;

export interface Family {
  readonly name: string;
  /** nlmsg_type of its messages. */
  readonly id: number;
  readonly version: number;
  /** The numbers of its multicast groups by their names. */
  readonly groups: ReadonlyMap<string, number>;
}

/**
 * Asks for a family by its name; `timeout` in milliseconds. Rejects with ERR_NO_MODULE when there is none, and as
 * Connection.request() does.
 */
export async function resolveFamily(
  connection: Connection,
  name: string,
  timeout: number,
  signal?: AbortSignal,
): Promise<Family> {
  const text = Buffer.from(`${name}\0`);
  const body = Buffer.alloc(HEADROOM + sizeOf(text.length));
  putBytes(body, HEADROOM, CTRL_ATTR_FAMILY_NAME, text);
  const { replies } = await connection.request({
    operation: "connect",
    kind: "reply",
    type: GENL_ID_CTRL,
    command: CTRL_CMD_GETFAMILY,
    version: CTRL_VERSION,
    body,
    timeout,
    signal,
  });
  return parseFamily(name, replies[0] ?? Buffer.alloc(0));
}

/**
 * Finds a family by its name among those that there are, and has no module loaded. Rejects as resolveFamily() does.
 */
export async function findFamily(
  connection: Connection,
  name: string,
  timeout: number,
  signal?: AbortSignal,
): Promise<Family> {
  const { replies } = await connection.request({
    operation: "connect",
    kind: "dump",
    type: GENL_ID_CTRL,
    command: CTRL_CMD_GETFAMILY,
    version: CTRL_VERSION,
    body: Buffer.alloc(HEADROOM),
    timeout,
    signal,
  });
  const reply = replies.find((one) => familyName(one) === name);
  if (reply === undefined) throw absent(name);
  return parseFamily(name, reply);
}

/**
 * Waits until generic netlink has answered what was sent on a connection before: what it refuses itself, for a family that it has
 * not, it refuses in the order in which it came. Rejects as resolveFamily() does.
 */
export async function awaitAnswers(connection: Connection, timeout: number): Promise<void> {
  await resolveFamily(connection, CTRL_NAME, timeout);
}

/** Listens to families that come and go. */
export interface FamilyListener {
  /** A family was registered or unregistered, or its groups were. */
  changed(name: string): void;
  /** Nothing more will be told. */
  closed(reason: LunatikError): void;
}

/** Has a listener told of families. Resolves with how to end that; rejects as Connection.join() does. */
export async function watchFamilies(
  opener: TransportOpener,
  listener: FamilyListener,
  timeout: number,
): Promise<() => void> {
  const connection = await openConnection(opener, 1, {
    event: (type, _command, attributes) => {
      const name = type === GENL_ID_CTRL ? familyName(attributes) : undefined;
      if (name !== undefined) listener.changed(name);
    },
    closed: (reason) => listener.closed(reason),
  });
  try {
    const { groups } = await resolveFamily(connection, CTRL_NAME, timeout);
    const group = groups.get(CTRL_GROUP);
    if (group === undefined)
      throw new LunatikError("ERR_PROTOCOL", `the kernel's family ${CTRL_NAME} has no group ${CTRL_GROUP}`);
    await connection.join(group);
  } catch (error) {
    connection.close();
    throw error;
  }
  return () => connection.close();
}

/** What the kernel itself answers to a name that it does not know. */
function absent(name: string): LunatikError {
  return new LunatikError("ERR_NO_MODULE", `the kernel has no family ${name}: the module is not loaded`, {
    operation: "connect",
    errno: constants.errno.ENOENT,
  });
}

function familyName(reply: Buffer): string | undefined {
  for (const { type, value } of attributes(reply)) {
    if (type === CTRL_ATTR_FAMILY_NAME) return textValue(value);
  }
  return undefined;
}

function parseFamily(name: string, reply: Buffer): Family {
  let id: number | undefined;
  let version: number | undefined;
  const groups = new Map<string, number>();
  for (const { type, value } of attributes(reply)) {
    if (type === CTRL_ATTR_FAMILY_ID && value.length === 2) id = value.readUInt16LE(0);
    else if (type === CTRL_ATTR_VERSION && value.length === 4) version = value.readUInt32LE(0);
    else if (type === CTRL_ATTR_MCAST_GROUPS) {
      for (const group of attributes(value)) addGroup(groups, group.value);
    }
  }
  if (id === undefined || version === undefined) {
    throw new LunatikError("ERR_PROTOCOL", `the kernel tells no number or no version of the family ${name}`, {
      operation: "connect",
    });
  }
  return { name, id, version, groups };
}

function addGroup(groups: Map<string, number>, group: Buffer): void {
  let name: string | undefined;
  let id: number | undefined;
  for (const { type, value } of attributes(group)) {
    if (type === CTRL_ATTR_MCAST_GRP_NAME) name = textValue(value);
    else if (type === CTRL_ATTR_MCAST_GRP_ID && value.length === 4) id = value.readUInt32LE(0);
  }
  if (name !== undefined && id !== undefined) groups.set(name, id);
}
