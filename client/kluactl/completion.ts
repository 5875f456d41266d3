// SPDX-License-Identifier: MIT

import { prepareWords, unmark } from "./argv.ts";
import { connectOptions, optionsOf } from "./cli.ts";
import type { World } from "./command.ts";
import { commands, completionRequest } from "./commands.ts";
import { commandParser, type GlobalValues, type Loaded, load, valuedOptions } from "./parser.ts";
import type { Terminal } from "./terminal.ts";

/*
 * What the shell may offer next. Commands and options come from yargs, names of states from the module itself. The script that
 * asks is yargs' own (kluactl completion).
 */

/** How long a person at a prompt waits for names, in milliseconds. */
const PATIENCE = 1000;

/** The first word is the tool's name, the last one the word to complete, perhaps empty. Prints a line an offer. */
export async function complete(words: readonly string[], world: World, terminal: Terminal): Promise<void> {
  const loaded = await load(words);
  const states = await stateNames(words.slice(1), loaded, world, terminal);
  const offers = states ?? (await parserOffers(words, loaded));
  for (const offer of offers) terminal.line(offer);
}

async function parserOffers(words: readonly string[], loaded: Loaded): Promise<readonly string[]> {
  let offers = "";
  const parser = commandParser(loaded, () => undefined);
  await parser.parseAsync([completionRequest, ...words], {}, (_error, _values, output) => {
    offers = output;
  });
  const current = words.at(-1) ?? "";
  return offers.split("\n").filter((offer) => offer !== "" && offer.startsWith(current));
}

/** Names of states when the last word stands where one belongs; undefined elsewhere. */
async function stateNames(
  words: readonly string[],
  loaded: Loaded,
  world: World,
  terminal: Terminal,
): Promise<readonly string[] | undefined> {
  const current = words.at(-1) ?? "";
  const prepared = prepareWords(words.slice(0, -1), valuedOptions(loaded));
  const before = prepared.words.filter((word) => unmark(word) !== word).map(unmark);
  const place = placeOfStates(prepared.command);
  if (current.startsWith("-") || place === "none") return undefined;
  // A file comes next, which the shell knows better.
  if (place === "first" && before.length > 0) return prepared.command === "execute" ? [] : undefined;
  try {
    const options = optionsOf(givenOptions(prepared.words), world);
    const lunatik = await world.connect({
      ...connectOptions(options, terminal),
      timeout: PATIENCE,
      onWarning: () => undefined,
    });
    try {
      const { states } = await lunatik.list();
      const names = states
        .map(({ name }) => name)
        .filter((name) => name.startsWith(current) && !before.includes(name));
      return usesColons(world) ? names.map((name) => name.replaceAll(":", "\\:")) : names;
    } finally {
      lunatik.close();
    }
  } catch {
    // A prompt is no place for an error: nothing is offered.
    return [];
  }
}

/** zsh splits an offer at a colon. yargs looks at the same variables to choose its script. */
function usesColons({ environment }: World): boolean {
  return (environment["SHELL"] ?? "").includes("zsh") || (environment["ZSH_NAME"] ?? "").includes("zsh");
}

/** Where names of states stand behind a command. */
function placeOfStates(command: string | undefined): "none" | "first" | "any" {
  const words = commands.find(({ name }) => name === command)?.usage ?? "";
  // A state to be created has no name yet.
  if (command === "create") return "none";
  return words.includes("<states..>") ? "any" : /[<[]state[\]>]/.test(words) ? "first" : "none";
}

/** The options of an unfinished command line, whose words have been prepared, that say where the states are. */
function givenOptions(words: readonly string[]): GlobalValues {
  const optionValue = (name: string): string | undefined =>
    words.findLast((word) => word.startsWith(`--${name}=`))?.slice(name.length + 3);
  const given = (["backend", "socket", "via", "control"] as const).map((name) => [name, optionValue(name)]);
  return Object.fromEntries(given.filter(([, value]) => value !== undefined)) as GlobalValues;
}
