// SPDX-License-Identifier: MIT

import type { Readable } from "node:stream";
import type { DaemonClient, DaemonOptions } from "../daemon.ts";
import type { ConnectOptions, Lunatik, Way } from "../lunatik.ts";
import type { Machine } from "./machine.ts";
import type { Terminal } from "./terminal.ts";

/*
 * What a subcommand is: its positionals and options as data, of which the parser, --help, completion and the manual page
 * are made, and a function that runs it.
 */

/** A word of the command line by its place. */
export interface Positional {
  readonly describe: string;
  /** Any number of words. */
  readonly array?: true;
}

/** An option by its name. Options with a value take a string; the command reads it. */
export interface Option {
  readonly describe: string;
  readonly type: "string" | "boolean";
  /** A letter for short. */
  readonly alias?: string;
  /** What stands for the value in --help: "MS". Options of type string have one. */
  readonly value?: string;
  readonly choices?: readonly string[];
}

/** What every command is given. */
export interface GlobalOptions {
  readonly json: boolean;
  readonly backend: "kernel" | "embedded";
  /** The path of the embedded server's socket. */
  readonly socket: string | undefined;
  /** How to get to the states: see connect() of the library. */
  readonly via: Way;
  /** The path of the daemon's control socket; undefined when the built-in ones are looked at. */
  readonly control: string | undefined;
  /** Milliseconds to wait for an answer; undefined leaves it to the library. */
  readonly timeout: number | undefined;
}

/** The process around a command: what tests replace. */
export interface World {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly stdin: Readable;
  /** Opens the way to the states. */
  readonly connect: (options: ConnectOptions) => Promise<Lunatik>;
  /** Opens the way to the daemon. */
  readonly connectDaemon: (options: DaemonOptions) => Promise<DaemonClient>;
  /** Calls back on Ctrl-C (and SIGTERM) instead of ending the process. Returns how to stop that. */
  readonly onInterrupt: (handler: () => void) => () => void;
  /** What doctor and dmesg look at. */
  readonly machine: Machine;
  /** Nanoseconds since the epoch. */
  readonly now: () => bigint;
}

/** What a command runs with. */
export interface Context {
  readonly world: World;
  readonly terminal: Terminal;
  readonly options: GlobalOptions;
  /** The connection: opened on first use, closed when the command ends. Rejects as connect() of the library does. */
  readonly lunatik: () => Promise<Lunatik>;
  /** The connection to the daemon; as long-lived as lunatik(). */
  readonly daemon: () => Promise<DaemonClient>;
}

type PositionalValues<P extends Readonly<Record<string, Positional>>> = {
  readonly [K in keyof P]: P[K] extends { readonly array: true } ? readonly string[] : string | undefined;
};

type OptionValues<O extends Readonly<Record<string, Option>>> = {
  readonly [K in keyof O]: (O[K]["type"] extends "boolean" ? boolean : string) | undefined;
};

export interface Definition<
  P extends Readonly<Record<string, Positional>>,
  O extends Readonly<Record<string, Option>>,
> {
  readonly positionals: P;
  readonly options: O;
  /** More than one line about the command, for its --help and the manual page. Paragraphs are apart by an empty line. */
  readonly details?: string;
  /** Command lines without the tool's name, with what they do. */
  readonly examples?: readonly (readonly [command: string, what: string])[];
  /** Runs the command. Returns the exit code; 0 unless it returns one. */
  readonly run: (
    context: Context,
    values: PositionalValues<P> & OptionValues<O>,
  ) => Promise<number | undefined>;
}

/** A command whose values have been forgotten by the types. */
export interface Command {
  readonly positionals: Readonly<Record<string, Positional>>;
  readonly options: Readonly<Record<string, Option>>;
  readonly details?: string | undefined;
  readonly examples?: readonly (readonly [command: string, what: string])[] | undefined;
  readonly run: (context: Context, values: Readonly<Record<string, Value>>) => Promise<number | undefined>;
}

export type Value = string | boolean | readonly string[] | undefined;

/** Defines a command; its run() is given values of the types that the positionals and options declare. */
export function defineCommand<
  const P extends Readonly<Record<string, Positional>>,
  const O extends Readonly<Record<string, Option>>,
>(definition: Definition<P, O>): Command {
  return {
    ...definition,
    // The parser makes each value by the declaration that its type is inferred from.
    run: (context, values) => definition.run(context, values as PositionalValues<P> & OptionValues<O>),
  };
}
