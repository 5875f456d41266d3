// SPDX-License-Identifier: MIT

import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { expect } from "chai";
import { errors } from "../../client/protocol_gen.ts";

const uapi = join(import.meta.dirname, "../../kmod/uapi/lunatik.h");

describe("the uapi header", () => {
  it("is plain C that needs no other header", () => {
    const options = ["-std=c99", "-pedantic", "-Wall", "-Wextra", "-Werror", "-nostdinc", "-fsyntax-only"];
    execFileSync("gcc", [...options, "-x", "c", "-"], {
      input: `#include "${uapi}"\n#include "${uapi}"\nint x;\n`,
    });
  });
});

describe("errnos", () => {
  it("have the numbers of the system's headers", () => {
    const names = [...new Set(Object.values(errors).map(({ name }) => name))];
    const text = execFileSync("gcc", ["-E", "-P", "-x", "c", "-"], {
      input: `#include <errno.h>\n${names.map((name) => `"${name}" = ${name};\n`).join("")}`,
      encoding: "utf8",
    });
    const numbers = new Map(
      [...text.matchAll(/^"(E\w+)" = (\d+);$/gm)].map((match) => [match[1], Number(match[2])] as const),
    );
    expect(numbers.size).to.equal(names.length);
    for (const [code, { errno, name }] of Object.entries(errors)) {
      expect(errno, `${code}, ${name}`).to.equal(numbers.get(name));
    }
  });
});
