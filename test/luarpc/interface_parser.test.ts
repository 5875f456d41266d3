// SPDX-License-Identifier: MIT

import { expect } from "chai";
import fc from "fast-check";
import { InterfaceError } from "../../luarpc/error.ts";
import { type Interface, interfaceText, signature } from "../../luarpc/interface.ts";
import { loadInterface, parseInterface } from "../../luarpc/interface_parser.ts";
import { MINHA_INT } from "./support.ts";

function signatures(declared: Interface): string[] {
  return [...declared.methods.values()].map(signature);
}

/** The error of a text that is wrong: its place and reason. */
function wrong(text: string): string {
  try {
    parseInterface(text, "x.lua");
  } catch (error) {
    if (error instanceof InterfaceError) return error.message;
    throw error;
  }
  throw new Error("nothing was wrong");
}

const FOO = 'foo = { resulttype = "double", args = {{direction = "in", type = "double"}} }';

describe("interface files", () => {
  it("reads the assignment's example", async () => {
    const declared = await loadInterface(MINHA_INT);
    expect(declared.name).to.equal("minhaInt");
    expect(signatures(declared)).to.deep.equal([
      "double foo (in double a1, in double a2, out string a3)",
      "void boo (inout double a1)",
    ]);
  });

  it("reads the traditional notation", () => {
    const declared = parseInterface(`interface minhaInt {
      double foo (in double a, in string b, out string c);
      void boo (inout double a);
      char baz ();
      string qux (void)
    };`);
    expect(declared.name).to.equal("minhaInt");
    expect(signatures(declared)).to.deep.equal([
      "double foo (in double a, in string b, out string c)",
      "void boo (inout double a)",
      "char baz ()",
      "string qux ()",
    ]);
  });

  for (const [what, text] of [
    ["the name bare", `interface { name = m, methods = { ${FOO} } }`],
    ["the name quoted", `interface { name = "m", methods = { ${FOO} } }`],
    ["single quotes", `interface { name = 'm', methods = { ${FOO.replaceAll('"', "'")} } }`],
    ["long brackets", `interface { name = [[m]], methods = { ${FOO} } }`],
    ["parentheses", `interface({ name = m, methods = { ${FOO} } })`],
    ["an equals sign", `interface = { name = m, methods = { ${FOO} } }`],
    ["semicolons and trailing separators", `interface { name = m; methods = { ${FOO}; }; };`],
    [
      "comments",
      `-- first\n--[[ long\n ]] interface { name = m, --[==[ ]] ]==] methods = { ${FOO} } } -- last`,
    ],
    [
      "keys in brackets",
      `interface { ["name"] = m, ["methods"] = { ["foo"] = { ['resulttype'] = "double", args = {{direction = "in", type = "double"}} } } }`,
    ],
    ["a byte order mark", `\uFEFFinterface { name = m, methods = { ${FOO} } }`],
    ["CRLF", `interface {\r\n name = m,\r\n methods = { ${FOO} }\r\n}\r\n`],
  ] as const)
    it(`accepts ${what}`, () => {
      const declared = parseInterface(text);
      expect(declared.name).to.equal("m");
      expect(signatures(declared)).to.deep.equal(["double foo (in double a1)"]);
    });

  it("accepts a missing name and missing args", () => {
    const declared = parseInterface('interface { methods = { foo = { resulttype = "void" } } }');
    expect(declared.name).to.equal(undefined);
    expect(signatures(declared)).to.deep.equal(["void foo ()"]);
  });

  it("accepts any method name in brackets, and what JavaScript would take for its own", () => {
    const names = ["then", "constructor", "__index", "__proto__", "não", "a b"];
    const methods = names.map((name) => `["${name}"] = { resulttype = "void" }`).join(", ");
    expect([...parseInterface(`interface { methods = { ${methods} } }`).methods.keys()]).to.deep.equal(names);
  });

  for (const [what, text, message] of [
    [
      "an unknown type",
      'interface { methods = {\n foo = { resulttype = "int" } } }',
      "x.lua:2:23: 'int' is no type (char, string, double, void)",
    ],
    [
      "an unknown direction",
      'interface { methods = { foo = { resulttype = "void",\n args = {{direction = "by", type = "char"}} } } }',
      "x.lua:2:23: 'by' is no direction (in, out, inout)",
    ],
    ["void as an argument", "interface m { void foo (in void a); }", "x.lua:1:28: void is for results only"],
    [
      "a missing direction",
      "interface m { void foo (double a); }",
      "x.lua:1:25: expected a direction (in, out or inout), found 'double'",
    ],
    [
      "a missing result type",
      "interface { methods = { foo = { args = {} } } }",
      "x.lua:1:25: method 'foo' has no field 'resulttype'",
    ],
    [
      "a function call",
      'interface { methods = { foo = os.execute("true") } }',
      "x.lua:1:33: expected ',' or '}', found '.'",
    ],
    ["a string that is never closed", 'interface { name = "m\n}', "x.lua:1:20: this string is never closed"],
    [
      "a method declared twice",
      "interface m { void f (); void f (); }",
      "x.lua:1:31: the method 'f' is declared twice",
    ],
    [
      "two interfaces",
      `interface m { void f (); } interface n { void f (); }`,
      "x.lua:1:28: a file declares one interface, and this is a second one",
    ],
    ["other Lua", `print("hello")`, "x.lua:1:1: expected 'interface', found 'print'"],
    ["an empty file", "", "x.lua:1:1: expected 'interface', found the end of the file"],
    [
      "columns behind other scripts",
      'interface { name = "ação", methods = 3 }',
      "x.lua:1:38: expected a name, a string or a table, found '3'",
    ],
  ] as const)
    it(`refuses ${what}, and says where`, () => {
      expect(wrong(text)).to.equal(message);
    });

  it("refuses tables that are nested too deeply instead of overflowing the stack", () => {
    expect(wrong(`interface ${"{a=".repeat(100_000)}`)).to.contain("nested too deeply");
  });

  it("fails with a place on any text, and with nothing else", () => {
    const word = fc.constantFrom(
      "interface",
      "{",
      "}",
      "(",
      ")",
      "=",
      ",",
      ";",
      "[",
      "]",
      '"a"',
      "name",
      "methods",
      "foo",
      "in",
      "double",
      "void",
      "--",
      "[[",
      "'",
      "\n",
      "\\",
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(word).map((words) => words.join(" ")),
        ),
        (text) => {
          try {
            parseInterface(text);
          } catch (error) {
            if (!(error instanceof InterfaceError)) throw error;
            expect(error.line).to.be.greaterThan(0);
            expect(error.column).to.be.greaterThan(0);
          }
        },
      ),
      { numRuns: 2000 },
    );
  });

  it("reads back what reflection sends", () => {
    const declared =
      parseInterface(`interface { name = "a\\"b", methods = { ["não é"] = { resulttype = "char",
      args = {{direction = "inout", type = "string", name = "x"}, {direction = "out", type = "double"}} } } }`);
    expect(parseInterface(interfaceText(declared))).to.deep.equal(declared);
  });
});
