// SPDX-License-Identifier: MIT

import { expect } from "chai";
import fc from "fast-check";
import { formatLiteral } from "../../client/lua_format.ts";
import { float, integer, type LuaValue, string, table } from "../../client/lua_value.ts";
import { type DeclaredScript, loadManifest } from "../../client/manifest.ts";
import { libraryNames, type State } from "../../client/state.ts";
import { type WrittenServant, writeManifest } from "../../daemon/manifest_writer.ts";

const text = fc.oneof(
  fc.string({ unit: "grapheme" }),
  fc.constantFrom(
    "a\nb\n",
    "'''\n",
    "x = 'y'\n'",
    "tab\t\nend",
    "\x7f\n",
    'q"\\"""\n',
    "\r\n",
    "\u0085\n",
    "]}#\n[x]",
  ),
);
const long = fc.bigInt({ min: 1n, max: 2n ** 63n - 1n });
const scalar: fc.Arbitrary<LuaValue> = fc.oneof(
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(integer),
  fc.double().map(float),
  text.map((value) => string(Buffer.from(value))),
  fc.boolean().map((value): LuaValue => ({ kind: "boolean", value })),
);
const argument: fc.Arbitrary<LuaValue> = fc.oneof(
  scalar,
  fc
    .array(scalar, { maxLength: 3 })
    .map((items) => table(items.map((item, index) => [integer(index + 1), item]))),
  fc
    .dictionary(text, scalar, { minKeys: 1, maxKeys: 3 })
    .map((fields) => table(Object.entries(fields).map(([name, item]) => [string(Buffer.from(name)), item]))),
);
const script: fc.Arbitrary<DeclaredScript> = fc
  .record({
    file: fc.option(fc.constantFrom("/etc/a.lua", "/etc/lunatik/sub/b.lua", "/b c'\".lua"), {
      nil: undefined,
    }),
    code: text,
    values: fc.array(argument, { maxLength: 3 }),
  })
  .map(({ file, code, values }) => ({
    path: file,
    chunkName: file === undefined ? "=(manifest)" : `@${file.slice(file.lastIndexOf("/") + 1)}`,
    code: Buffer.from(file === undefined ? code : `-- ${file}`),
    arguments: values,
  }));
const name = fc
  .string({ unit: "grapheme", minLength: 1, maxLength: 8 })
  .filter(
    (one) =>
      Buffer.byteLength(one) <= 63 && Array.from(one).every((letter) => letter >= " " && letter !== "\x7f"),
  );
const state = fc
  .record({
    name,
    description: text.filter((one) => Buffer.byteLength(one) <= 255),
    maxMemory: long,
    maxSteps: fc.oneof(long, fc.constantFrom(1000n, 2_000_000n, 10n ** 15n)),
    maxTime: fc.oneof(long, fc.constantFrom(1n, 1000n, 1_000_000n, 1_500_000n, 10n ** 9n, 60n * 10n ** 9n)),
    libraries: fc.subarray([...libraryNames]),
  })
  // What else a state has is not written.
  .map((fields) => fields as unknown as State);

function shown({ chunkName, code, arguments: values, path }: DeclaredScript): unknown {
  return [
    path,
    chunkName,
    Buffer.from(code).toString(),
    values.map((value) => Buffer.from(formatLiteral(value)).toString()),
  ];
}

describe("the manifest that is written", () => {
  it("reads back as what there is", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.record({ state, scripts: fc.array(script, { maxLength: 3 }) }), {
          selector: ({ state: { name: one } }) => one,
          maxLength: 3,
        }),
        text,
        async (states, source) => {
          const servants: readonly WrittenServant[] = states.map((one, index) => ({
            served: {
              request: {
                state: one.state.name,
                interface: {
                  file: "i",
                  text: `interface i { } -- ${source.replaceAll(/[\r\n]/g, " ")}\n-- end`,
                },
                object: "a.b",
                host: "::1",
                port: 0,
                profile: "quoted",
                time: 1_000_001,
                steps: 10,
                wait: 30_000,
                allow: ["::1"],
                reflection: true,
                maxConnections: 3,
                idle: 5,
              },
              host: "::1",
              port: 9000 + index,
            },
            declared: undefined,
          }));
          const written = writeManifest(states, servants, "/etc/lunatik");
          expect(written.missing).to.deep.equal([]);
          const manifest = await loadManifest(written.text, "/etc/lunatik/kluad.toml", (path) =>
            Promise.resolve(Buffer.from(`-- ${path}`)),
          );
          expect(
            manifest.states.map((one) => ({
              ...one,
              scripts: one.scripts.map(shown),
              libraries: one.libraries ?? libraryNames,
            })),
          ).to.deep.equal(
            states.map(({ state: one, scripts }) => ({
              name: one.name,
              description: one.description,
              libraries: one.libraries,
              memory: one.maxMemory,
              steps: one.maxSteps,
              time: one.maxTime,
              scripts: scripts.map(shown),
            })),
          );
          expect(manifest.servants.map(({ request }) => ({ ...request, tls: undefined }))).to.deep.equal(
            servants.map(({ served: { request, port } }) => ({ ...request, port, tls: undefined })),
          );
        },
      ),
      { numRuns: 300 },
    );
  });

  it("can be read when a description and an interface's name are no UTF-8, and says that the description is not in it", async () => {
    const [one] = fc.sample(state, 1);
    if (one === undefined) throw new Error("no state");
    const request = {
      state: "p",
      interface: { file: "\udce7.lua", text: "interface i { } -- \udce7" },
      host: "::1",
      port: 9000,
      profile: "plain",
      wait: 30_000,
    };
    const { text: written, missing } = writeManifest(
      [{ state: { ...one, name: "p", description: "\udce7" }, scripts: [] }],
      [{ served: { request, host: "::1", port: 9000 }, declared: undefined }],
      "/etc/lunatik",
    );
    expect(missing).to.deep.equal(['state "p": its description is no UTF-8, which TOML cannot write']);
    const { states, servants } = await loadManifest(written, "/etc/lunatik/kluad.toml", () =>
      Promise.reject(new Error("no file is named")),
    );
    expect(states.map(({ description }) => description)).to.deep.equal([""]);
    expect(servants.map(({ request: { interface: source } }) => source)).to.deep.equal([
      { file: "\ufffd.lua", text: "interface i { } -- \ufffd" },
    ]);
  });
});
