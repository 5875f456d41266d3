// SPDX-License-Identifier: MIT

import { execFileSync } from "node:child_process";
import { expect } from "chai";
import { errors } from "../../client/protocol_gen.ts";

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
