// SPDX-License-Identifier: MIT

/*
 * The dialects of the protocol, as data. All of them are lines; what differs is which lines surround the values and how a
 * value is written. `plain` is the assignment read literally, `quoted` the one without loss for strings.
 *
 * Only `table` is a different shape: one line that is a Lua table.
 */

export const profileNames = ["plain", "quoted", "blank", "space", "fim", "status", "table"] as const;
export type ProfileName = (typeof profileNames)[number];

export interface Profile {
  readonly name: ProfileName;
  readonly shape: "lines" | "table";
  /** The line before the method's name. */
  readonly requestHead: string | undefined;
  /** The line before the values of a reply. */
  readonly replyHead: string | undefined;
  /** The line before the error. */
  readonly errorHead: string | undefined;
  /** The line that ends every message. */
  readonly tail: string | undefined;
  readonly strings: "bare" | "double quotes" | "single quotes";
  /** How a double that is whole is written: 8 or 8.0. */
  readonly whole: "8" | "8.0";
  /** The line for a void result; undefined for none. */
  readonly voidResult: string | undefined;
  /** The line of a request for an out parameter; undefined for none. */
  readonly outArgument: string | undefined;
}

const plain: Profile = {
  name: "plain",
  shape: "lines",
  requestHead: undefined,
  replyHead: undefined,
  errorHead: undefined,
  tail: undefined,
  strings: "bare",
  whole: "8",
  voidResult: undefined,
  outArgument: undefined,
};

export const profiles: Readonly<Record<ProfileName, Profile>> = {
  plain,
  /** Strings between double quotes, a void result is the line nil. */
  quoted: { ...plain, name: "quoted", strings: "double quotes", voidResult: "nil" },
  /** A reply starts with an empty status line. */
  blank: { ...plain, name: "blank", replyHead: "" },
  /** A line with one space first, both ways. */
  space: {
    ...plain,
    name: "space",
    requestHead: " ",
    replyHead: " ",
    errorHead: " ",
    voidResult: "nil",
  },
  /** A trailing line on every message. */
  fim: { ...plain, name: "fim", tail: "-fim-", strings: "single quotes", whole: "8.0" },
  /** A status line: 0 is success. A request says nil for every out parameter. */
  status: { ...plain, name: "status", replyHead: "0", errorHead: "1", outArgument: "nil" },
  /** return{foo={3,5}} answered by return{8,'alo alo'}; parsed, never evaluated. */
  table: { ...plain, name: "table", shape: "table", strings: "single quotes" },
};

/** The profile of a name. Throws TypeError for another name. */
export function profileNamed(name: string): Profile {
  if (!Object.hasOwn(profiles, name))
    throw new TypeError(`no profile is called '${name}' (there are ${profileNames.join(", ")})`);
  return profiles[name as ProfileName];
}
