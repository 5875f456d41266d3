// SPDX-License-Identifier: MIT

import { createRequire } from "node:module";
import { endianness } from "node:os";
import type FfiModule from "ffi-napi";
import { errnoName } from "../client/error.ts";

/*
 * What node does not do with sockets, done through ffi-napi, cold and on the main thread only: a datagram to a unix socket,
 * where a socket that was inherited is bound, a second descriptor of it, who is at the other end; and a lock for whoever
 * binds one. Linux' numbers.
 */

const AF_UNIX = 1;
const AF_INET = 2;
const AF_INET6 = 10;
const SOCK_DGRAM = 2;
const SOCK_CLOEXEC = 0o2000000;
const MSG_DONTWAIT = 0x40;
const MSG_NOSIGNAL = 0x4000;
/** asm-generic/socket.h. */
const SOL_SOCKET = 1;
const SO_PEERCRED = 17;
const SO_PEERGROUPS = 59;
/** A process is in no more groups (linux/limits.h). */
const NGROUPS_MAX = 65_536;

/** asm-generic/fcntl.h. */
const LOCK_EX = 2;
const LOCK_NB = 4;
const EWOULDBLOCK = 11;

/** sizeof(struct sockaddr_storage). */
const ADDRESS_MAX = 128;
/** sizeof(sun_path). */
const PATH_MAX = 108;

interface Native {
  readonly socket: (domain: number, type: number, protocol: number) => number;
  readonly sendto: (
    descriptor: number,
    bytes: Buffer,
    size: number,
    flags: number,
    address: Buffer,
    addressSize: number,
  ) => number;
  readonly getsockname: (descriptor: number, address: Buffer, size: Buffer) => number;
  readonly getsockopt: (
    descriptor: number,
    level: number,
    option: number,
    value: Buffer,
    size: Buffer,
  ) => number;
  readonly dup: (descriptor: number) => number;
  readonly close: (descriptor: number) => number;
  readonly flock: (descriptor: number, operation: number) => number;
  readonly errno: () => number;
}

let native: Native | undefined;

function load(): Native {
  // CommonJS with native parts; require() loads it only now.
  const ffi = createRequire(import.meta.url)("ffi-napi") as typeof FfiModule;
  const { socket, sendto, getsockname, getsockopt, dup, close, flock } = ffi.Library(null, {
    socket: ["int", ["int", "int", "int"]],
    sendto: ["int", ["int", "pointer", "size_t", "int", "pointer", "uint"]],
    getsockname: ["int", ["int", "pointer", "pointer"]],
    getsockopt: ["int", ["int", "int", "int", "pointer", "pointer"]],
    dup: ["int", ["int"]],
    close: ["int", ["int"]],
    flock: ["int", ["int", "int"]],
  });
  return { socket, sendto, getsockname, getsockopt, dup, close, flock, errno: () => ffi.errno() };
}

/** Throws an Error with the errno's name unless the result of a call says success. */
function checked(result: number, what: string): number {
  if (result >= 0) return result;
  const errno = native?.errno() ?? 0;
  throw new Error(`${what} failed: ${errnoName(errno) ?? `errno ${errno}`}`);
}

/**
 * Sends a datagram to a unix socket: a path, or "@name" in the abstract namespace. `wait` is whether to wait when the
 * receiver's queue is full. Throws an Error that says what failed.
 */
export function sendDatagram(address: string, text: string, { wait }: { readonly wait: boolean }): void {
  native ??= load();
  const { socket, sendto, close } = native;
  const to = unixAddress(address);
  const bytes = Buffer.from(text);
  const descriptor = checked(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0), "socket");
  try {
    const flags = MSG_NOSIGNAL | (wait ? 0 : MSG_DONTWAIT);
    checked(sendto(descriptor, bytes, bytes.length, flags, to, to.length), "sendto");
  } finally {
    close(descriptor);
  }
}

/** A struct sockaddr_un. */
function unixAddress(address: string): Buffer {
  const isAbstract = address.startsWith("@");
  // A path ends with a NUL; a name in the abstract namespace starts with one, and ends where the address does.
  const path = Buffer.from(isAbstract ? `\0${address.slice(1)}` : `${address}\0`);
  if (path.length > PATH_MAX) throw new Error(`${address} is too long for a unix socket`);
  const family = Buffer.alloc(2);
  if (endianness() === "LE") family.writeUInt16LE(AF_UNIX);
  else family.writeUInt16BE(AF_UNIX);
  return Buffer.concat([family, path]);
}

/**
 * Locks an open file for this process alone, until its descriptor is closed or the process ends. False when another one has
 * locked it. Throws an Error when it cannot be locked.
 */
export function tryLock(descriptor: number): boolean {
  native ??= load();
  const result = native.flock(descriptor, LOCK_EX | LOCK_NB);
  if (result < 0 && native.errno() === EWOULDBLOCK) return false;
  checked(result, "flock");
  return true;
}

/** Where a socket is bound. */
export type BoundAddress =
  | { readonly kind: "ip"; readonly host: string; readonly port: number }
  /** A path, or "@name" in the abstract namespace. */
  | { readonly kind: "unix"; readonly path: string }
  | { readonly kind: "other" };

/** Where a socket is bound. Throws an Error when the descriptor is no socket. */
export function boundAddress(descriptor: number): BoundAddress {
  native ??= load();
  const address = Buffer.alloc(ADDRESS_MAX);
  const size = Buffer.from(Uint32Array.of(ADDRESS_MAX).buffer);
  checked(native.getsockname(descriptor, address, size), `getsockname of descriptor ${descriptor}`);
  const length = endianness() === "LE" ? size.readUInt32LE() : size.readUInt32BE();
  const family = endianness() === "LE" ? address.readUInt16LE() : address.readUInt16BE();
  const port = address.readUInt16BE(2);
  if (family === AF_INET) return { kind: "ip", host: [...address.subarray(4, 8)].join("."), port };
  if (family === AF_UNIX) return { kind: "unix", path: unixPath(address.subarray(2, length)) };
  if (family !== AF_INET6) return { kind: "other" };
  const groups = Array.from({ length: 8 }, (_, index) => address.readUInt16BE(8 + 2 * index).toString(16));
  // The URL parser writes it the shortest way, as everybody does.
  return { kind: "ip", host: new URL(`http://[${groups.join(":")}]`).hostname.slice(1, -1), port };
}

/** sun_path as a text. */
function unixPath(bytes: Buffer): string {
  if (bytes[0] === 0) return `@${bytes.toString("utf8", 1)}`;
  const end = bytes.indexOf(0);
  return bytes.toString("utf8", 0, end < 0 ? bytes.length : end);
}

/** A second descriptor of the same file. Throws an Error when there is none to be had. */
export function duplicate(descriptor: number): number {
  native ??= load();
  return checked(native.dup(descriptor), "dup");
}

/** The process at the other end of a unix socket, as it was when it connected. */
export interface Peer {
  readonly pid: number;
  readonly uid: number;
  /** All its groups, the primary one first. */
  readonly groups: readonly number[];
}

/** Who connected to this end of a unix socket. Throws an Error when the kernel does not tell. */
export function peerOf(descriptor: number): Peer {
  const [pid = 0, uid = 0, gid = 0] = words(descriptor, "SO_PEERCRED", SO_PEERCRED, 3);
  return { pid, uid, groups: [gid, ...words(descriptor, "SO_PEERGROUPS", SO_PEERGROUPS, NGROUPS_MAX)] };
}

/** A socket option that is a list of 32-bit numbers, `most` of them at most. */
function words(descriptor: number, name: string, option: number, most: number): readonly number[] {
  native ??= load();
  const value = new Uint32Array(most);
  const size = Uint32Array.of(value.byteLength);
  const sizeBytes = Buffer.from(size.buffer);
  const got = native.getsockopt(descriptor, SOL_SOCKET, option, Buffer.from(value.buffer), sizeBytes);
  checked(got, `getsockopt ${name}`);
  return [...value.subarray(0, (size[0] ?? 0) / 4)];
}
