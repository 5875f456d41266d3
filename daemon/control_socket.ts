// SPDX-License-Identifier: MIT

import { chmod, chown, link, lstat, mkdir, readFile, rename, unlink } from "node:fs/promises";
import { createConnection, type Server } from "node:net";
import { dirname } from "node:path";
import { checkFolder } from "../client/control_path.ts";
import { DaemonError } from "../client/daemon_error.ts";

/*
 * The control socket as a file: mode 0660, in a folder that only its owner may write to, and one daemon a path.
 *
 *   bound ◀── free ◀── taken ──▶ somebody answers: ERR_DAEMON_RUNNING
 *               ▲                  │
 *               └── moved away ◀───┘ nobody does: a daemon died and left it
 */

/** What the kernel has room for in sockaddr_un, the final NUL excluded. */
const PATH_MAX = 107;
const MODE = 0o660;

/**
 * Makes a server listen there. `group`, a name or a number, may use the socket as its owner may; the owner's group unless
 * given. What is there and is no socket stays. Rejects with ERR_DAEMON_RUNNING, ERR_UNSAFE, and with node's errors.
 */
export async function listenOn(server: Server, path: string, group?: string): Promise<void> {
  const gid = group === undefined ? undefined : await groupId(group);
  if (Buffer.byteLength(path) > PATH_MAX)
    throw new DaemonError("ERR_UNSAFE", `${path} is longer than the ${PATH_MAX} bytes of a socket's path`);
  const folder = dirname(path);
  await mkdir(folder, { recursive: true, mode: 0o755 });
  await checkFolder(folder);
  try {
    await bind(server, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw error;
    await removeStale(path);
    await bind(server, path);
  }
  if (gid !== undefined) await chown(path, process.getuid?.() ?? 0, gid);
  await chmod(path, MODE);
}

/** Makes a server listen on a socket that somebody else has bound, and looks after. Rejects with node's errors. */
export async function listenOnDescriptor(server: Server, fd: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen({ fd }, () => {
      server.off("error", reject);
      resolve();
    });
  });
}

/** The number of a group of /etc/group. Rejects with ERR_UNSAFE when there is none of this name. */
async function groupId(group: string): Promise<number> {
  if (/^\d{1,9}$/.test(group)) return Number(group);
  for (const line of (await readFile("/etc/group", "utf8")).split("\n")) {
    const [name, , id] = line.split(":");
    if (name === group && id !== undefined) return Number(id);
  }
  throw new DaemonError("ERR_UNSAFE", `there is no group ${JSON.stringify(group)}`);
}

function bind(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException): void => {
      reject(error);
    };
    server.once("error", failed);
    // listen() binds before it returns: at no moment may others connect.
    const mask = process.umask(0o777 & ~MODE);
    try {
      server.listen({ path }, () => {
        server.off("error", failed);
        resolve();
      });
    } finally {
      process.umask(mask);
    }
  });
}

/**
 * Removes the socket of a daemon that died. Two that start at once must not remove each other's: it is moved away first,
 * and put back when somebody listens on it after all.
 */
async function removeStale(path: string): Promise<void> {
  const found = await lstat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  // A folder or a file with this name is somebody's, and no daemon left it.
  if (found?.isSocket() === false)
    throw new DaemonError("ERR_UNSAFE", `${path} is there already, and is no socket`);
  if (await answers(path)) throw running(path);
  const aside = `${path}.${process.pid}`;
  try {
    await rename(path, aside);
  } catch (error) {
    // Another daemon was quicker; binding will tell.
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
    throw error;
  }
  const isAlive = await answers(aside);
  if (isAlive) await link(aside, path);
  await unlink(aside);
  if (isAlive) throw running(path);
}

function running(path: string): DaemonError {
  return new DaemonError("ERR_DAEMON_RUNNING", `another daemon is listening on ${path}`);
}

/** Whether somebody listens on a unix socket. */
function answers(path: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const socket = createConnection({ path });
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "ECONNREFUSED" || error.code === "ENOENT") resolve(false);
      // Its queue of connections is full.
      else if (error.code === "EAGAIN") resolve(true);
      else reject(error);
    });
  });
}
