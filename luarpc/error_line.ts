// SPDX-License-Identifier: MIT

import { bytesOf, textOfBytes, withoutEnd } from "./bytes.ts";
import { decodeBare, encodeBare } from "./value_text.ts";

/* The line that says that a call failed. */

const PREFIX = "___ERRORPC: ";
// What implementations really send: two or three underscores, perhaps in quotes, without the colon or the space.
const LIBERAL = /^("?)_{2,3}ERRORPC:? ?/;
/** One implementation sends this word alone, and the text on the next line. */
const WORD = "ERRORPC";
/** Long enough for any message; a traceback is cut. */
const TEXT_MAX = 4096;

/** The line for an error's text. */
export function encodeError(text: string): string {
  const bytes = encodeBare(bytesOf(text).replaceAll("\r\n", "\n").replaceAll("\r", " "));
  return PREFIX + (bytes.length > TEXT_MAX ? `${bytes.slice(0, TEXT_MAX)}...` : bytes);
}

/** Whether the first line of a reply says that the call failed. */
export function readsAsError(line: string): boolean {
  return line.includes("ERRORPC") && (LIBERAL.test(line) || line === WORD || line === `${WORD}\r`);
}

/** The text of an error line; empty when it is on the next line. */
export function errorText(line: string): string {
  const match = LIBERAL.exec(line);
  if (match === null)
    return line === WORD || line === `${WORD}\r` ? "" : textOfBytes(decodeBare(line)).trim();
  let rest = withoutEnd(line.slice(match[0].length), " \t\r");
  const quote = match[1] ?? "";
  if (quote !== "" && rest.endsWith(quote)) rest = rest.slice(0, -1);
  return textOfBytes(decodeBare(rest));
}
