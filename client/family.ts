// SPDX-License-Identifier: MIT

import { putBytes, sizeOf } from "./attributes.ts";
import type { Connection } from "./connection.ts";
import { LunatikError } from "./error.ts";
import { attributes, HEADROOM, textValue } from "./message.ts";

/*
 * Generic netlink's own family, nlctrl, tells the number that a family got when it registered (linux/genetlink.h). Asking
 * for a family by name also makes the kernel load its module.
 */

const GENL_ID_CTRL = 16;
const CTRL_CMD_GETFAMILY = 3;
const CTRL_VERSION = 2;

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
