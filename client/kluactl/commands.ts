// SPDX-License-Identifier: MIT

import type { Command } from "./command.ts";

/* The table of subcommands. A command's file is loaded when the command line names it, and not before. */

export interface CommandEntry {
  readonly name: string;
  /** The words behind the name: <one>, [perhaps one], <some..>, [any..]. */
  readonly usage: string;
  readonly description: string;
  /** Absent for the one command that the parser itself carries out. */
  readonly load?: () => Promise<Command>;
}

/** The command that yargs carries out itself. */
export const completionCommand = "completion";

export const commands: readonly CommandEntry[] = [
  {
    name: "create",
    usage: "<state>",
    description: "create a state",
    load: async () => (await import("./create.ts")).create,
  },
  {
    name: "delete",
    usage: "<states..>",
    description: "delete states",
    load: async () => (await import("./delete.ts")).remove,
  },
  {
    name: "list",
    usage: "",
    description: "list all states (what kluactl does without a command)",
    load: async () => (await import("./list.ts")).list,
  },
  {
    name: "show",
    usage: "<state>",
    description: "show all about a state: limits, statistics, last error",
    load: async () => (await import("./show.ts")).show,
  },
  {
    name: "execute",
    usage: "<state> [file] [arguments..]",
    description: "run a Lua chunk in a state: a file, -e CODE, or - for stdin",
    load: async () => (await import("./execute.ts")).execute,
  },
  {
    name: "call",
    usage: "<state> <function> [arguments..]",
    description: "call a function of a state by its name",
    load: async () => (await import("./call.ts")).call,
  },
  {
    name: "cancel",
    usage: "<state>",
    description: "cancel the runs of a state",
    load: async () => (await import("./cancel.ts")).cancel,
  },
  {
    name: "monitor",
    usage: "[state]",
    description: "print events as they happen",
    load: async () => (await import("./monitor.ts")).monitor,
  },
  {
    name: "serve",
    usage: "<state> <interface>",
    description: "put functions of a state on the network, through the daemon kluad",
    load: async () => (await import("./serve.ts")).serve,
  },
  {
    name: "servants",
    usage: "",
    description: "list what the daemon serves",
    load: async () => (await import("./servants.ts")).servants,
  },
  {
    name: "unserve",
    usage: "<address>",
    description: "take a servant off the network",
    load: async () => (await import("./unserve.ts")).unserve,
  },
  {
    name: "apply",
    usage: "[file]",
    description: "make states and servants what a manifest declares",
    load: async () => (await import("./apply.ts")).apply,
  },
  {
    name: "save",
    usage: "[file]",
    description: "write the manifest of the states and servants that there are",
    load: async () => (await import("./save.ts")).save,
  },
  {
    name: "rpc",
    usage: "<address> <interface> <method> [arguments..]",
    description: "call a method of any luarpc servant",
    load: async () => (await import("./rpc.ts")).rpc,
  },
  {
    name: "dmesg",
    usage: "",
    description: "print lunatik's lines of the kernel log",
    load: async () => (await import("./dmesg.ts")).dmesg,
  },
  {
    name: "doctor",
    usage: "",
    description: "check all that is needed, and say what to do about what is missing",
    load: async () => (await import("./doctor.ts")).doctor,
  },
  {
    name: "version",
    usage: "",
    description: "print the versions of the client, the module and Lua",
    load: async () => (await import("./version.ts")).version,
  },
  {
    name: completionCommand,
    usage: "",
    description: "print a completion script for the shell",
  },
];

/** The command that runs when the command line names none. */
export const defaultCommand = "list";

/** The command that --version stands for. */
export const versionCommand = "version";

/** What the shell's completion script puts before the words of an unfinished command line. */
export const completionRequest = "--get-yargs-completions";
