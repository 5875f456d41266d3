// SPDX-License-Identifier: MIT

import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { expect } from "chai";
import { openConnection } from "../../client/connection.ts";
import { resolveFamily } from "../../client/family.ts";
import { connect } from "../../client/lunatik.ts";
import { HEADROOM } from "../../client/message.ts";
import { findDescriptor, NETLINK_EXT_ACK, setOptions } from "../../client/socket_options.ts";
import { netlinkTransport } from "../../client/transport_netlink.ts";
import { rejection } from "../rejection.ts";

/** Against the running kernel's own family nlctrl; no module is needed. */
describe("the netlink transport", () => {
  const warnings: string[] = [];
  const opener = netlinkTransport((text) => warnings.push(text));

  before(function () {
    if (!existsSync("/proc/self/net/netlink")) {
      process.stderr.write("skipped: this machine has no netlink\n");
      this.skip();
    }
  });

  it("sets every option that root may set", async function () {
    if (process.getuid?.() !== 0) this.skip();
    const connection = await openConnection(opener, 64);
    expect(warnings).to.deep.equal([]);
    connection.close();
  });

  it("resolves a family of the kernel", async () => {
    const connection = await openConnection(opener, 64);
    const family = await resolveFamily(connection, "nlctrl", 3000);
    expect(family).to.include({ id: 16, name: "nlctrl" });
    expect([...family.groups.keys()]).to.deep.equal(["notify"]);
    connection.close();
  });

  it("says that a family is not there", async () => {
    const connection = await openConnection(opener, 64);
    const error = await rejection(resolveFamily(connection, "no such family", 3000));
    expect(error).to.include({ code: "ERR_NO_MODULE", errnoName: "ENOENT" });
    connection.close();
  });

  it("gets the kernel's text with a refusal", async () => {
    const connection = await openConnection(opener, 64);
    // CTRL_ATTR_FAMILY_NAME is a string of 15 bytes at most.
    const name = await rejection(resolveFamily(connection, "a name that is far too long", 3000));
    expect(name.code).to.equal("ERR_INVALID");
    expect(name.message).to.match(/attribute/i);
    expect(name.attribute).to.equal("attribute 2");
    connection.close();
  });

  it("dumps, and has many requests in flight", async () => {
    const connection = await openConnection(opener, 64);
    const dump = { operation: "t", kind: "dump", type: 16, command: 3, version: 2, timeout: 3000 } as const;
    const { replies } = await connection.request({ ...dump, body: Buffer.alloc(HEADROOM) });
    expect(replies.length).to.be.greaterThan(1);
    const families = await Promise.all(
      Array.from({ length: 500 }, () => resolveFamily(connection, "nlctrl", 5000)),
    );
    expect(families).to.have.length(500);
    connection.close();
  });

  it("receives nothing from others than the kernel, and survives being closed in an answer", async () => {
    for (let round = 0; round < 20; round++) {
      const connection = await openConnection(opener, 4);
      const answers = Array.from({ length: 10 }, () =>
        resolveFamily(connection, "nlctrl", 3000).then(
          () => connection.close(),
          () => undefined,
        ),
      );
      await Promise.all(answers);
    }
  });

  it("connects, and tells when the module is not loaded", async function () {
    const absent = await rejection(
      connect({ backend: "kernel", onWarning: () => undefined }).then((lunatik) => {
        lunatik.close();
        this.skip();
      }),
    );
    expect(absent.code).to.equal("ERR_NO_MODULE");
  });

  it("takes the embedded server with auto where the module is not", async function () {
    const error = await rejection(
      connect({ backend: "auto", socket: "/nonexistent/socket" }).then((lunatik) => {
        lunatik.close();
        this.skip();
      }),
    );
    expect(error).to.include({ code: "ERR_CONNECT" });
    expect(error.message).to.contain("/nonexistent/socket");
  });

  it("finds the descriptor of a socket, and tells what it cannot set", () => {
    expect(() => findDescriptor(1)).to.throw(/does not list port 1/);
    expect(setOptions(1, [[NETLINK_EXT_ACK, 1]])).to.have.nested.property("[0].option", undefined);
    const { RawNetlinkSocket } = createRequire(import.meta.url)("netlink/dist/raw.js") as {
      RawNetlinkSocket: new (protocol: number) => { address(): { port: number }; close(): void };
    };
    const socket = new RawNetlinkSocket(16);
    const { port } = socket.address();
    expect(findDescriptor(port)).to.be.greaterThan(2);
    const option = { name: "NONSENSE", level: 270, option: 9999 };
    expect(setOptions(port, [[option, 1]])).to.deep.equal([
      { option, errno: 92, text: "setsockopt NONSENSE failed with errno 92" },
    ]);
    socket.close();
  });

  describe("in a process of its own", () => {
    /** Runs a program in which `open()` opens a connection and tells its warnings, and `resolve()` asks nlctrl. */
    function run(program: string, options: { rights?: boolean } = {}): string {
      const text = `
        const { openConnection } = await import("./client/connection.ts");
        const { netlinkTransport } = await import("./client/transport_netlink.ts");
        const { resolveFamily } = await import("./client/family.ts");
        const open = () => openConnection(netlinkTransport((warning) => console.log("warning:", warning)), 64);
        ${program}`;
      const command = [process.execPath, "--import", "tsx", "--input-type=module", "--eval", text];
      // Root without a capability rather than somebody else, who may not be able to read the checkout.
      if (options.rights === false) command.unshift("setpriv", "--bounding-set=-all", "--inh-caps=-all");
      return execFileSync(command[0] ?? "", command.slice(1), { encoding: "utf8" });
    }

    it("works without the native add-on for options, with two requests in flight, and says so", function () {
      this.timeout(60_000);
      const output = run(`
        import Module from "node:module";
        const load = Module._load;
        Module._load = (name, ...rest) => {
          if (name === "ffi-napi") throw new Error("no add-on");
          return load(name, ...rest);
        };
        const connection = await open();
        const answers = Array.from({ length: 200 }, () => resolveFamily(connection, "nlctrl", 20000));
        console.log("in flight:", connection.load.inFlight);
        console.log("answers:", (await Promise.all(answers)).length);
        await connection.join(1).catch((error) => console.log(error.code));
        connection.close();`);
      expect(output.trim().split("\n")).to.deep.equal([
        "warning: socket options cannot be set: no add-on",
        "in flight: 2",
        "answers: 200",
        "ERR_CONNECT",
      ]);
    });

    it("works for a user without rights, who is not bothered with the buffers", function () {
      if (process.getuid?.() !== 0) this.skip();
      this.timeout(60_000);
      const output = run(
        `const connection = await open();
        console.log((await resolveFamily(connection, "nlctrl", 20000)).id, connection.load.inFlight);
        connection.close();`,
        { rights: false },
      );
      expect(output.trim()).to.equal("16 0");
    });

    it("ends by itself when nothing is underway", function () {
      this.timeout(60_000);
      expect(run("await resolveFamily(await open(), 'nlctrl', 20000); console.log('done');").trim()).to.equal(
        "done",
      );
    });
  });
});
