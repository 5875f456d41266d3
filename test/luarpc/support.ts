// SPDX-License-Identifier: MIT

import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { resolve } from "node:path";
import type { Interface } from "../../luarpc/interface.ts";
import { parseInterface } from "../../luarpc/interface_parser.ts";
import { closeProxy, openProxy, type ProxyOptions, type UntypedProxy } from "../../luarpc/proxy.ts";
import { objectTarget, openServant, type Servant, type ServantOptions } from "../../luarpc/servant.ts";

/* Raw clients and canned servers, and servants and proxies that go away after each test. All on loopback. */

/** The assignment's interface. Tests run in the root of the checkout. */
export const MINHA_INT = resolve("demo/minhaInt.lua");

/** The assignment's interface, and what else the tests need. */
export const declared: Interface = parseInterface(`interface t {
  double foo (in double a, in double b, out string s);
  void boo (inout double n);
  string echo (in string s);
  char one (in char c);
  void nothing ();
  double slow (in double ms);
  void take (in string s);
  string mixed (out double x, in string s, inout char c);
  double fail (in string why);
}`);

/** The object behind it. */
export function makeObject(): Record<string, (...values: never[]) => unknown> & { calls: string[] } {
  const calls: string[] = [];
  const object = {
    calls,
    foo: (a: number, b: number) => [a + b, "alo alo"],
    boo: (n: number) => n,
    echo: (s: string) => s,
    one: (c: string) => c,
    nothing: () => undefined,
    slow: async (ms: number) => {
      await sleep(ms);
      return ms;
    },
    take: (s: string) => {
      calls.push(s);
    },
    mixed: (x: undefined, s: string, c: string) => [s, x === undefined ? 1 : 0, c],
    fail: (why: string) => {
      throw new Error(why);
    },
  };
  return object as unknown as Record<string, (...values: never[]) => unknown> & { calls: string[] };
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}

const cleanups: (() => Promise<void> | void)[] = [];

/** Something to undo after the present test. */
export function afterwards(cleanup: () => Promise<void> | void): void {
  cleanups.push(cleanup);
}

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

/** A servant that serves at once. */
export async function serve(
  object: object = makeObject(),
  options: ServantOptions = {},
  of: Interface = declared,
): Promise<Servant> {
  const servant = await openServant(objectTarget(object), of, options);
  servant.serve();
  afterwards(() => servant.close());
  return servant;
}

/** A proxy; `m()` calls a method by its name. */
export function proxyOf(port: number, options: ProxyOptions = {}, of: Interface = declared): UntypedProxy {
  const proxy = openProxy("127.0.0.1", port, of, { timeout: 20_000, ...options }) as UntypedProxy;
  afterwards(() => {
    closeProxy(proxy);
  });
  return proxy;
}

/** A client that writes and reads bytes as it is told. */
export class RawClient {
  readonly socket: Socket;
  received = "";
  hasEnded = false;
  isClosed = false;
  error: Error | undefined;

  constructor(socket: Socket) {
    this.socket = socket;
    socket.setNoDelay(true);
    socket.setEncoding("latin1");
    socket.on("data", (bytes) => {
      this.received += String(bytes);
    });
    socket.on("end", () => {
      this.hasEnded = true;
    });
    socket.on("error", (error) => {
      this.error = error;
    });
    socket.on("close", () => {
      this.isClosed = true;
    });
    afterwards(() => {
      socket.destroy();
    });
  }

  static async connect(port: number): Promise<RawClient> {
    const socket = connect({ host: "127.0.0.1", port, allowHalfOpen: true });
    const client = new RawClient(socket);
    await once(socket, "connect");
    return client;
  }

  write(bytes: string): void {
    this.socket.write(bytes, "latin1");
  }

  /** Waits until the condition holds, or fails after a while. */
  async until(condition: (client: RawClient) => boolean, what: string, ms = 20_000): Promise<void> {
    for (const deadline = Date.now() + ms; !condition(this); ) {
      if (Date.now() > deadline)
        throw new Error(
          `${what.slice(0, 200)} did not come; received ${JSON.stringify(this.received.slice(0, 200))}`,
        );
      await sleep(2);
    }
  }

  /** Waits for so many bytes of exactly this text, from what was received before on. */
  async expects(text: string): Promise<void> {
    await this.until((client) => client.received.length >= text.length, JSON.stringify(text));
    const got = this.received.slice(0, text.length);
    if (got !== text)
      throw new Error(`received ${JSON.stringify(this.received)}, not ${JSON.stringify(text)}`);
    this.received = this.received.slice(text.length);
  }

  /** Waits for one line. */
  async line(): Promise<string> {
    await this.until((client) => client.received.includes("\n"), "a line");
    const end = this.received.indexOf("\n");
    const line = this.received.slice(0, end);
    this.received = this.received.slice(end + 1);
    return line;
  }

  async ends(ms = 3000): Promise<void> {
    await this.until((client) => client.hasEnded || client.isClosed, "the end", ms);
  }
}

/** A server that does with each connection what it is told. */
export async function cannedServer(
  handle: (client: RawClient, index: number) => Promise<void> | void,
): Promise<{ readonly port: number; readonly connections: () => number; readonly server: Server }> {
  let count = 0;
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    count += 1;
    const client = new RawClient(socket);
    void (async () => {
      try {
        await handle(client, count);
      } catch {
        socket.destroy();
      }
    })();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  afterwards(() => {
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, connections: () => count, server };
}
