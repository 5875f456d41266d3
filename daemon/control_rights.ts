// SPDX-License-Identifier: MIT

import { stat } from "node:fs/promises";
import type { Socket } from "node:net";
import { groupName } from "../client/control_path.ts";
import { LunatikError } from "../client/error.ts";
import { type Peer, peerOf } from "./native_socket.ts";

/*
 * Who may use the control socket: root, the daemon's own user, and the members of the group that the socket's file belongs
 * to. The file's mode says the same; this holds too when somebody has changed it, or the service manager has made it.
 */

/** Who connected to the control socket at a path. Rejects with ERR_PERMISSION, which says whom it is for, when that one may not. */
export async function checkPeer(socket: Socket, path: string): Promise<Peer> {
  // At once: a client may be gone in a moment.
  const peer = peerOrReason(socket);
  const group = await stat(path).then(
    (file) => file.gid,
    () => undefined,
  );
  if (typeof peer !== "string") {
    const isMember = group !== undefined && peer.groups.includes(group);
    if (peer.uid === 0 || peer.uid === process.getuid?.() || isMember) return peer;
  }
  const members = group === undefined ? "" : ` and for the group ${await groupName(group)}`;
  const who = typeof peer === "string" ? `who you are is not known (${peer})` : `you are user ${peer.uid}`;
  const text = `the control socket is for the daemon's user${members}; ${who}`;
  throw new LunatikError("ERR_PERMISSION", text, { operation: "connect" });
}

function peerOrReason(socket: Socket): Peer | string {
  try {
    return peerOf(descriptorOf(socket));
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Node keeps it where its types do not show it. */
function descriptorOf(socket: Socket): number {
  const handle: unknown = Reflect.get(socket, "_handle");
  const found: unknown =
    typeof handle === "object" && handle !== null ? Reflect.get(handle, "fd") : undefined;
  if (typeof found !== "number" || found < 0) throw new Error("the socket has no descriptor");
  return found;
}
