// SPDX-License-Identifier: MIT

import { expect } from "chai";
import fc from "fast-check";
import { latin1 } from "../../luarpc/bytes.ts";
import { ClientProtocol, encodeRequest } from "../../luarpc/client_protocol.ts";
import { readsAsError } from "../../luarpc/error_line.ts";
import {
  type Interface,
  type Method,
  makeMethod,
  type Parameter,
  type Type,
} from "../../luarpc/interface.ts";
import { type ProfileName, profileNames, profiles } from "../../luarpc/profile.ts";
import { ServerProtocol } from "../../luarpc/server_protocol.ts";
import { parseTableCall } from "../../luarpc/table_message.ts";

/* Everything that one side writes, the other side reads back, in every profile and cut into any pieces. */

const LINE_MAX = 1 << 20;

/** Which strings a profile carries without loss. */
function survives(profile: ProfileName, bytes: string): boolean {
  const { strings, shape } = profiles[profile];
  if (shape === "table" || strings !== "bare") return true;
  // The newline's stand-in, and a CR that cannot be told from the line's end.
  return !bytes.includes("\\:-)\\") && !bytes.endsWith("\r");
}

const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 40 }).map(latin1),
  fc.constantFrom(
    "",
    " ",
    "nil",
    "\n",
    "a\nb\n",
    "\\:-)",
    "\\",
    '"',
    "'",
    '"x"',
    "'x'",
    "\\n",
    "-fim-",
    "0",
    "1",
    "foo",
    "___ERRORPC: x",
    "\r\n",
    "\0",
  ),
);
const type = fc.constantFrom("double", "string", "char" as const);
const parameter: fc.Arbitrary<Parameter> = fc.record({
  name: fc.constant(undefined),
  direction: fc.constantFrom("in", "out", "inout"),
  type,
});
const method: fc.Arbitrary<Method> = fc
  .tuple(fc.constantFrom<Type>("void", "double", "string", "char"), fc.array(parameter, { maxLength: 5 }))
  .map(([result, parameters]) => makeMethod("foo", result, parameters));

function valueFor(slot: { readonly type: string }): fc.Arbitrary<number | Buffer> {
  if (slot.type === "double") return fc.double();
  const string = slot.type === "char" ? fc.uint8Array({ minLength: 1, maxLength: 1 }).map(latin1) : bytes;
  return string.map((value) => Buffer.from(value, "latin1"));
}

interface Exchange {
  readonly method: Method;
  readonly inputs: readonly (number | Buffer)[];
  readonly outputs: readonly (number | Buffer)[];
}

const exchange: fc.Arbitrary<Exchange> = method.chain((method) =>
  fc.record({
    method: fc.constant(method),
    inputs: fc.tuple(...method.inputs.map(valueFor)),
    outputs: fc.tuple(...method.outputs.map(valueFor)),
  }),
);

/** Cuts bytes at the given places. */
function* pieces(text: string, cuts: readonly number[]): Generator<string> {
  const places = [...new Set(cuts.map((cut) => cut % (text.length + 1)))].toSorted((a, b) => a - b);
  let from = 0;
  for (const place of [...places, text.length]) {
    if (place > from) yield text.slice(from, place);
    from = Math.max(from, place);
  }
}

function exact(value: unknown): unknown {
  return typeof value === "number" ? value : Buffer.from(value as Buffer);
}

function bytesOfText(value: unknown): unknown {
  if (typeof value !== "string") return value;
  // What programs see as text, as bytes again.
  const server = makeMethod("f", "string", [{ name: undefined, direction: "in", type: "string" }]);
  const line = encodeRequest(server, [value], profiles.quoted, LINE_MAX).split("\n")[1] ?? "";
  return Buffer.from(
    line.slice(1, -1).replace(/\\(.)/gs, (_, c: string) => (c === "n" ? "\n" : c)),
    "latin1",
  );
}

function interfaceWith(method: Method): Interface {
  return { name: "test", methods: new Map([[method.name, method]]) };
}

describe("the codec", () => {
  for (const profile of profileNames) {
    it(`carries requests and replies in the profile ${profile}`, () => {
      fc.assert(
        fc.property(exchange, fc.array(fc.nat(), { maxLength: 8 }), ({ method, inputs, outputs }, cuts) => {
          const all = [...inputs, ...outputs]
            .filter((value) => typeof value !== "number")
            .map((value) => latin1(value));
          fc.pre(all.every((value) => survives(profile, value)));

          const server = new ServerProtocol(interfaceWith(method), profile, LINE_MAX, LINE_MAX);
          const request = encodeRequest(method, inputs, profiles[profile], LINE_MAX);
          for (const piece of pieces(request, cuts)) server.feed(piece);
          const call = server.next();
          if (call?.kind !== "call")
            throw new Error(`no call: ${JSON.stringify(call)} of ${JSON.stringify(request)}`);
          const received = method.inputOf.flatMap((input, index) =>
            input === undefined ? [] : [bytesOfText(call.values[index])],
          );
          expect(received).to.deep.equal(inputs.map(exact));
          expect(server.next()).to.equal(undefined);
          expect(server.pending).to.equal(0);

          let reply: string;
          try {
            reply = server.reply(method, outputs);
          } catch (error) {
            // The first value would read as an error: that is what must be refused.
            expect(String(error)).to.contain("would read as an error");
            expect(
              readsAsError(latin1(outputs[0] as Buffer).split("\n")[0] ?? "") ||
                profiles[profile].strings !== "bare",
            ).to.equal(true);
            return;
          }
          const client = new ClientProtocol(profiles[profile], LINE_MAX);
          client.sent(method);
          const replies = [];
          for (const piece of pieces(reply, cuts)) {
            client.feed(piece);
            for (let next = client.next(); next !== undefined; next = client.next()) replies.push(next);
          }
          expect(replies).to.have.length(1);
          const [answer] = replies;
          if (answer?.kind !== "values")
            throw new Error(`no values: ${JSON.stringify(answer)} of ${JSON.stringify(reply)}`);
          expect(answer.values.map(bytesOfText)).to.deep.equal(outputs.map(exact));
        }),
        { numRuns: 400 },
      );
    });

    it(`carries errors in the profile ${profile}`, () => {
      const method = makeMethod("foo", "double", []);
      fc.assert(
        fc.property(fc.string({ unit: "grapheme" }), fc.array(fc.nat(), { maxLength: 4 }), (text, cuts) => {
          fc.pre(text.trim() === text && text !== "" && !text.includes("\r") && !text.includes("\\:-)\\"));
          const server = new ServerProtocol(interfaceWith(method), profile, LINE_MAX, LINE_MAX);
          const client = new ClientProtocol(profiles[profile], LINE_MAX);
          client.sent(method);
          for (const piece of pieces(server.failure(text), cuts)) client.feed(piece);
          expect(client.next()).to.deep.equal({ kind: "error", text });
        }),
      );
    });
  }

  it("writes plain as the assignment shows it", () => {
    const foo = makeMethod("foo", "double", [
      { name: "a", direction: "in", type: "double" },
      { name: "b", direction: "in", type: "double" },
      { name: "s", direction: "out", type: "string" },
    ]);
    const server = new ServerProtocol(interfaceWith(foo), "plain", LINE_MAX, LINE_MAX);
    expect(encodeRequest(foo, [3, 5], profiles.plain, LINE_MAX)).to.equal("foo\n3\n5\n");
    expect(server.reply(foo, [8, "alo alo"])).to.equal("8\nalo alo\n");
    expect(server.reply(foo, [8, "alo\nalo"])).to.equal("8\nalo\\:-)\\alo\n");
    expect(server.failure("função inexistente")).to.equal(
      latin1(Buffer.from("___ERRORPC: função inexistente\n")),
    );
    expect(server.reply(makeMethod("v", "void", []), undefined)).to.equal("\n");
  });

  it("writes the other profiles as luarpc.md tells them", () => {
    const foo = makeMethod("foo", "double", [
      { name: "a", direction: "in", type: "double" },
      { name: "t", direction: "in", type: "string" },
      { name: "s", direction: "out", type: "string" },
    ]);
    const written = profileNames.map((name) => {
      const server = new ServerProtocol(interfaceWith(foo), name, LINE_MAX, LINE_MAX);
      return [
        encodeRequest(foo, [3, "x"], profiles[name], LINE_MAX),
        server.reply(foo, [8, "alo alo"]),
        server.reply(makeMethod("v", "void", []), undefined),
        server.failure("no"),
      ];
    });
    expect(Object.fromEntries(profileNames.map((name, index) => [name, written[index]]))).to.deep.equal({
      plain: ["foo\n3\nx\n", "8\nalo alo\n", "\n", "___ERRORPC: no\n"],
      quoted: ['foo\n3\n"x"\n', '8\n"alo alo"\n', "nil\n", "___ERRORPC: no\n"],
      blank: ["foo\n3\nx\n", "\n8\nalo alo\n", "\n", "___ERRORPC: no\n"],
      space: [" \nfoo\n3\nx\n", " \n8\nalo alo\n", " \nnil\n", " \n___ERRORPC: no\n"],
      fim: ["foo\n3.0\n'x'\n-fim-\n", "8.0\n'alo alo'\n-fim-\n", "-fim-\n", "___ERRORPC: no\n-fim-\n"],
      status: ["foo\n3\nx\nnil\n", "0\n8\nalo alo\n", "0\n", "1\n___ERRORPC: no\n"],
      table: ["return{foo={3,'x'}}\n", "return{8,'alo alo'}\n", "return{}\n", "return{'___ERRORPC: no'}\n"],
    });
  });

  it("reads surplus values of a table, but not hundreds of thousands", () => {
    const call = (count: number) => parseTableCall(`return{foo={${"1,".repeat(count)}}}`);
    expect(call(10_000)?.values).to.have.length(10_000);
    expect(call(10_001)).to.equal(undefined);
  });
});
