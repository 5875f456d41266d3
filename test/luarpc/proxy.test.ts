// SPDX-License-Identifier: MIT

import { expect } from "chai";
import { LuarpcError } from "../../luarpc/error.ts";
import { parseInterface } from "../../luarpc/interface_parser.ts";
import * as luarpc from "../../luarpc/luarpc.ts";
import { callMethod, closeProxy, drainProxy, health, loadOf, withOptions } from "../../luarpc/proxy.ts";
import {
  afterwards,
  cannedServer,
  declared,
  MINHA_INT,
  makeObject,
  proxyOf,
  serve,
  sleep,
} from "./support.ts";

/** The error that a promise rejects with. */
async function failureOf(promise: Promise<unknown> | undefined): Promise<LuarpcError> {
  let value: unknown;
  try {
    value = await promise;
  } catch (error) {
    if (error instanceof LuarpcError) return error;
    throw error;
  }
  throw new Error(`it succeeded: ${JSON.stringify(value)}`);
}

interface MinhaInt {
  foo(a?: number | string, b?: number | string, ...surplus: unknown[]): Promise<[number, string]>;
  boo(a?: number): Promise<[number]>;
}

describe("the assignment's functions", () => {
  it("run its example", async () => {
    const myobj1 = { foo: (a: number, b: number) => [a + b, "alo alo"], boo: (n: number) => n };
    const myobj2 = { foo: (a: number, b: number) => [a - b, "tchau"], boo: () => 1 };
    const s1 = await luarpc.createServant(myobj1, MINHA_INT, { port: 0 });
    const s2 = await luarpc.createServant(myobj2, MINHA_INT);
    const stop = new AbortController();
    const served = luarpc.waitIncoming({ signal: stop.signal });
    const p1 = await luarpc.createProxy<MinhaInt>(s1.ip, s1.port, MINHA_INT);
    const p2 = await luarpc.createproxy<MinhaInt>(s2.ip, String(s2.port), MINHA_INT);
    expect(await p1.foo(3, 5)).to.deep.equal([8, "alo alo"]);
    expect(await p2.foo(3, 5)).to.deep.equal([-2, "tchau"]);
    const [t] = await p2.boo(10);
    expect(t).to.equal(1);
    const late = await luarpc.createServant(myobj1, MINHA_INT);
    const p3 = await luarpc.createProxy<MinhaInt>(late.ip, late.port, MINHA_INT);
    expect(await p3.boo(7)).to.deep.equal([7]);
    stop.abort();
    await served;
    await luarpc.waitIncoming();
  });

  it("reject what is no interface, and a file that is not there", async () => {
    let failure: unknown;
    await luarpc.createProxy("127.0.0.1", 1, "/nowhere/at/all.lua").catch((error: unknown) => {
      failure = error;
    });
    expect(failure).to.have.property("code", "ENOENT");
    await luarpc.createServant({}, import.meta.filename).catch((error: unknown) => {
      failure = error;
    });
    expect(failure).to.have.property("code", "ERR_INTERFACE");
  });

  it("reject what is no object, no address and no port", async () => {
    const { createProxy, createServant } = luarpc as unknown as Record<
      "createProxy" | "createServant",
      (...values: readonly unknown[]) => Promise<unknown>
    >;
    for (const [calling, text] of [
      [() => createServant(undefined, MINHA_INT), "not of nil"],
      [() => createServant("foo", MINHA_INT), 'not of "foo"'],
      [() => createProxy(undefined, 1, MINHA_INT), "nil is no address"],
      [() => createProxy("127.0.0.1", "x", MINHA_INT), "'x' is no port"],
      [() => createProxy("127.0.0.1", 1), "an interface is the path of its file"],
    ] as const) {
      const failure: unknown = await calling().catch((error: unknown) => error);
      expect(failure).to.be.instanceOf(Error);
      expect((failure as Error).message).to.include(text);
    }
  });

  it("tell the interface to a client that asks, where the servant allows it", async () => {
    const open = await serve(makeObject(), { reflection: true });
    expect(await luarpc.reflect(open.ip, open.port)).to.deep.equal(declared);
    const shut = await serve();
    expect((await failureOf(luarpc.reflect(shut.ip, shut.port))).code).to.equal("ERR_REMOTE");
  });
});

describe("a proxy", () => {
  it("converts arguments, fills in missing ones and drops surplus ones", async () => {
    const seen: string[] = [];
    const { port } = await cannedServer((client) => {
      client.socket.on("data", (bytes) => {
        seen.push(String(bytes));
        client.write("8\nalo\n");
      });
    });
    const proxy = proxyOf(port);
    for (const values of [["3", " 0x5 "], [3n, 5], [3], [undefined, 5], [null, "5"], [], [3, 5, 7, "x"]])
      await proxy["foo"]?.(...values);
    expect(seen).to.deep.equal([
      "foo\n3\n5\n",
      "foo\n3\n5\n",
      "foo\n3\n0\n",
      "foo\n0\n5\n",
      "foo\n0\n5\n",
      "foo\n0\n0\n",
      "foo\n3\n5\n",
    ]);
    seen.length = 0;
    const text = proxyOf(
      port,
      {},
      parseInterface("interface t { double foo (in string s, in char c, in double d, out string o); }"),
    );
    for (const values of [[5, 7, 1], [], [Buffer.from([0xe9, 0]), "ABC".slice(1, 2), "-inf"]])
      await text["foo"]?.(...values);
    expect(seen).to.deep.equal(["foo\n5\n7\n1\n", "foo\n\n \n0\n", "foo\n\xe9\0\nB\n-inf\n"]);
  });

  it("refuses arguments that do not convert, and sends nothing", async () => {
    const canned = await cannedServer(() => undefined);
    const proxy = proxyOf(canned.port);
    for (const [method, values, message] of [
      ["foo", ["abc", 5], 'foo: argument 1 (a) must be a double, not "abc"'],
      ["foo", [3, {}], "foo: argument 2 (b) must be a double, not a value of type object"],
      ["foo", [3, true], "foo: argument 2 (b) must be a double, not true"],
      ["foo", [3, ""], 'foo: argument 2 (b) must be a double, not ""'],
      ["one", ["ab"], 'one: argument 1 (c) must be a char (exactly one byte), not "ab"'],
      ["one", [""], 'one: argument 1 (c) must be a char (exactly one byte), not ""'],
      ["one", ["é"], 'one: argument 1 (c) must be a char (exactly one byte), not "é"'],
      ["echo", [[]], "echo: argument 1 (s) must be a string, not an array"],
    ] as const) {
      const failure = await failureOf(proxy[method]?.(...values));
      expect(failure).to.include({ code: "ERR_TYPE", kind: "type", message, sent: false });
    }
    expect(canned.connections()).to.equal(0);
  });

  it("refuses an argument over the limit, and sends nothing", async () => {
    const canned = await cannedServer(() => undefined);
    const failure = await failureOf(proxyOf(canned.port)["echo"]?.("x".repeat(1024 * 1024 + 1)));
    expect(failure).to.include({ code: "ERR_LIMIT", sent: false });
    expect(canned.connections()).to.equal(0);
  });

  it("rejects a method outside the interface, and goes on", async () => {
    const { port } = await serve();
    const proxy = proxyOf(port);
    expect(await failureOf(proxy["nada"]?.())).to.include({
      code: "ERR_METHOD",
      message: "no method 'nada' in the interface t",
    });
    expect(await proxy["foo"]?.(3, 5)).to.deep.equal([8, "alo alo"]);
  });

  it("rejects a method that the servant does not know, and goes on", async () => {
    const { port } = await serve();
    const proxy = proxyOf(
      port,
      {},
      parseInterface(
        "interface t { void nada (in double a, in string b); double foo (in double a, in double b, out string s); }",
      ),
    );
    for (let round = 0; round < 3; round += 1) {
      expect(await failureOf(proxy["nada"]?.(1, "x\ny"))).to.include({
        code: "ERR_REMOTE",
        message: "no method 'nada' in the interface t",
      });
      expect(await proxy["foo"]?.(3, 5)).to.deep.equal([8, "alo alo"]);
    }
  });

  it("goes on after an error of the method", async () => {
    const { port } = await serve();
    const proxy = proxyOf(port);
    expect(await failureOf(proxy["fail"]?.("two\nlines"))).to.include({
      code: "ERR_REMOTE",
      message: "two\nlines",
    });
    expect(await proxy["foo"]?.(3, 5)).to.deep.equal([8, "alo alo"]);
  });

  it("never takes surplus lines for the next reply", async () => {
    const { port, connections } = await cannedServer((client) => {
      client.socket.on("data", () => {
        client.write("8\nalo\n99\nwrong\n");
      });
    });
    const proxy = proxyOf(port);
    for (let call = 0; call < 5; call += 1) expect(await proxy["foo"]?.(3, 5)).to.deep.equal([8, "alo"]);
    expect(connections()).to.equal(5);
  });

  it("never takes late lines for the next reply", async () => {
    const { port } = await cannedServer((client, index) => {
      client.socket.on("data", () => {
        if (index > 1) {
          client.write("8\nright\n");
          return;
        }
        client.write("8\nalo\n");
        setTimeout(() => {
          client.write("99\nwrong\n");
        }, 2);
      });
    });
    const proxy = proxyOf(port);
    expect(await proxy["foo"]?.(3, 5)).to.deep.equal([8, "alo"]);
    expect(await proxy["foo"]?.(3, 5)).to.deep.equal([8, "right"]);
  });

  it("takes no late reply for the next call's after a time-out", async () => {
    const { port } = await serve();
    const proxy = proxyOf(port);
    expect(await failureOf(callMethod(proxy, "slow", [150], { timeout: 50 }))).to.include({
      code: "ERR_TIMEOUT",
      sent: true,
    });
    expect(await proxy["foo"]?.(3, 5)).to.deep.equal([8, "alo alo"]);
    await sleep(150);
    expect(await proxy["foo"]?.(4, 5)).to.deep.equal([9, "alo alo"]);
  });

  it("opens another connection, silently, when a kept one was closed", async () => {
    const first = await serve();
    const proxy = proxyOf(first.port);
    expect(await proxy["foo"]?.(3, 5)).to.deep.equal([8, "alo alo"]);
    await sleep(20);
    await first.close();
    await serve(makeObject(), { port: first.port });
    await sleep(20);
    expect(await proxy["foo"]?.(4, 5)).to.deep.equal([9, "alo alo"]);
  });

  it("serves call after call at a server that closes after each", async () => {
    const { port } = await serve(makeObject(), { closeAfterCall: true });
    const proxy = proxyOf(port);
    for (let call = 0; call < 30; call += 1)
      expect(await proxy["foo"]?.(call, 1)).to.deep.equal([call + 1, "alo alo"]);
    const canned = await cannedServer((client) => {
      client.socket.on("data", () => {
        client.socket.end("1\nx\n");
      });
    });
    const other = proxyOf(canned.port);
    for (let call = 0; call < 30; call += 1) expect(await other["foo"]?.(1, 1)).to.deep.equal([1, "x"]);
  });

  for (const pipeline of [1, 8])
    it(`loses one call at a server that takes its time to close after each, pipeline ${pipeline}`, async () => {
      const { port } = await cannedServer((client) => {
        client.socket.once("data", () => {
          client.write("8\nalo\n");
          // Late: when the next request has come, which it does not answer.
          client.socket.once("data", () => client.socket.resetAndDestroy());
        });
      });
      const proxy = proxyOf(port, { pipeline });
      const outcomes: string[] = [];
      for (let call = 0; call < 6; call += 1)
        outcomes.push(
          await callMethod(proxy, "foo", [3, 5]).then(
            (values) => values.join(" "),
            (error: LuarpcError) => error.code,
          ),
        );
      expect(outcomes).to.deep.equal(["8 alo", "ERR_CONNECT", ...Array<string>(4).fill("8 alo")]);
    });

  it("is at most once: a call whose connection is lost is not repeated", async () => {
    let requests = 0;
    const { port } = await cannedServer((client) => {
      client.socket.on("data", () => {
        requests += 1;
        client.socket.resetAndDestroy();
      });
    });
    const failure = await failureOf(callMethod(proxyOf(port), "foo", [3, 5], { attempts: 5 }));
    expect(failure).to.include({ code: "ERR_CONNECT", sent: true });
    expect(requests).to.equal(1);
  });

  it("repeats a call that its caller says is safe to repeat", async () => {
    let requests = 0;
    const { port } = await cannedServer((client) => {
      client.socket.on("data", () => {
        requests += 1;
        if (requests < 3) client.socket.resetAndDestroy();
        else client.write("8\nalo\n");
      });
    });
    const proxy = proxyOf(port, { attempts: 5, idempotent: true, retryDelay: 5 });
    expect(await proxy["foo"]?.(3, 5)).to.deep.equal([8, "alo"]);
    expect(requests).to.equal(3);
  });

  it("repeats what could not even be sent, when told so", async () => {
    const gone = await serve();
    await gone.close();
    const proxy = proxyOf(gone.port, { attempts: 6, retryDelay: 10 });
    const calling = proxy["foo"]?.(3, 5);
    await sleep(30);
    await serve(makeObject(), { port: gone.port });
    expect(await calling).to.deep.equal([8, "alo alo"]);
    expect(await failureOf(proxyOf(1)["foo"]?.(3, 5))).to.include({
      code: "ERR_CONNECT",
      kind: "connect",
      sent: false,
    });
  });

  it("says when the server closes in the middle of a reply", async () => {
    const { port } = await cannedServer((client) => {
      client.socket.on("data", () => {
        client.socket.end("8\n");
      });
    });
    expect(await failureOf(proxyOf(port)["foo"]?.(3, 5))).to.include({ code: "ERR_CONNECT", sent: true });
  });

  it("waits a moment for the text of an error, and no longer", async () => {
    const { port } = await cannedServer((client, index) => {
      client.socket.on("data", () => {
        client.write("___ERRORPC: \n");
        if (index === 2) setTimeout(() => client.write("the text\n"), 10);
      });
    });
    const proxy = proxyOf(port);
    expect((await failureOf(proxy["foo"]?.(3, 5))).message).to.equal("the servant gave no reason");
    expect((await failureOf(proxy["foo"]?.(3, 5))).message).to.equal("the text");
  });

  it("survives hostile servers, each call with one outcome", async () => {
    const answers = [
      "",
      "\n",
      "\0\0\0",
      "x".repeat(3_000_000),
      "nil\nnil\n",
      "8\n",
      "___ERRORPC",
      "HTTP/1.1 400 Bad Request\r\n\r\n",
      "8\nalo\n".repeat(10_000),
    ];
    for (const answer of answers)
      for (const how of ["end", "destroy", "keep"] as const) {
        const { port } = await cannedServer((client) => {
          client.socket.on("data", () => {
            client.write(answer);
            if (how === "end") client.socket.end();
            if (how === "destroy") client.socket.resetAndDestroy();
          });
        });
        const proxy = proxyOf(port, { timeout: 100 });
        const outcomes = await Promise.allSettled([proxy["foo"]?.(1, 2), proxy["foo"]?.(3, 4)]);
        for (const outcome of outcomes)
          if (outcome.status === "rejected") expect(outcome.reason).to.be.instanceOf(LuarpcError);
      }
  });

  it("stops waiting when its signal is raised, before, during and after", async () => {
    const { port } = await serve();
    const proxy = proxyOf(port);
    const early = AbortSignal.abort(new Error("never mind"));
    expect(await failureOf(withOptions(proxy, { signal: early })["slow"]?.(10))).to.include({
      code: "ERR_ABORTED",
      sent: false,
    });
    const controller = new AbortController();
    const calling = withOptions(proxy, { signal: controller.signal })["slow"]?.(500);
    setTimeout(() => {
      controller.abort();
    }, 30);
    expect(await failureOf(calling)).to.include({ code: "ERR_ABORTED", sent: true });
    const done = new AbortController();
    const quick = await withOptions(proxy, { signal: done.signal })["echo"]?.("x");
    done.abort();
    expect(quick).to.deep.equal(["x"]);
  });

  it("lets any number of calls share a signal, without a warning", async () => {
    const warnings: string[] = [];
    const listener = (warning: Error) => warnings.push(warning.message);
    process.on("warning", listener);
    afterwards(() => {
      process.off("warning", listener);
    });
    const { port } = await serve();
    const controller = new AbortController();
    const proxy = withOptions(proxyOf(port, { pipeline: 8 }), { signal: controller.signal });
    const calls = Array.from({ length: 40 }, (_, index) =>
      callMethod(proxy, index < 4 ? "foo" : "slow", [400]),
    );
    const first = await Promise.all(calls.slice(0, 4));
    expect(first[0]).to.deep.equal([400, "alo alo"]);
    const rest = Promise.all(calls.slice(4).map(failureOf));
    controller.abort();
    expect((await rest).map(({ code }) => code)).to.deep.equal(
      Array.from({ length: 36 }, () => "ERR_ABORTED"),
    );
    await sleep(5);
    expect(warnings).to.deep.equal([]);
  });

  it("counts the time in the queue, and a call that never left it was not sent", async () => {
    const { port } = await serve();
    const proxy = proxyOf(port);
    const first = proxy["slow"]?.(200);
    const second = failureOf(callMethod(proxy, "foo", [3, 5], { timeout: 50 }));
    expect(await second).to.include({ code: "ERR_TIMEOUT", sent: false });
    expect(await first).to.deep.equal([200]);
  });

  it("pipelines when told so, on one connection and in order", async () => {
    const servant = await serve();
    const proxy = proxyOf(servant.port, { pipeline: 64 });
    const calls = Array.from({ length: 500 }, (_, index) => callMethod(proxy, "foo", [index, 1]));
    expect(await Promise.all(calls)).to.deep.equal(
      Array.from({ length: 500 }, (_, index) => [index + 1, "alo alo"]),
    );
    expect(servant.connections).to.equal(1);
  });

  it("gives a pipelined call its own reply after one before it was given up", async () => {
    const { port } = await serve();
    const proxy = proxyOf(port, { pipeline: 64 });
    const slow = failureOf(callMethod(proxy, "slow", [100], { timeout: 30 }));
    const after = [callMethod(proxy, "foo", [1, 1]), callMethod(proxy, "foo", [2, 2])];
    expect(await slow).to.include({ code: "ERR_TIMEOUT" });
    expect(await Promise.all(after)).to.deep.equal([
      [2, "alo alo"],
      [4, "alo alo"],
    ]);
  });

  it("uses as many connections as it was told, and no more", async () => {
    const servants = await serve({ slow: async (ms: number) => sleep(ms).then(() => ms) });
    const proxy = proxyOf(servants.port, { connections: 3 });
    await Promise.all(Array.from({ length: 9 }, () => callMethod(proxy, "slow", [5])));
    expect(servants.connections).to.equal(3);
  });

  it("has one outcome for each call when it is closed", async () => {
    const started: number[] = [];
    const { port } = await serve({
      slow: (ms: number) => {
        started.push(ms);
        return new Promise(() => undefined);
      },
    });
    const proxy = proxyOf(port);
    const calls = [proxy["slow"]?.(300), proxy["foo"]?.(1, 2)];
    while (started.length === 0) await sleep(2);
    closeProxy(proxy);
    const outcomes = await Promise.all(calls.map(failureOf));
    expect(outcomes.map(({ code }) => code)).to.deep.equal(["ERR_CLOSED", "ERR_CLOSED"]);
    expect(await failureOf(proxy["foo"]?.(1, 2))).to.include({ code: "ERR_CLOSED" });
  });

  it("drains: finishes its calls and takes no more", async () => {
    const { port } = await serve();
    const proxy = proxyOf(port);
    const calls = Promise.all([proxy["slow"]?.(50), proxy["foo"]?.(1, 2)]);
    const drained = drainProxy(proxy);
    expect(await failureOf(proxy["foo"]?.(1, 2))).to.include({ code: "ERR_CLOSED" });
    await drained;
    expect(await calls).to.deep.equal([[50], [3, "alo alo"]]);
    expect(loadOf(proxy)).to.include({ waiting: 0, inFlight: 0 });
  });

  it("says whether the servant can be reached", async () => {
    const servant = await serve();
    const proxy = proxyOf(servant.port);
    expect(await health(proxy)).to.be.lessThan(1000);
    await servant.close();
    expect(await failureOf(health(proxy))).to.include({ code: "ERR_CONNECT" });
  });

  it("lets a method call a proxy", async () => {
    const inner = await serve();
    const proxy = proxyOf(inner.port);
    const outer = await serve({
      foo: async (a: number, b: number) => [...((await proxy["foo"]?.(a, b)) ?? [])],
    });
    expect(await proxyOf(outer.port)["foo"]?.(3, 5)).to.deep.equal([8, "alo alo"]);
  });

  it("keeps two servants of one interface, and two interfaces, apart", async () => {
    const [one, two] = await Promise.all([
      serve({ foo: (a: number, b: number) => [a + b, "one"] }),
      serve({ foo: (a: number, b: number) => [a - b, "two"] }),
    ]);
    const other = parseInterface("interface other { string foo (in string s); }");
    const three = await serve({ foo: (s: string) => `${s}!` }, {}, other);
    expect(
      await Promise.all([
        proxyOf(one.port)["foo"]?.(3, 5),
        proxyOf(two.port)["foo"]?.(3, 5),
        proxyOf(three.port, {}, other)["foo"]?.("hi"),
      ]),
    ).to.deep.equal([[8, "one"], [-2, "two"], ["hi!"]]);
  });
});

describe("methods with names that JavaScript would take for its own", () => {
  const names = [
    "then",
    "constructor",
    "__index",
    "__proto__",
    "toString",
    "toJSON",
    "catch",
    "hasOwnProperty",
  ];
  const of = parseInterface(
    `interface { methods = { ${names.map((name) => `["${name}"] = { resulttype = "string", args = {{direction = "in", type = "double"}} }`).join(", ")} } }`,
  );
  const object = Object.fromEntries(names.map((name) => [name, (n: number) => `${name} ${n}`]));
  Object.defineProperty(object, "__proto__", { value: (n: number) => `__proto__ ${n}`, enumerable: true });

  it("are methods like any other", async () => {
    const { port } = await serve(object, {}, of);
    const proxy = proxyOf(port, {}, of);
    for (const name of names) expect(await proxy[name]?.(7)).to.deep.equal([`${name} 7`]);
    expect(Object.keys(proxy)).to.deep.equal(names);
  });

  it("leave the proxy awaitable, with a method then or without", async () => {
    const { port } = await serve(object, {}, of);
    const proxy = proxyOf(port, {}, of);
    const awaited = await Promise.resolve(proxy);
    expect(awaited).to.equal(proxy);
    const again = await (async () => proxy)();
    expect(await again["then"]?.(1)).to.deep.equal(["then 1"]);
    const plain = proxyOf(port);
    expect((await Promise.resolve(plain)) === plain).to.equal(true);
    expect(plain["then"]).to.equal(undefined);
    expect(JSON.stringify(plain)).to.be.a("string");
  });

  it("work through createProxy too", async () => {
    const { port } = await serve(object, {}, of);
    const proxy = await luarpc.createProxy("127.0.0.1", port, of);
    afterwards(() => {
      closeProxy(proxy);
    });
    expect(await proxy["then"]?.(3)).to.deep.equal(["then 3"]);
  });
});
