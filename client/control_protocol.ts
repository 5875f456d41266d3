// SPDX-License-Identifier: MIT

/*
 * What is said over the control socket of kluad: JSON-RPC 2.0, each message behind a header "Content-Length: N", as the
 * language server protocol frames it.
 *
 *   serve     ServeRequest    → ServantReport      puts functions of a state on the network
 *   unserve   ServantAddress  → ServantReport      stops listening, and answers the calls that have come
 *   servants                  → ServantReport[]
 *   apply     ApplyRequest    → ApplyReport        makes states and servants what a manifest declares (apply_report.ts)
 *   save      SaveRequest     → SaveReport         the manifest of what there is
 *
 * An error has the JSON-RPC code FAULT, and a Fault as its data.
 */

/** The JSON-RPC code of every error that a request ends with; what is wrong is in its data. */
export const FAULT = -32_000;

/** The longest message, in bytes. An interface file of that length is none. */
export const MESSAGE_MAX = 4 * 1024 * 1024;

export interface ServeRequest {
  /** The name of the state. */
  readonly state: string;
  /** The text of the interface file, and its name for messages. */
  readonly interface: { readonly file: string; readonly text: string };
  /** The table whose functions are the methods, "myobj1" or "app.myobj1"; the global table unless given. */
  readonly object?: string | undefined;
  /** An address of this machine. */
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** How values are written, as in luarpc/profile.ts, or "auto". */
  readonly profile: string;
  /** Limits of each call, within those of the state: nanoseconds, and steps. */
  readonly time?: number | undefined;
  readonly steps?: number | undefined;
  /** How long a call waits for a busy state, in milliseconds. */
  readonly wait: number;
  /** TLS, as PEM texts. With `clientCa`, clients must show a certificate that one of these has signed. */
  readonly tls?:
    | { readonly cert: string; readonly key: string; readonly clientCa?: string | undefined }
    | undefined;
  /** Addresses and networks that may connect, "10.0.0.0/8" or "::1"; everybody unless given. */
  readonly allow?: readonly string[] | undefined;
  /** Whether clients may ask for the interface and for a sign of life. */
  readonly reflection?: boolean | undefined;
  /** The most connections at once; when one more comes, the one that has been idle for longest makes room. */
  readonly maxConnections?: number | undefined;
  /** Milliseconds without a request after which a connection is closed; 0, or absent, for never. */
  readonly idle?: number | undefined;
}

export interface ServantAddress {
  /** Any address unless given. */
  readonly host?: string | undefined;
  readonly port: number;
}

/** Why the calls of a servant fail: its state is not there, or there is no module. */
export type ServantProblem = "ERR_NO_STATE" | "ERR_NO_MODULE";

export interface ServantReport {
  readonly host: string;
  readonly port: number;
  readonly state: string;
  readonly object?: string | undefined;
  /** The interface's name, or the name of its file when it has none. */
  readonly interface: string;
  readonly profile: string;
  /** As in "double foo (in double a, out string b)". */
  readonly methods: readonly string[];
  /** Connections that are open. */
  readonly connections: number;
  /** Calls that were answered, and how many of them by an error. */
  readonly calls: number;
  readonly failed: number;
  /** Clients that were not let in. */
  readonly refused: number;
  /** Whether connections are encrypted, and whether clients must show a certificate. */
  readonly tls: "none" | "server" | "mutual";
  /** As in ServeRequest. */
  readonly allow?: readonly string[] | undefined;
  readonly reflection: boolean;
  readonly maxConnections?: number | undefined;
  readonly idle?: number | undefined;
  /** Of servants(): what keeps its state from being called, if something does. */
  readonly problem?: ServantProblem | undefined;
}
