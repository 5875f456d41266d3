// SPDX-License-Identifier: MIT

import { expect } from "chai";
import { ClientProtocol, type Reply } from "../../luarpc/client_protocol.ts";
import { type Method, makeMethod } from "../../luarpc/interface.ts";
import { type ProfileName, profiles } from "../../luarpc/profile.ts";

const foo = makeMethod("foo", "double", [
  { name: "a", direction: "in", type: "double" },
  { name: "s", direction: "out", type: "string" },
]);
const text = makeMethod("text", "string", []);
const char = makeMethod("char", "char", []);
const nothing = makeMethod("nothing", "void", []);
const boo = makeMethod("boo", "void", [{ name: "n", direction: "inout", type: "double" }]);
const out = makeMethod("out", "void", [{ name: "s", direction: "out", type: "string" }]);

/** What a client makes of these bytes, as the reply to one call. */
function read(
  method: Method,
  bytes: string,
  profile: ProfileName = "plain",
  ended = false,
): Reply | undefined {
  const client = new ClientProtocol(profiles[profile], 1000);
  client.sent(method);
  client.feed(bytes);
  if (ended) client.end();
  return client.next();
}

function values(...list: readonly (number | string)[]): Reply {
  return { kind: "values", values: list };
}

describe("a liberal reader of replies", () => {
  for (const [what, method, bytes, reply] of [
    ["LF", foo, "8\nalo\n", values(8, "alo")],
    ["CRLF", foo, "8\r\nalo\r\n", values(8, "alo")],
    ["a CR that is data", foo, "8\nalo\r\n", values(8, "alo\r")],
    ["8.0", foo, "8.0\nalo\n", values(8, "alo")],
    ["8e0 with blanks", foo, " 8e0\t\nalo\n", values(8, "alo")],
    ["hexadecimal", foo, "0x10\nalo\n", values(16, "alo")],
    ["nan", boo, "-nan\n", values(Number.NaN)],
    ["an empty line for a void result", nothing, "\n", values()],
    ["nil for a void result", nothing, "nil\n", values()],
    ["anything for a void result", nothing, "OK\n", values()],
    ["nil for a void result before a value", boo, "nil\n10\n", values(10)],
    ["an empty line before a value", boo, "\n10\n", values(10)],
    ["a string that is nil", out, "nil\n", values("nil")],
    ["an empty string", text, "\n", values("")],
    ["a newline's stand-in", text, "a\\:-)\\b\n", values("a\nb")],
    ["bytes that are no UTF-8", text, "\xe9\n", values("\udce9")],
    ["UTF-8", text, "\xc3\xa9\n", values("é")],
    ["an error", foo, "___ERRORPC: bad luck\n", { kind: "error", text: "bad luck" }],
    ["an error with two underscores", foo, "__ERRORPC: bad\n", { kind: "error", text: "bad" }],
    ["an error in quotes", foo, '"___ERRORPC: bad"\n', { kind: "error", text: "bad" }],
    ["an error without a colon", foo, "___ERRORPC bad\r\n", { kind: "error", text: "bad" }],
    [
      "an error whose text is on the next line",
      foo,
      "___ERRORPC: \nbad luck\n",
      { kind: "error", text: "bad luck" },
    ],
    ["an error behind the word", foo, "ERRORPC\n___ERRORPC: bad\n", { kind: "error", text: "bad" }],
    ["an error in place of a void result", nothing, "___ERRORPC: bad\n", { kind: "error", text: "bad" }],
    ["no error in a later line", foo, "8\n___ERRORPC: text\n", values(8, "___ERRORPC: text")],
    ["no error in single quotes", text, "'___ERRORPC: text'\n", values("'___ERRORPC: text'")],
    ["no error further in the line", text, "see ___ERRORPC: text\n", values("see ___ERRORPC: text")],
  ] as const)
    it(`takes ${what}`, () => {
      expect(read(method, bytes)).to.deep.equal(reply);
    });

  it("takes the end of the stream for the last line's end", () => {
    expect(read(foo, "8\nalo", "plain", true)).to.deep.equal(values(8, "alo"));
    expect(read(foo, "___ERRORPC: ", "plain", true)).to.deep.equal({ kind: "error", text: "" });
    expect(read(foo, "8\n", "plain", true)).to.equal(undefined);
  });

  for (const [profile, method, bytes, reply] of [
    ["quoted", foo, '8\n"a\\"\\\\b\\n"\n', values(8, 'a"\\b\n')],
    ["quoted", foo, '8\n"x"\r\n', values(8, "x")],
    ["quoted", char, '"\\""\n', values('"')],
    ["quoted", char, "x\n", values("x")],
    ["quoted", boo, "nil\n10\n", values(10)],
    ["quoted", boo, "10\n", values(10)],
    ["blank", foo, "\n8\nalo\n", values(8, "alo")],
    ["blank", foo, "8\nalo\n", values(8, "alo")],
    ["blank", nothing, "\n", values()],
    ["blank", foo, "ERRORPC\n___ERRORPC: bad\n", { kind: "error", text: "bad" }],
    ["space", foo, " \n8\nalo\n", values(8, "alo")],
    ["space", nothing, " \nnil\n", values()],
    ["space", foo, " \n___ERRORPC: bad\n", { kind: "error", text: "bad" }],
    ["fim", foo, "8.0\n'it\\'s'\n-fim-\n", values(8, "it's")],
    ["fim", nothing, "-fim-\n", values()],
    ["fim", nothing, "nil\n-fim-\n", values()],
    ["status", foo, "0\n8\nalo\n", values(8, "alo")],
    ["status", foo, "1\nsomething is wrong\n", { kind: "error", text: "something is wrong" }],
    ["status", foo, "0\n___ERRORPC: bad\n", { kind: "error", text: "bad" }],
    ["table", foo, "return{8,'alo alo'}\n", values(8, "alo alo")],
    ["table", foo, "return { 8.0; [[alo]], 'surplus' };\n", values(8, "alo")],
    ["table", boo, "return{nil,10}\n", values(10)],
    ["table", boo, "return{-1/0}\n", values(-Infinity)],
    ["table", foo, "return{[[__ERRORPC]]}\n", { kind: "error", text: "" }],
  ] as const)
    it(`reads ${JSON.stringify(bytes)} in the profile ${profile}`, () => {
      expect(read(method, bytes, profile)).to.deep.equal(reply);
    });

  for (const [what, method, bytes, profile, code, message] of [
    [
      "a result of the wrong type",
      foo,
      "abc\nalo\n",
      "plain",
      "ERR_TYPE",
      'foo: result must be a double, not "abc"',
    ],
    [
      "a char of two bytes",
      char,
      "ab\n",
      "plain",
      "ERR_TYPE",
      'char: result must be a char (exactly one byte), not "ab"',
    ],
    [
      "a line over the limit",
      text,
      "x".repeat(1001),
      "plain",
      "ERR_LIMIT",
      "text: a line of the reply is longer than 1000 bytes",
    ],
    [
      "too few values before the tail",
      foo,
      "8.0\n-fim-\n",
      "fim",
      "ERR_PROTOCOL",
      "foo: the reply ends before the argument 2 (s)",
    ],
    ["no tail", foo, "8.0\n'a'\n9\n", "fim", "ERR_PROTOCOL", "foo: the reply has no line -fim- at its end"],
    [
      "a call in a table",
      foo,
      "return{os.exit()}\n",
      "table",
      "ERR_PROTOCOL",
      "foo: the reply is no table of constants",
    ],
    [
      "too few values in a table",
      foo,
      "return{8}\n",
      "table",
      "ERR_PROTOCOL",
      "foo: the reply ends before the argument 2 (s)",
    ],
  ] as const)
    it(`refuses ${what}`, () => {
      expect(read(method, bytes, profile)).to.deep.equal({ kind: "invalid", code, text: message });
    });

  it("gives pipelined replies in order, and tells surplus from them", () => {
    const client = new ClientProtocol(profiles.plain, 1000);
    client.sent(text);
    client.sent(foo);
    client.feed("a\n8\nb");
    expect(client.next()).to.deep.equal(values("a"));
    expect(client.next()).to.equal(undefined);
    client.feed("\nextra");
    expect(client.next()).to.deep.equal(values(8, "b"));
    expect(client.next()).to.deep.equal({ kind: "surplus", bytes: 5 });
    expect(client.next()).to.equal(undefined);
  });
});
