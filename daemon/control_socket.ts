// SPDX-License-Identifier: MIT

import { chmod, chown, type FileHandle, lstat, mkdir, open, readFile, rm } from "node:fs/promises";
import { createConnection, type Server } from "node:net";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { checkFolder } from "../client/control_path.ts";
import { DaemonError } from "../client/daemon_error.ts";
import { tryLock } from "./native_socket.ts";

/*
 * The control socket as a file: mode 0660, in a folder that only its owner may write to, and one daemon a path.
 *
 *   bound ◀── free ◀── taken ──▶ somebody answers: ERR_DAEMON_RUNNING
 *               ▲        │
 *               └────────┘ nobody does: a daemon died and left it
 *
 * Between bind() and listen() a socket looks like one whose daemon has died. So whoever goes this way holds a lock, on a file
 * of the socket's name and ".lock", which stays.
 */

/** What the kernel has room for in sockaddr_un, the final NUL excluded. */
const PATH_MAX = 107;
const MODE = 0o660;
/** How long another daemon may take to start, and how often to look: milliseconds. */
const LOCK_PATIENCE = 30_000;
const LOCK_INTERVAL = 10;

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
  // Nothing is left beside what is no daemon's.
  await socketAt(path);
  const held = await lock(path);
  try {
    await removeStale(path);
    await bind(server, path);
    if (gid !== undefined) await chown(path, process.getuid?.() ?? 0, gid);
    await chmod(path, MODE);
  } finally {
    await held.close();
  }
}

/** Waits until no other daemon is about to listen there. Closing what it resolves with lets the next one. */
async function lock(path: string): Promise<FileHandle> {
  const file = await open(`${path}.lock`, "a", 0o600);
  try {
    for (const end = Date.now() + LOCK_PATIENCE; !tryLock(file.fd); ) {
      if (Date.now() > end)
        throw new DaemonError("ERR_DAEMON_RUNNING", `another daemon has been starting on ${path} for long`);
      await sleep(LOCK_INTERVAL);
    }
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
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

/** Whether a socket is there. A folder or a file is somebody's, and no daemon left it: rejects with ERR_UNSAFE. */
async function socketAt(path: string): Promise<boolean> {
  const found = await lstat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  if (found?.isSocket() === false)
    throw new DaemonError("ERR_UNSAFE", `${path} is there already, and is no socket`);
  return found !== undefined;
}

/** Removes the socket of a daemon that died. Rejects with ERR_DAEMON_RUNNING when there is one that lives. */
async function removeStale(path: string): Promise<void> {
  if (!(await socketAt(path))) return;
  if (await answers(path))
    throw new DaemonError("ERR_DAEMON_RUNNING", `another daemon is listening on ${path}`);
  // The daemon may have removed it itself by now.
  await rm(path, { force: true });
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
