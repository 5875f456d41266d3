// SPDX-License-Identifier: MIT

import { expect } from "chai";
import fc from "fast-check";
import { parse, stringify } from "smol-toml";
import { type TomlPath, tomlPlaces } from "../../client/toml_places.ts";

/** The place of "@" in a text, and the text without it. */
function marked(text: string): { readonly text: string; readonly line: number; readonly column: number } {
  const before = text.slice(0, text.indexOf("@"));
  const line = before.split("\n").length;
  const column = Array.from(before.slice(before.lastIndexOf("\n") + 1)).length + 1;
  return { text: text.replace("@", ""), line, column };
}

const cases: readonly (readonly [what: string, text: string, path: TomlPath])[] = [
  ["a key", "a = 1\n@b = 2", ["b"]],
  ["a key behind spaces", "  @b = 2", ["b"]],
  ["a dotted key", "a.@b.c = 1", ["a", "b"]],
  ["a table", "x = 1\n@[a.b]\nc = 1", ["a", "b"]],
  ["a key of a table", "[a.b]\nd = 1\n@c = 1", ["a", "b", "c"]],
  ["a quoted key", '[state."my \\u0070"]\n@"x\\ty" = 1', ["state", "my p", "x\ty"]],
  ["a literal key", "[a]\n@'x.y' = 1", ["a", "x.y"]],
  ["a table of an array", "[[s]]\nx = 1\n@[[s]]\nx = 2", ["s", 1]],
  ["a key of a table of an array", "[[s]]\nx = 1\n[[s]]\n@x = 2", ["s", 1, "x"]],
  ["a table below a table of an array", "[[s]]\n[[s]]\n@[s.t]\n", ["s", 1, "t"]],
  ["an item of an array", "a = [1, [2, @3]]", ["a", 1, 1]],
  ["an item on a line of its own", "a = [\n  1, # one\n  @2,\n]", ["a", 1]],
  ["a key of an inline table", "a = { b = 1, @c = { d = 2 } }", ["a", "c"]],
  ["a key behind strings with brackets", `a = ["]", '}', """\n] \\""" ]"""]\n@b = 1`, ["b"]],
  ["a key behind a literal of lines", "a = '''\n[x]\nb = 1'''''\n@b = 1", ["b"]],
  ["a key behind a comment", "# b = 1\n@b = 1", ["b"]],
  ["a key behind a date", "a = 1979-05-27 07:32:00Z\n@b = 1", ["b"]],
  ["a key behind letters that are two units", 'a = { "😀" = 1, @b = 2 }', ["a", "b"]],
  ["the nearest that is there", "[a]\n@b = { c = 1 }", ["a", "b", "x", "y"]],
];

describe("places of a TOML document", () => {
  for (const [what, source, path] of cases) {
    it(`are found: ${what}`, () => {
      const { text, line, column } = marked(source);
      parse(text);
      expect(tomlPlaces(text)(path)).to.deep.equal({ line, column });
    });
  }

  it("are found for every key of any document, and are where the key stands", () => {
    const key = fc.oneof(fc.stringMatching(/^[a-z]{1,4}$/), fc.string({ minLength: 1, maxLength: 4 }));
    const leaf = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant("]}'''\n[x]\n"));
    const { tree } = fc.letrec<{ tree: Record<string, unknown>; value: unknown }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 3 },
        leaf,
        fc.array(leaf, { maxLength: 3 }),
        tie("tree"),
        fc.array(tie("tree"), { maxLength: 3 }),
      ),
      tree: fc.dictionary(key, tie("value"), { maxKeys: 4 }),
    }));
    fc.assert(
      fc.property(tree, (document) => {
        const text = stringify(document);
        const lines = text.split("\n");
        const placeOf = tomlPlaces(text);
        const seen = new Map<string, string>();
        for (const path of leaves(parse(text), [])) {
          const { line, column } = placeOf(path);
          const rest = Array.from(lines[line - 1] ?? "")
            .slice(column - 1)
            .join("");
          const name = path.at(-1);
          // A leaf's key stands there, bare or quoted, with its value behind it; no two leaves share a place.
          if (typeof name === "string")
            expect(rest.startsWith(name) || rest.startsWith('"'), `${text}\n${path.join(".")}`).to.equal(
              true,
            );
          const other = seen.get(`${line}:${column}`);
          expect(other, `${text}\n${path.join(".")} and ${other ?? ""}`).to.equal(undefined);
          seen.set(`${line}:${column}`, path.join("."));
        }
      }),
      { numRuns: 300 },
    );
  });
});

/** The paths of all values that are neither tables nor arrays. */
function* leaves(value: unknown, path: TomlPath): Generator<TomlPath> {
  if (typeof value !== "object" || value === null) yield path;
  else if (Array.isArray(value))
    for (const [index, item] of value.entries()) yield* leaves(item, [...path, index]);
  else for (const [name, item] of Object.entries(value)) yield* leaves(item, [...path, name]);
}
