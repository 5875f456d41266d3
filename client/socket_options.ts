// SPDX-License-Identifier: MIT

import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { createRequire } from "node:module";
import type FfiModule from "ffi-napi";
import type RefModule from "ref-napi";

/*
 * The socket options that the package netlink does not set, set through ffi-napi: a few calls when a socket is opened,
 * none later. The two packages are loaded on first use only, and on the main thread only (a worker thread that calls
 * through ffi-napi crashes).
 */

const SOL_SOCKET = 1;
const SOL_NETLINK = 270;

/** An option as setsockopt() takes it: asm-generic/socket.h, linux/netlink.h. */
export interface SocketOption {
  readonly name: string;
  readonly level: number;
  readonly option: number;
}

export const SO_SNDBUFFORCE: SocketOption = { name: "SO_SNDBUFFORCE", level: SOL_SOCKET, option: 32 };
export const SO_RCVBUFFORCE: SocketOption = { name: "SO_RCVBUFFORCE", level: SOL_SOCKET, option: 33 };
/** No ENOBUFS when the receive buffer overruns. */
export const NETLINK_NO_ENOBUFS: SocketOption = { name: "NETLINK_NO_ENOBUFS", level: SOL_NETLINK, option: 5 };
/** Refusals carry the header of the request only, not all of it. */
export const NETLINK_CAP_ACK: SocketOption = { name: "NETLINK_CAP_ACK", level: SOL_NETLINK, option: 10 };
/** Refusals carry a text and the offending attribute. */
export const NETLINK_EXT_ACK: SocketOption = { name: "NETLINK_EXT_ACK", level: SOL_NETLINK, option: 11 };
/** Requests for a dump are checked strictly. */
export const NETLINK_GET_STRICT_CHK: SocketOption = {
  name: "NETLINK_GET_STRICT_CHK",
  level: SOL_NETLINK,
  option: 12,
};

/** NETLINK_GENERIC, as the column Eth of /proc/self/net/netlink has it. */
const GENERIC = "16";

/**
 * The file descriptor of this process's generic netlink socket with a port. Throws an Error that says what is missing
 * when /proc does not tell.
 */
export function findDescriptor(port: number): number {
  const sockets = readFileSync("/proc/self/net/netlink", "utf8").split("\n");
  // Columns: sk Eth Pid Groups Rmem Wmem Dump Locks Drops Inode.
  const columns = sockets
    .map((line) => line.trim().split(/\s+/))
    .find((line) => line[1] === GENERIC && line[2] === String(port));
  const inode = columns?.[9];
  if (inode === undefined) throw new Error(`/proc/self/net/netlink does not list port ${port}`);
  for (const descriptor of readdirSync("/proc/self/fd")) {
    if (target(descriptor) === `socket:[${inode}]`) return Number(descriptor);
  }
  throw new Error(`/proc/self/fd does not list socket ${inode}`);
}

function target(descriptor: string): string | undefined {
  try {
    return readlinkSync(`/proc/self/fd/${descriptor}`);
  } catch {
    return undefined; // The descriptor that read the folder is closed by now.
  }
}

type SetSockOpt = (descriptor: number, level: number, option: number, value: Buffer, size: number) => number;

interface Native {
  readonly setsockopt: SetSockOpt;
  readonly alloc: (value: number) => Buffer;
  readonly errno: () => number;
}

let native: Native | undefined;

function load(): Native {
  // Both are CommonJS with native parts; require() loads them only now.
  const require = createRequire(import.meta.url);
  const ffi = require("ffi-napi") as typeof FfiModule;
  const ref = require("ref-napi") as typeof RefModule;
  const library = ffi.Library(null, { setsockopt: ["int", ["int", "int", "int", "pointer", "uint"]] });
  const setsockopt: SetSockOpt = library.setsockopt;
  return {
    setsockopt,
    alloc: (value) => ref.alloc("int", value),
    errno: () => ffi.errno(),
  };
}

/** An option that could not be set. */
export interface OptionFailure {
  /** Undefined when none could be set at all. */
  readonly option: SocketOption | undefined;
  /** A positive errno, when setsockopt() gave one. */
  readonly errno: number | undefined;
  /** One sentence without a full stop. */
  readonly text: string;
}

/**
 * Sets options that take an int, in order. Returns those that could not be set; an empty list when all were. Never throws:
 * a socket without them still works, only worse.
 */
export function setOptions(
  port: number,
  options: readonly (readonly [SocketOption, number])[],
): readonly OptionFailure[] {
  try {
    native ??= load();
    const { setsockopt, alloc, errno } = native;
    const descriptor = findDescriptor(port);
    const failures: OptionFailure[] = [];
    for (const [option, value] of options) {
      if (setsockopt(descriptor, option.level, option.option, alloc(value), 4) !== 0) {
        const number = errno();
        failures.push({
          option,
          errno: number,
          text: `setsockopt ${option.name} failed with errno ${number}`,
        });
      }
    }
    return failures;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return [{ option: undefined, errno: undefined, text: `socket options cannot be set: ${reason}` }];
  }
}
