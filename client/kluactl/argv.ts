// SPDX-License-Identifier: MIT

/*
 * The words of the command line, made unambiguous before yargs parses them.
 *
 * yargs takes what starts with "-" for an option wherever it stands: a negative number in hexadecimal, code that starts
 * with a comment, "-" for stdin. It also runs every word that is not an option through its parser a second time. So a
 * value is tied to its option here ("--code=…"), and every other word behind the command's name gets a mark in
 * front that no word of a command line can have, and that unmark() takes away when yargs is done.
 */

const MARK = "\0";

export interface PreparedWords {
  readonly words: readonly string[];
  /** The first word that is not an option: the command. */
  readonly command: string | undefined;
}

/**
 * Prepares the words. `valued` has the options that take a value, by name without dashes, short ones with the long name
 * that they stand for.
 */
export function prepareWords(argv: readonly string[], valued: ReadonlyMap<string, string>): PreparedWords {
  const words: string[] = [];
  let command: string | undefined;
  for (let at = 0; at < argv.length; at += 1) {
    const word = argv[at] ?? "";
    if (word === "--") {
      for (const rest of argv.slice(at + 1)) {
        words.push(command === undefined ? rest : MARK + rest);
        command ??= rest;
      }
      break;
    }
    if (!isOption(word)) {
      words.push(command === undefined ? word : MARK + word);
      command ??= word;
      continue;
    }
    const long = valued.get(optionName(word));
    if (long === undefined) {
      words.push(word);
    } else if (!word.startsWith("--") && word.length > 2) {
      words.push(`--${long}=${word.slice(2)}`);
    } else if (at + 1 < argv.length) {
      at += 1;
      words.push(`--${long}=${argv[at] ?? ""}`);
    } else {
      words.push(`--${long}`);
    }
  }
  return { words, command };
}

/** Takes the mark away from a word. */
export function unmark(word: string): string {
  return word.startsWith(MARK) ? word.slice(MARK.length) : word;
}

/** Takes all marks out of a message of yargs. */
export function unmarkText(text: string): string {
  return text.replaceAll(MARK, "");
}

/** A word that names an option. "-", and what starts like a negative number, does not. */
function isOption(word: string): boolean {
  return word.startsWith("-") && word !== "-" && !/^-\.?\d/.test(word);
}

/** The name without dashes; of a short option its letter alone, whatever stands behind it. "" when it has its value with it. */
function optionName(word: string): string {
  if (!word.startsWith("--")) return word.slice(1, 2);
  return word.includes("=") ? "" : word.slice(2);
}
