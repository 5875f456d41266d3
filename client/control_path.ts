// SPDX-License-Identifier: MIT

import { readFile, stat } from "node:fs/promises";
import { createConnection, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { DaemonError } from "./daemon_error.ts";
import { LunatikError } from "./error.ts";

/* Where kluad's control socket is, and who could put another one there. */

/** The one of a daemon that root runs, for all who may use it. */
const SYSTEM = "/run/lunatik/kluad.sock";

/** Where it is when nobody says otherwise: a folder of its own, below one that belongs to the user. */
export function builtInControlSocket(environment: NodeJS.ProcessEnv = process.env): string {
  const user = process.getuid?.() ?? 0;
  if (user === 0) return SYSTEM;
  const runtime = environment["XDG_RUNTIME_DIR"];
  if (runtime !== undefined && runtime !== "") return join(runtime, "lunatik", "kluad.sock");
  return join(tmpdir(), `kluad-${user}`, "kluad.sock");
}

/** The path of the control socket: LUNATIK_CONTROL_SOCKET, or the built-in one. */
export function defaultControlSocket(environment: NodeJS.ProcessEnv = process.env): string {
  return givenControlSocket(environment) ?? builtInControlSocket(environment);
}

function givenControlSocket(environment: NodeJS.ProcessEnv): string | undefined {
  const given = environment["LUNATIK_CONTROL_SOCKET"];
  return given === "" ? undefined : given;
}

/** Where a client looks for a daemon, in order: at LUNATIK_CONTROL_SOCKET only, or for the user's own and then for root's. */
export function controlSockets(environment: NodeJS.ProcessEnv = process.env): readonly string[] {
  const given = givenControlSocket(environment);
  return given === undefined ? [...new Set([builtInControlSocket(environment), SYSTEM])] : [given];
}

/**
 * Rejects with ERR_UNSAFE unless a folder belongs to this user or root, and nobody else may write to it: another user
 * could pass for the daemon. Rejects with node's error when there is no such folder.
 */
export async function checkFolder(folder: string): Promise<void> {
  const { uid, mode } = await stat(folder);
  if (uid !== 0 && uid !== process.getuid?.())
    throw new DaemonError("ERR_UNSAFE", `${folder} belongs to another user (uid ${uid})`);
  if ((mode & 0o022) !== 0)
    throw new DaemonError(
      "ERR_UNSAFE",
      `${folder} can be written by others: a control socket needs a folder that only its owner may write to`,
    );
}

/**
 * Connects to a control socket. Rejects with ERR_NO_DAEMON when nobody listens, ERR_PERMISSION when this user may not
 * connect, and ERR_UNSAFE.
 */
export async function connectControl(path: string): Promise<Socket> {
  try {
    // A path that was given is the giver's own business; a group may share a daemon that way.
    if (path === builtInControlSocket() || path === SYSTEM) await checkFolder(dirname(path));
    return await new Promise((resolve, reject) => {
      const socket = createConnection({ path });
      socket.once("error", reject);
      socket.once("connect", () => {
        socket.off("error", reject);
        resolve(socket);
      });
    });
  } catch (cause) {
    if (cause instanceof DaemonError) throw cause;
    if ((cause as NodeJS.ErrnoException).code === "EACCES")
      throw new LunatikError("ERR_PERMISSION", await forbidden(path), { operation: "connect", cause });
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new DaemonError("ERR_NO_DAEMON", `no daemon answers at ${path} (${reason})`, cause);
  }
}

/** Says which group may use a control socket that this user may not use. */
async function forbidden(path: string): Promise<string> {
  const gid = await stat(path).then(
    (file) => file.gid,
    () => undefined,
  );
  return gid === undefined
    ? `the control socket ${path} may not be used`
    : `the control socket ${path} is for the group ${await groupName(gid)}`;
}

/** A group's name in /etc/group, or its number when it has none there. */
export async function groupName(gid: number): Promise<string> {
  const groups = await readFile("/etc/group", "utf8").catch(() => "");
  const line = groups.split("\n").find((entry) => entry.split(":")[2] === String(gid));
  return line?.split(":")[0] ?? String(gid);
}
