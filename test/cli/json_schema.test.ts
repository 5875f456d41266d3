// SPDX-License-Identifier: MIT

import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { float, fromJs, integer, nil, string } from "../../client/lua_value.ts";
import { type EventMessage, EventType } from "../../client/protocol_gen.ts";
import { FakeModule, failed, results } from "./fake_module.ts";
import { type Outcome, run } from "./world.ts";

/* The examples of docs/json.md are the schema: what a command writes has the same fields, of the same types. */

const text = readFileSync(new URL("../../docs/json.md", import.meta.url), "utf8");

/** The JSON documents of the example of this name. */
function example(name: string): readonly unknown[] {
  const marker = `<!-- example: ${name} -->\n\`\`\`json\n`;
  const start = text.indexOf(marker);
  if (start < 0) throw new Error(`docs/json.md has no example ${name}`);
  const block = text.slice(start + marker.length, text.indexOf("```", start + marker.length));
  if (block.startsWith("{ ") && block.includes("}\n{")) {
    return block
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as unknown);
  }
  return [JSON.parse(block)];
}

const known: readonly string[] = [...text.matchAll(/<!-- example: (.*) -->/g)].map(([, name]) => name ?? "");
const compared = new Set<string>();

/** Fields and types, without values. */
function shape(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shape);
  if (value === null) return "null";
  if (typeof value !== "object") return typeof value;
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, shape(field)]));
}

function compare(name: string, outcome: Outcome): void {
  compared.add(name);
  const documents = outcome.stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as unknown);
  expect(documents.map(shape)).to.deep.equal(example(name).map(shape));
}

describe("docs/json.md", () => {
  let module: FakeModule;

  beforeEach(() => {
    module = new FakeModule();
    module.add("counter");
  });

  it("is right about a failed run", async () => {
    module.onRun = () =>
      failed("ERR_RUNTIME", "script.lua:3: x", {
        output: Buffer.from("x"),
        traceback: Buffer.from("stack traceback:"),
      });
    compare("error", await run(module, ["execute", "counter", "-e", "x", "--json"]));
  });

  it("is right about a state", async () => {
    module.add("full", {
      description: "counts",
      libraries: 3,
      busy: 1,
      run: 17n,
      failures: [
        { code: "ERR_RUNTIME", count: 2n },
        { code: "ERR_STEPS", count: 1n },
      ],
      lastError: { errno: 5, code: "ERR_RUNTIME", message: Buffer.from("boom"), time: 1n },
    });
    compare("show", await run(module, ["show", "full", "--json"]));
  });

  it("is right about create, which answers as show does", async () => {
    const created = await run(module, ["create", "new", "--json"]);
    const shown = await run(module, ["show", "new", "--json"]);
    expect(JSON.parse(created.stdout)).to.deep.equal(JSON.parse(shown.stdout));
  });

  it("is right about lists", async () => {
    compare("list", await run(new FakeModule(), ["list", "--json"]));
    compare("list --dmesg", await run(module, ["list", "--dmesg", "--json"]));
    const shown = await run(module, ["show", "counter", "--json"]);
    const listed = JSON.parse((await run(module, ["list", "--json"])).stdout) as {
      readonly states: readonly unknown[];
    };
    expect(listed.states).to.deep.equal([(JSON.parse(shown.stdout) as { readonly state: unknown }).state]);
  });

  it("is right about delete", async () => {
    module.add("box");
    compare("delete", await run(module, ["delete", "counter", "box", "--json"]));
    module.add("counter");
    compare("delete, failed", await run(module, ["delete", "counter", "box", "--json"]));
  });

  it("is right about results", async () => {
    module.onRun = () => ({
      ...results(float(8.5), integer(3), string("x"), nil, fromJs({ a: [1, 2] })),
      output: Buffer.from("text\n"),
      outputDropped: 100n,
    });
    compare("execute", await run(module, ["execute", "counter", "-e", "x", "--json"]));
    compare("execute", await run(module, ["call", "counter", "f", "--json"]));
  });

  it("is right about cancel", async () => {
    compare("cancel", await run(module, ["cancel", "counter", "--json"]));
  });

  it("is right about events", async () => {
    const base: Omit<EventMessage, "sequence" | "type"> = {
      state: "counter",
      stateId: 5n,
      time: 1n,
      run: undefined,
      errno: undefined,
      errorCode: undefined,
      message: undefined,
      output: undefined,
    };
    const failure = { run: 9n, errno: 5, errorCode: "ERR_RUNTIME", message: Buffer.from("boom") };
    const outcome = await run(module, ["monitor", "--json", "--count", "6"], {
      onListen: () => {
        setTimeout(() => {
          module.emit({ ...base, type: EventType.created });
          module.emit({ ...base, type: EventType.deleted });
          module.emit({ ...base, type: EventType.failed, ...failure });
          module.emit({ ...base, type: EventType.limit, ...failure });
          module.emit({ ...base, type: EventType.print, run: 9n, output: Buffer.from("hello\n") });
          module.eventSequence += 3n;
          module.emit({ ...base, type: EventType.created });
        }, 5);
      },
    });
    compare("monitor", outcome);
  });

  it("is right about the kernel log", async () => {
    const folder = await mkdtemp(join(tmpdir(), "kluactl-"));
    const file = join(folder, "kmsg");
    await writeFile(file, "6,1,2,-;other: x\n6,1234,12345678,-;lunatik: [counter] hello\n SUBSYSTEM=x\n");
    compare("dmesg", await run(module, ["dmesg", "--file", file, "--json"]));
    await rm(folder, { recursive: true });
  });

  it("is right about doctor", async () => {
    const outcome = await run(module, ["doctor", "--json"], {
      machine: {
        read: (path) =>
          Promise.resolve(path === "/proc/self/status" ? Buffer.from("CapEff:\t0\n") : undefined),
      },
    });
    const { checks, ...rest } = JSON.parse(outcome.stdout) as {
      readonly checks: readonly { readonly check: string }[];
    };
    const two = ["node", "capability"].map((name) => checks.find(({ check }) => check === name));
    compare("doctor", { ...outcome, stdout: JSON.stringify({ ...rest, checks: two }) });
  });

  it("is right about versions", async () => {
    compare("version", await run(module, ["version", "--json"]));
  });

  after("has no example that no test compares", () => {
    expect([...compared].toSorted()).to.deep.equal([...known].toSorted());
  });
});
