// SPDX-License-Identifier: MIT

import { expect } from "chai";
import { parseInterface } from "../../luarpc/interface_parser.ts";
import { afterwards, declared, makeObject, RawClient, serve, sleep } from "./support.ts";

const LOST = "___ERRORPC: no method 'nada' in the interface t\n";

/** An object whose one method does not return before it is released. */
function heldObject() {
  const started = event();
  const released = event();
  const slow = async (ms: number) => {
    started.happen();
    await released.happened;
    return ms;
  };
  return { object: { slow }, hasStarted: started.happened, release: released.happen };
}

/** Something that happens once. */
function event(): { readonly happened: Promise<void>; readonly happen: () => void } {
  let happen: () => void = () => undefined;
  const happened = new Promise<void>((resolve) => {
    happen = resolve;
  });
  return { happened, happen };
}

describe("a servant", () => {
  it("answers the assignment's example, byte for byte", async () => {
    const { port } = await serve();
    const client = await RawClient.connect(port);
    client.write("foo\n3\n5\n");
    await client.expects("8\nalo alo\n");
    client.write("boo\n10\n");
    await client.expects("10\n");
    client.write("nothing\n");
    await client.expects("\n");
  });

  it("passes one parameter per declared argument, undefined for out", async () => {
    const { port } = await serve();
    const client = await RawClient.connect(port);
    client.write("mixed\nhello\nc\n");
    await client.expects("hello\n1\nc\n");
  });

  it("answers what is delivered byte by byte", async () => {
    const { port } = await serve();
    const client = await RawClient.connect(port);
    for (const byte of "foo\r\n3.0\r\n 0x5 \r\n") {
      client.write(byte);
      await sleep(1);
    }
    await client.expects("8\nalo alo\n");
  });

  it("answers five requests in one write, in their order", async () => {
    const { port } = await serve();
    const client = await RawClient.connect(port);
    client.write("foo\n1\n1\nslow\n20\nfoo\n2\n2\nfoo\nabc\n1\nnothing\n");
    await client.expects("2\nalo alo\n20\n4\nalo alo\n");
    await client.expects('___ERRORPC: foo: argument 1 (a) must be a double, not "abc"\n\n');
  });

  it("answers a client that has shut its writing side, then closes", async () => {
    const { port } = await serve();
    const client = await RawClient.connect(port);
    client.socket.end("slow\n30\nfoo\n3\n5");
    await client.expects("30\n8\nalo alo\n");
    await client.ends();
    expect(client.error).to.equal(undefined);
  });

  it("says which argument is missing when the stream ends", async () => {
    const { port } = await serve();
    const client = await RawClient.connect(port);
    client.socket.end("foo\n3\n");
    await client.expects("___ERRORPC: foo: the request ends before its argument 2 (b)\n");
    await client.ends();
  });

  it("answers an unknown method with its arguments pending, and closes without a reset", async () => {
    const { port } = await serve();
    const client = await RawClient.connect(port);
    client.write(`nada\n${"argument\n".repeat(20_000)}`);
    await client.expects(LOST);
    await client.ends();
    client.write("more\n".repeat(1000));
    await sleep(50);
    expect(client.error).to.equal(undefined);
    client.socket.end();
    await client.until(({ isClosed }) => isClosed, "the close");
    expect(client.received).to.equal("");
  });

  it("closes on a client that goes on sending behind an unknown method", async () => {
    const { port } = await serve(makeObject(), {
      limits: { pending: 100_000, line: 50_000, linger: 10_000 },
    });
    const client = await RawClient.connect(port);
    client.write("nada\n");
    await client.expects(LOST);
    client.write("x".repeat(4_000_000));
    await client.until(({ isClosed }) => isClosed, "the close");
  });

  it("closes on a client that never shuts its side, after a while", async () => {
    const servant = await serve(makeObject(), { limits: { linger: 60 } });
    const client = await RawClient.connect(servant.port);
    client.write("nada\n");
    await client.expects(LOST);
    await client.ends();
    for (let waited = 0; servant.connections > 0 && waited < 100; waited += 1) await sleep(20);
    expect(servant.connections).to.equal(0);
  });

  it("drops surplus lines that cannot be a method's name", async () => {
    const { port } = await serve();
    const client = await RawClient.connect(port);
    client.write("foo\n3\n5\n7\nnil\n\n'x'\n-fim-\nfoo\n1\n2\n");
    await client.expects("8\nalo alo\n3\nalo alo\n");
    client.write("boo\n1\nsurplus\n");
    await client.expects("1\n___ERRORPC: no method 'surplus' in the interface t\n");
  });

  it("goes on after an error of its method", async () => {
    const { port } = await serve();
    const client = await RawClient.connect(port);
    client.write("fail\nbad\\:-)\\luck\nfoo\n3\n5\n");
    await client.expects("___ERRORPC: bad\\:-)\\luck\n8\nalo alo\n");
  });

  it("refuses arguments that are not of their type, and goes on", async () => {
    const { port } = await serve();
    const client = await RawClient.connect(port);
    client.write("one\nab\none\n\none\nx\nfoo\n1\n\n");
    await client.expects('___ERRORPC: one: argument 1 (c) must be a char (exactly one byte), not "ab"\n');
    await client.expects('___ERRORPC: one: argument 1 (c) must be a char (exactly one byte), not ""\nx\n');
    await client.expects('___ERRORPC: foo: argument 2 (b) must be a double, not ""\n');
  });

  it("keeps every byte of a string, a final CR too where lines end with LF", async () => {
    const { port } = await serve();
    const client = await RawClient.connect(port);
    const all = Array.from({ length: 256 }, (_, byte) => String.fromCharCode(byte))
      .join("")
      .replace("\n", "");
    for (const text of [
      all,
      "",
      "  padded ",
      "\\n",
      "nil",
      "___ERRORPC",
      "é",
      "\xe9",
      "a\0b",
      "x".repeat(100_000),
      "a\r",
    ]) {
      client.write(`take\n${text}\n`);
      await client.expects("\n");
      client.write(`echo\n${text}\n`);
      if (!text.startsWith("___")) await client.expects(`${text}\n`);
      else await client.expects("___ERRORPC: echo: the result would read as an error\n");
    }
  });

  it("does not send a value that would read as an error", async () => {
    const { port } = await serve();
    const client = await RawClient.connect(port);
    client.write("echo\n___ERRORPC: fooled\n");
    await client.expects("___ERRORPC: echo: the result would read as an error\n");
    client.write("mixed\n__ERRORPC: fooled\nc\n");
    await client.expects("___ERRORPC: mixed: the result would read as an error\n");
  });

  it("refuses a line over the limit", async () => {
    const { port } = await serve(makeObject(), { limits: { line: 1000 } });
    const client = await RawClient.connect(port);
    client.write(`echo\n${"x".repeat(1000)}\n`);
    await client.expects(`${"x".repeat(1000)}\n`);
    client.write(`echo\n${"x".repeat(1001)}\n`);
    await client.expects("___ERRORPC: a line is longer than 1000 bytes\n");
    await client.ends();
  });

  it("refuses a line without end before it is complete", async () => {
    const { port } = await serve(makeObject(), { limits: { line: 1000 } });
    const client = await RawClient.connect(port);
    client.write("x".repeat(5000));
    await client.expects("___ERRORPC: a line is longer than 1000 bytes\n");
  });

  it("slows a client down that sends faster than it is served", async () => {
    const { port } = await serve(makeObject(), { limits: { pending: 100_000, line: 10_000 } });
    const client = await RawClient.connect(port);
    client.write("slow\n300\n");
    for (let sent = 0; sent < 3000; sent += 1) client.write(`take\n${"x".repeat(5000)}\n`);
    await sleep(200);
    expect(client.socket.writableLength).to.be.greaterThan(1_000_000);
    await client.expects("300\n");
    await client.expects("\n".repeat(3000));
  });

  it("gives up a client that does not read its replies", async () => {
    const servant = await serve(makeObject(), {
      limits: { pending: 200_000, line: 100_000, readTimeout: 200 },
    });
    const client = await RawClient.connect(servant.port);
    client.socket.pause();
    for (let sent = 0; sent < 300; sent += 1) client.write(`echo\n${"x".repeat(90_000)}\n`);
    for (let waited = 0; servant.connections > 0 && waited < 200; waited += 1) await sleep(20);
    expect(servant.connections).to.equal(0);
  });

  it("ends a request that does not come to its end in time", async () => {
    const { port } = await serve(makeObject(), { limits: { readTimeout: 80 } });
    const stalled = await RawClient.connect(port);
    stalled.write("foo\n3\n5");
    const dripping = await RawClient.connect(port);
    const drip = setInterval(() => {
      dripping.write("x");
    }, 10);
    afterwards(() => {
      clearInterval(drip);
    });
    await stalled.expects("___ERRORPC: foo: the request did not come to its end in time\n");
    await dripping.expects("___ERRORPC: the request did not come to its end in time\n");
    await stalled.ends();
  });

  it("keeps an idle connection, unless told otherwise", async () => {
    const kept = await serve(makeObject(), { limits: { readTimeout: 40 } });
    const closing = await serve(makeObject(), { limits: { idleTimeout: 60 } });
    const keptClient = await RawClient.connect(kept.port);
    const closedClient = await RawClient.connect(closing.port);
    closedClient.write("foo\n3\n5\n");
    await closedClient.expects("8\nalo alo\n");
    await closedClient.ends();
    keptClient.write("foo\n3\n5\n");
    await keptClient.expects("8\nalo alo\n");
  });

  it("closes after each call when told so", async () => {
    const { port } = await serve(makeObject(), { closeAfterCall: true });
    const client = await RawClient.connect(port);
    client.write("foo\n3\n5\n");
    await client.expects("8\nalo alo\n");
    await client.ends();
  });

  it("lets no stalled, idle or vanished neighbour delay anybody", async () => {
    const { port } = await serve();
    const neighbours = await Promise.all(Array.from({ length: 60 }, () => RawClient.connect(port)));
    for (const [index, neighbour] of neighbours.entries()) {
      if (index % 4 === 0) neighbour.write("foo\n3");
      if (index % 4 === 1) neighbour.socket.resetAndDestroy();
      if (index % 4 === 2) neighbour.socket.end("fo");
    }
    const client = await RawClient.connect(port);
    const begun = performance.now();
    for (let call = 0; call < 50; call += 1) {
      client.write("foo\n3\n5\n");
      await client.expects("8\nalo alo\n");
    }
    expect(performance.now() - begun).to.be.lessThan(2000);
  });

  it("shares its time with a neighbour that pipelines without pause", async () => {
    const { port } = await serve(makeObject(), { limits: { pending: 8_000_000 } });
    const greedy = await RawClient.connect(port);
    greedy.write("nothing\n".repeat(500_000));
    const client = await RawClient.connect(port);
    client.write("foo\n3\n5\n");
    await client.expects("8\nalo alo\n");
    expect(greedy.received.length).to.be.lessThan(500_000);
  });

  it("makes room for a new client by closing the one that was idle for longest", async () => {
    const { object, hasStarted, release } = heldObject();
    const servant = await serve(object, { limits: { connections: 2 } });
    const until = async (connections: number) => {
      while (servant.connections !== connections) await sleep(2);
    };
    const busy = await RawClient.connect(servant.port);
    busy.write("slow\n1\n");
    await hasStarted;
    const idle = await RawClient.connect(servant.port);
    await until(2);
    const third = await RawClient.connect(servant.port);
    await idle.ends();
    // Half a request is none that is idle.
    third.write("slow\n2");
    idle.socket.end();
    await until(2);
    const fourth = await RawClient.connect(servant.port);
    await fourth.expects("___ERRORPC: too many connections\n");
    third.write("\n");
    release();
    await busy.expects("1\n");
    await third.expects("2\n");
  });

  it("never runs two calls inside one object, through whatever port they come", async () => {
    let inside = 0;
    let most = 0;
    const object = {
      slow: async (ms: number) => {
        inside += 1;
        most = Math.max(most, inside);
        await sleep(ms);
        inside -= 1;
        return ms;
      },
    };
    const [first, second] = await Promise.all([serve(object), serve(object)]);
    const clients = await Promise.all(
      [first.port, first.port, second.port].map((port) => RawClient.connect(port)),
    );
    for (const client of clients) client.write("slow\n10\nslow\n10\nslow\n10\n");
    for (const client of clients) await client.expects("10\n10\n10\n");
    expect(most).to.equal(1);
  });

  it("runs the objects of two servants at the same time", async () => {
    const { object, hasStarted, release } = heldObject();
    const [first, second] = await Promise.all([serve(object), serve(makeObject())]);
    const [a, b] = await Promise.all([RawClient.connect(first.port), RawClient.connect(second.port)]);
    a.write("slow\n400\n");
    await hasStarted;
    b.write("foo\n3\n5\n");
    await b.expects("8\nalo alo\n");
    expect(a.received).to.equal("");
    release();
    await a.expects("400\n");
  });

  it("serves each of its clients in turn", async () => {
    const order: string[] = [];
    const object = {
      take: async (s: string) => {
        await sleep(1);
        order.push(s);
      },
    };
    const { port } = await serve(object);
    const [a, b] = await Promise.all([RawClient.connect(port), RawClient.connect(port)]);
    a.write("take\na\n".repeat(20));
    b.write("take\nb\n".repeat(3));
    await b.expects("\n\n\n");
    expect(order.lastIndexOf("b")).to.be.lessThan(10);
    await a.expects("\n".repeat(20));
  });

  it("answers when its object lacks a method of the interface", async () => {
    const methods = ["constructor", "toString", "then", "__index", "gone"];
    const of = parseInterface(`interface t { ${methods.map((name) => `void ${name} ();`).join(" ")} }`);
    const { port } = await serve({}, {}, of);
    const client = await RawClient.connect(port);
    for (const method of methods) {
      client.write(`${method}\n`);
      await client.expects(`___ERRORPC: ${method}: the servant's object has no such method\n`);
    }
  });

  it("finds methods of classes and inherited ones, with the object as this", async () => {
    class Base {
      readonly text: string = "base";
      echo(): string {
        return this.text;
      }
    }
    class Derived extends Base {
      override readonly text = "derived";
    }
    const { port } = await serve(new Derived());
    const client = await RawClient.connect(port);
    client.write("echo\nx\n");
    await client.expects("derived\n");
  });

  for (const [what, returned, answer] of [
    ["too few results", [8], "___ERRORPC: foo: the servant gave no argument 3 (s)\n"],
    ["no result", undefined, "___ERRORPC: foo: the servant gave no result\n"],
    ["too many results", [8, "a", "b", 9], "8\na\n"],
    ["a result of the wrong type", ["abc", "a"], '___ERRORPC: foo: result must be a double, not "abc"\n'],
    ["an object", [8, {}], "___ERRORPC: foo: argument 3 (s) must be a string, not a value of type object\n"],
    ["a boolean", [true, "a"], "___ERRORPC: foo: result must be a double, not true\n"],
    ["results that convert", ["0x10", 5], "16\n5\n"],
    ["a promise", Promise.resolve([1, "later"]), "1\nlater\n"],
  ] as const)
    it(`copes with ${what}`, async () => {
      const { port } = await serve({ foo: () => returned });
      const client = await RawClient.connect(port);
      client.write("foo\n3\n5\n");
      await client.expects(answer);
    });

  it("survives whatever a method throws", async () => {
    const thrown = [new Error("plain"), "text", undefined, null, 5, {}, new TypeError("")];
    let index = 0;
    const object = {
      nothing: () => {
        const what = thrown[index];
        index += 1;
        throw what;
      },
      echo: () => Promise.reject(new Error("later")),
    };
    const { port } = await serve(object);
    const client = await RawClient.connect(port);
    for (const text of ["plain", "text", "undefined", "null", "5", "[object Object]", "TypeError"]) {
      client.write("nothing\n");
      await client.expects(`___ERRORPC: ${text}\n`);
    }
    client.write("echo\nx\n");
    await client.expects("___ERRORPC: later\n");
  });

  it("survives scans, resets, rubbish and half requests", async () => {
    const { port } = await serve();
    const rubbish = [
      "",
      "\n",
      "\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
      "\x16\x03\x01\x02\0\x01\0",
      "\0".repeat(1000),
      "foo",
      "foo\n",
      "é\n",
      "__proto__\n",
      "constructor\n",
      "toString\n",
    ];
    for (const bytes of rubbish)
      for (const how of ["end", "reset", "destroy"] as const) {
        const client = await RawClient.connect(port);
        client.write(bytes);
        if (how === "end") client.socket.end();
        else if (how === "reset") client.socket.resetAndDestroy();
        else client.socket.destroy();
      }
    const client = await RawClient.connect(port);
    client.write("foo\n3\n5\n");
    await client.expects("8\nalo alo\n");
  });

  it("answers a first line that is no method's name at all", async () => {
    const { port } = await serve();
    for (const [bytes, shown] of [
      ["\n", ""],
      ["GET / HTTP/1.1\r\n", "GET / HTTP/1.1"],
      ["__proto__\n", "__proto__"],
    ] as const) {
      const client = await RawClient.connect(port);
      client.write(bytes);
      await client.expects(`___ERRORPC: no method '${shown}' in the interface t\n`);
    }
  });

  it("tells a running call that its client was lost, and not that it has shut its side", async () => {
    const { objectTarget, openServant } = await import("../../luarpc/servant.ts");
    const { queue } = objectTarget({});
    const signals: AbortSignal[] = [];
    const releases: (() => void)[] = [];
    const target = {
      queue,
      call: (_: unknown, __: unknown, context: { readonly signal: AbortSignal }) => {
        signals.push(context.signal);
        return new Promise<number>((resolve) => {
          releases.push(() => {
            resolve(1);
          });
        });
      },
    };
    const begun = async (calls: number) => {
      while (signals.length < calls) await sleep(2);
    };
    const servant = await openServant(target, declared);
    servant.serve();
    afterwards(() => servant.close());
    const shut = await RawClient.connect(servant.port);
    shut.socket.end("slow\n1\n");
    await begun(1);
    // Long enough for its end to be seen.
    await sleep(30);
    expect(signals[0]?.aborted).to.equal(false);
    releases[0]?.();
    await shut.expects("1\n");
    const reset = await RawClient.connect(servant.port);
    reset.write("slow\n1\n");
    await begun(2);
    reset.socket.resetAndDestroy();
    while (signals[1]?.aborted === false) await sleep(2);
    releases[1]?.();
    // Together with its request, and long after it has shut its side.
    const hasty = await RawClient.connect(servant.port);
    hasty.write("slow\n1\n");
    await begun(3);
    releases[2]?.();
    await hasty.expects("1\n");
    hasty.write("slow\n1\n");
    hasty.socket.resetAndDestroy();
    await begun(4);
    while (signals[3]?.aborted === false) await sleep(2);
    releases[3]?.();
    const slow = await RawClient.connect(servant.port);
    slow.socket.end("slow\n1\n");
    await begun(5);
    await sleep(30);
    slow.socket.resetAndDestroy();
    while (signals[4]?.aborted === false) await sleep(2);
    releases[4]?.();
    // The calls of one connection have one signal.
    expect(signals.map(({ aborted }) => aborted)).to.deep.equal([false, true, true, true, true]);
  });

  it("lets clients wait that come before it serves", async () => {
    const { objectTarget, openServant } = await import("../../luarpc/servant.ts");
    const servant = await openServant(objectTarget(makeObject()), declared);
    afterwards(() => servant.close());
    const client = await RawClient.connect(servant.port);
    client.write("foo\n3\n5\n");
    await sleep(50);
    expect(client.received).to.equal("");
    servant.serve();
    await client.expects("8\nalo alo\n");
  });

  it("drains: what has come is answered, once, and then the port is free", async () => {
    const object = makeObject();
    const servant = await serve(object);
    const clients = await Promise.all(Array.from({ length: 5 }, () => RawClient.connect(servant.port)));
    for (const client of clients) client.write("slow\n5\ntake\nx\nslow\n5\n");
    await sleep(2);
    const idle = await RawClient.connect(servant.port);
    await servant.drain();
    for (const client of clients) await client.expects("5\n\n5\n");
    await idle.ends();
    expect(object.calls).to.have.length(5);
    const again = await serve(object, { port: servant.port });
    expect(again.port).to.equal(servant.port);
  });

  it("drains although a client never stops asking", async () => {
    const servant = await serve();
    const client = await RawClient.connect(servant.port);
    let asked = 0;
    const ask = (): void => {
      asked += 1;
      client.write("slow\n20\n");
    };
    ask();
    await sleep(10);
    const asking = setInterval(ask, 5);
    afterwards(() => {
      clearInterval(asking);
    });
    const drained = servant.drain();
    // It ends while the client still asks.
    await client.ends();
    clearInterval(asking);
    expect(client.received).to.match(/^(?:20\n)+$/);
    expect(client.received.length / "20\n".length).to.be.at.most(asked);
    client.socket.end();
    await drained;
  });

  it("takes only the addresses of its allow-list", async () => {
    const open = await serve(makeObject(), { allow: ["127.0.0.0/8", "::1"] });
    const shut = await serve(makeObject(), { allow: ["10.0.0.0/8"] });
    const client = await RawClient.connect(open.port);
    client.write("foo\n3\n5\n");
    await client.expects("8\nalo alo\n");
    const stranger = await RawClient.connect(shut.port);
    await stranger.ends();
    expect(stranger.received).to.equal("");
  });

  it("says no to options that make no sense", async () => {
    for (const options of [
      { limits: { line: 0 } },
      { profile: "fancy" as "plain" },
      { allow: ["example"] },
      ...["10.0.0.0/", "10.0.0.0/1e1", "10.0.0.0/0x8", "10.0.0.0/33", "10.0.0.0/8/24", "::1/129", "/8"].map(
        (network) => ({ allow: ["::1", network] }),
      ),
    ]) {
      let failure: unknown;
      await serve(makeObject(), options).catch((error: unknown) => {
        failure = error;
      });
      expect(failure).to.be.instanceOf(Error);
    }
    const { port } = await serve();
    let taken: unknown;
    await serve(makeObject(), { port }).catch((error: unknown) => {
      taken = error;
    });
    expect(taken).to.have.property("code", "EADDRINUSE");
  });
});
