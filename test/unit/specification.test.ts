// SPDX-License-Identifier: MIT

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { readSpecification, SpecificationError } from "../../tools/generate/specification.ts";

const contract = readFileSync(join(import.meta.dirname, "../../kmod/lunatik.yaml"), "utf8");

/** The contract with one place changed; the place must be there. */
function changed(from: string, to: string): string {
  expect(contract).to.include(from);
  return contract.replace(from, () => to);
}

describe("specification", () => {
  it("numbers attributes from 1, flags by bit, and errors from 1", () => {
    const specification = readSpecification(contract);
    const state = specification.sets.find((set) => set.name === "state");
    expect(state?.attributes[0]).to.include({ name: "name", number: 1, type: "string" });
    const library = specification.enumerations.find((item) => item.name === "library");
    expect(library?.entries.map((entry) => entry.value)).to.deep.equal([1, 2, 4, 8, 16, 32, 64]);
    expect(specification.failures[0]).to.include({
      code: "ERR_INVALID",
      errno: "EINVAL",
      text: "the request is malformed",
    });
    expect(specification.failures[0]?.entry.value).to.equal(1);
  });

  const refused: readonly (readonly [string, string, string, RegExp])[] = [
    [
      "a key it does not know",
      "        type: u64\n        doc: Limit",
      "        type: u64\n        checks: {}\n        doc: Limit",
      /checks is not supported/,
    ],
    ["a type it does not know", "type: u32", "type: s32", /type s32 is not supported/],
    [
      "an attribute that is not in the set",
      "            - create-flags",
      "            - create-flag",
      /no "create-flag"/,
    ],
    ["a set that does not exist", "attribute-set: module", "attribute-set: modules", /no "modules"/],
    ["an enumeration that does not exist", "enum: event-type", "enum: event-kind", /no "event-kind"/],
    ["a nest of nothing", "nested-attributes: failure", "nested-attributes: failures", /no "failures"/],
    [
      "flags that are taken for an enumeration",
      "enum: library\n        enum-as-flags: true",
      "enum: library",
      /enum-as-flags/,
    ],
    ["a group that does not exist", "mcgrp: events", "mcgrp: event", /no group "event"/],
    ["an error without an errno", "doc: EBUSY. A run", "doc: A run", /must read "ERRNO\. Text\."/],
    ["another protocol", "protocol: genetlink-legacy", "protocol: netlink-raw", /genetlink-legacy/],
  ];
  for (const [what, from, to, message] of refused) {
    it(`refuses ${what}`, () => {
      expect(() => readSpecification(changed(from, to))).to.throw(SpecificationError, message);
    });
  }
});
