// SPDX-License-Identifier: MIT

import { expect } from "chai";
import type { Machine } from "../../client/kluactl/machine.ts";
import { FakeModule } from "./fake_module.ts";
import { document, type Outcome, run } from "./world.ts";

interface Check {
  readonly check: string;
  readonly status: string;
  readonly detail: string;
  readonly advice?: string;
}

/** A machine on which all is well. */
const files: Readonly<Record<string, string>> = {
  "/lib/modules/6.1.0-1-amd64/build/Makefile": "",
  "/lib/modules/6.1.0-1-amd64/modules.dep": "kernel/net/x.ko: \nupdates/lunatik.ko:\n",
  "/sys/module/lunatik": "",
  "/sys/module/lunatik/version": "0.9\n",
  "/sys/module/lunatik/taint": "OE\n",
  "/sys/kernel/security/lockdown": "[none] integrity confidentiality\n",
  "/sys/module/module/parameters/sig_enforce": "N\n",
  "/proc/self/status": "Name:\tnode\nCapEff:\t000001ffffffffff\n",
};
const links: Readonly<Record<string, string>> = {
  "/proc/self/ns/user": "user:[4026531837]",
  "/proc/self/ns/net": "net:[4026531840]",
  "/proc/1/ns/net": "net:[4026531840]",
};

function machine(
  changes: Readonly<Record<string, string | Buffer | undefined>>,
  more: Partial<Machine> = {},
): Partial<Machine> {
  const all = { ...files, ...links, ...changes };
  const read = (path: string): Promise<Buffer | undefined> => {
    // What is built in the checkout is named by its full path.
    const content = all[path] ?? all[path.endsWith("/lunatik.ko") ? "lunatik.ko" : ""];
    return Promise.resolve(content === undefined ? undefined : Buffer.from(content));
  };
  return {
    read,
    exists: async (path) => (await read(path)) !== undefined,
    link: (path) => Promise.resolve(all[path]?.toString()),
    ...more,
  };
}

async function checks(
  around: Partial<Machine>,
  module = new FakeModule(),
): Promise<ReadonlyMap<string, Check>> {
  const outcome: Outcome = await run(module, ["doctor", "--json"], { machine: around });
  const report = document(outcome) as { readonly ok: boolean; readonly checks: readonly Check[] };
  const bad = report.checks.some(({ status }) => status === "failed");
  expect(report.ok).to.equal(!bad);
  expect(outcome.exit).to.equal(bad ? 50 : 0);
  for (const { check, status, advice } of report.checks) {
    if (status === "failed" || status === "warning") expect(advice, `advice of ${check}`).to.be.a("string");
  }
  return new Map(report.checks.map((check) => [check.check, check]));
}

describe("kluactl doctor", () => {
  it("finds nothing to say where all is well", async () => {
    const found = await checks(machine({}));
    expect([...found.values()].map(({ status }) => status)).to.not.include.oneOf([
      "failed",
      "warning",
      "skipped",
    ]);
    const names = ["node", "npm netlink", "npm ffi-napi", "npm ref-napi", "kernel", "headers", "module file"];
    names.push("lockdown", "module", "capability", "namespaces", "family", "answer", "daemon");
    expect([...found.keys()]).to.deep.equal(names);
    expect(found.get("module")?.detail).to.equal("loaded, version 0.9, taints the kernel: OE");
    expect(found.get("answer")?.detail).to.match(/version 0\.9, Lua 5\.4\.8, 0 states/);
  });

  it("prints a line a check, and what to do below it", async () => {
    const { stdout, stderr, exit } = await run(new FakeModule(), ["doctor"], {
      machine: machine({ "/proc/self/status": "CapEff:\t0000000000000000\n" }),
    });
    expect({ stderr, exit }).to.deep.equal({ stderr: "", exit: 50 });
    expect(stdout).to.match(/^ok {7}node +v20\.0\.0$/m);
    expect(stdout).to.match(
      /^failed {3}capability +CAP_NET_ADMIN is missing\n +Every operation needs .* sudo/m,
    );
  });

  const cases: readonly (readonly [
    what: string,
    check: string,
    status: string,
    around: Partial<Machine>,
    said: RegExp,
  ])[] = [
    ["an old node", "node", "failed", machine({}, { nodeVersion: "v18.19.0" }), /v18\.19\.0 is too old/],
    [
      "a package that does not load",
      "npm netlink",
      "failed",
      machine(
        {},
        {
          loadPackage: (name) => {
            throw new Error(`no ${name}`);
          },
        },
      ),
      /no netlink/,
    ],
    [
      "missing headers",
      "headers",
      "warning",
      machine({ "/lib/modules/6.1.0-1-amd64/build/Makefile": undefined }),
      /none for this kernel/,
    ],
    [
      "a module that was never built",
      "module file",
      "failed",
      machine({ "/lib/modules/6.1.0-1-amd64/modules.dep": "", "/sys/module/lunatik": undefined }),
      /neither installed/,
    ],
    [
      "a module that was built for another kernel",
      "module file",
      "failed",
      machine({
        "/lib/modules/6.1.0-1-amd64/modules.dep": "",
        "/sys/module/lunatik": undefined,
        "lunatik.ko": "\0license=GPL\0vermagic=6.1.0-2-amd64 SMP preempt\0",
      }),
      /built for 6\.1\.0-2-amd64, this one is 6\.1\.0-1-amd64/,
    ],
    [
      "a module that is not loaded",
      "module",
      "warning",
      machine({ "/sys/module/lunatik": undefined }),
      /not loaded/,
    ],
    [
      "lockdown",
      "lockdown",
      "warning",
      machine({ "/sys/kernel/security/lockdown": "none [integrity]", "/sys/module/lunatik": undefined }),
      /integrity/,
    ],
    [
      "no capability",
      "capability",
      "failed",
      machine({ "/proc/self/status": "CapEff:\t0\n" }),
      /CAP_NET_ADMIN/,
    ],
    [
      "another user namespace",
      "namespaces",
      "failed",
      machine({ "/proc/self/ns/user": "user:[4026532001]" }),
      /not the initial user namespace/,
    ],
    [
      "another network namespace",
      "namespaces",
      "failed",
      machine({ "/proc/self/ns/net": "net:[4026532002]" }),
      /another network namespace/,
    ],
    [
      "namespaces that cannot be read",
      "namespaces",
      "skipped",
      machine({ "/proc/1/ns/net": undefined }),
      /cannot be read/,
    ],
  ];
  for (const [what, check, status, around, said] of cases) {
    it(`notices ${what}`, async () => {
      const found = (await checks(around)).get(check);
      expect(found).to.deep.include({ check, status });
      expect(found?.detail).to.match(said);
    });
  }

  it("takes a module that was built here for this kernel", async () => {
    const around = machine({
      "/lib/modules/6.1.0-1-amd64/modules.dep": "",
      "lunatik.ko": "\0vermagic=6.1.0-1-amd64 SMP\0",
    });
    expect((await checks(around)).get("module file")).to.deep.include({ status: "ok" });
  });

  it("does not mind what a loaded module no longer needs", async () => {
    const around = machine({
      "/lib/modules/6.1.0-1-amd64/modules.dep": "",
      "/sys/kernel/security/lockdown": "none [integrity]",
    });
    const found = await checks(around);
    expect(found.get("module file")?.status).to.equal("warning");
    expect(found.get("lockdown")?.status).to.equal("ok");
  });

  it("notices a family that is not there, and one of another version", async () => {
    const absent = new FakeModule();
    absent.kernel.loaded = false;
    const found = await checks(machine({}), absent);
    expect(found.get("family")).to.deep.include({ status: "failed" });
    expect(found.get("family")?.advice).to.match(/modprobe/);
    expect(found.get("answer")?.status).to.equal("skipped");
    const other = new FakeModule();
    other.kernel.familyVersion = 99;
    expect((await checks(machine({}), other)).get("family")?.detail).to.match(/version 99/);
  });

  it("notices a module that refuses to answer", async () => {
    const module = new FakeModule();
    module.kernel.handle = (request, socket) => {
      socket.refuse(request, 1);
    };
    const found = await checks(machine({}), module);
    expect(found.get("family")?.status).to.equal("ok");
    expect(found.get("answer")).to.deep.include({ status: "failed" });
  });

  it("checks what an embedded server needs instead", async () => {
    const outcome = await run(new FakeModule(), ["doctor", "--json", "--socket", "/run/absent.sock"], {
      machine: machine({}),
    });
    const report = document(outcome) as { readonly checks: readonly Check[] };
    expect(report.checks.map(({ check, status }) => `${check} ${status}`)).to.deep.equal([
      "node ok",
      "socket failed",
      "server ok",
      "answer ok",
      "daemon ok",
    ]);
  });
});
