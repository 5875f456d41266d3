// SPDX-License-Identifier: MIT

import { readFileSync } from "node:fs";
import { expect } from "chai";
import { parse } from "yaml";

interface Operation {
  readonly name: string;
  readonly flags?: readonly string[];
  readonly event?: unknown;
}

describe("the wire contract's rights", () => {
  const contract = parse(readFileSync("kmod/lunatik.yaml", "utf8")) as {
    readonly operations: { readonly list: readonly Operation[] };
  };

  it("ask for CAP_NET_ADMIN in every operation that can be requested", () => {
    const requests = contract.operations.list.filter(({ event }) => event === undefined);
    expect(requests).to.have.length.greaterThan(9);
    for (const { name, flags } of requests) expect(flags, name).to.include("admin-perm");
  });

  it("ask for it in the module's table of operations, and of who joins the events", () => {
    const family = readFileSync("kmod/netlink.c", "utf8");
    const commands = [...family.matchAll(/\.cmd = (\w+)/g)].map(([, command]) => command);
    const guarded = [...family.matchAll(/\.cmd = (\w+),\s+\.flags = GENL_ADMIN_PERM,/g)].map(
      ([, command]) => command,
    );
    expect(commands).to.have.length.greaterThan(9);
    expect(guarded).to.deep.equal(commands);
    expect(family).to.include("GENL_MCAST_CAP_NET_ADMIN");
  });
});
