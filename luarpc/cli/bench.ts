// SPDX-License-Identifier: MIT

import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { encodeRequest } from "../client_protocol.ts";
import { makeMethod } from "../interface.ts";
import { loadInterface } from "../interface_parser.ts";
import { profiles } from "../profile.ts";
import { objectTarget, openServant } from "../servant.ts";
import { address, type Command, count, profileChoice, profileOption, UsageError } from "./command.ts";

/*
 * Calls per second and latencies. The load is written and read with bare sockets and counts lines, so that what is
 * measured is the servant. Without HOST:PORT it measures, in this process, an echo of the same bytes with node:net and
 * then a servant.
 */

export interface BenchReport {
  readonly target: string;
  /** Requests in flight. */
  readonly pipelined: number;
  readonly callsPerSecond: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
}

const foo = makeMethod("foo", "double", [
  { name: "a", direction: "in", type: "double" },
  { name: "b", direction: "in", type: "double" },
  { name: "s", direction: "out", type: "string" },
]);

export const bench: Command = {
  usage: "bench [HOST:PORT [INTERFACE METHOD [ARGUMENT …]]]",
  about:
    "Measures calls per second: of a servant somewhere (foo(3, 5) unless told otherwise), or of one made for it and of a bare echo.",
  options: {
    calls: { type: "string", value: "N", about: "calls of each measurement: 20000 unless given" },
    pipeline: { type: "string", value: "N", about: "requests in flight: 1 and then 64 unless given" },
    profile: profileChoice,
    json: { type: "boolean", about: "a JSON array" },
  },
  async run([where, file, method, ...rest], values, world) {
    const calls = count(values["calls"], 20_000, "calls");
    const depths = values["pipeline"] === undefined ? [1, 64] : [count(values["pipeline"], 1, "pipeline")];
    const profile = profiles[profileOption(values["profile"])];
    if (profile.shape === "table") throw new UsageError("the profile table cannot be measured");
    const declared = file === undefined ? undefined : (await loadInterface(file)).methods.get(method ?? "");
    if (file !== undefined && declared === undefined)
      throw new UsageError(`no method '${method ?? ""}' in ${file}`);
    const measured = declared ?? foo;
    const request = encodeRequest(measured, declared === undefined ? [3, 5] : rest, profile, 1 << 20);
    const heads = (profile.replyHead === undefined ? 0 : 1) + (profile.tail === undefined ? 0 : 1);
    const voids = measured.result === "void" && profile.voidResult !== undefined ? 1 : 0;
    const lines = Math.max(1, heads + voids + measured.outputs.length);

    const reports: BenchReport[] = [];
    const measure = async (target: string, to: { readonly host: string; readonly port: number }) => {
      for (const depth of depths)
        reports.push({ target, pipelined: depth, ...(await load(to, request, lines, calls, depth)) });
    };
    if (where === undefined) {
      const reply = "8\nalo alo\n";
      const echo = await listening(
        createServer((socket) => {
          answerRequests(socket, request, reply);
        }),
      );
      const { port } = echo.address() as AddressInfo;
      try {
        await measure("echo", { host: "127.0.0.1", port });
      } finally {
        echo.close();
      }
      const object = { foo: (a: number, b: number) => [a + b, "alo alo"] };
      const servant = await openServant(
        objectTarget(object),
        { name: "bench", methods: new Map([["foo", foo]]) },
        { profile: profile.name },
      );
      servant.serve();
      try {
        await measure("servant", { host: servant.ip, port: servant.port });
      } finally {
        await servant.close();
      }
    } else await measure(where, address(where));

    if (values["json"] === true) world.out(`${JSON.stringify(reports)}\n`);
    else
      for (const { target, pipelined, callsPerSecond, p50, p99 } of reports)
        world.out(
          `${target.padEnd(22)} ${String(pipelined).padStart(3)} in flight  ${Math.round(callsPerSecond).toString().padStart(8)} calls/s  p50 ${p50.toFixed(3)} ms  p99 ${p99.toFixed(3)} ms\n`,
        );
    return 0;
  },
};

async function listening(server: Server): Promise<Server> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return server;
}

/** What a bare server must do at least: find the requests' ends, and answer each. */
function answerRequests(socket: Socket, request: string, reply: string): void {
  socket.setNoDelay(true);
  let pending = 0;
  socket.on("data", (bytes: Buffer) => {
    pending += bytes.length;
    const complete = Math.floor(pending / request.length);
    pending -= complete * request.length;
    if (complete > 0) socket.write(reply.repeat(complete), "latin1");
  });
  socket.on("error", () => undefined);
}

/** Sends requests, `depth` in flight, and counts the lines that come back: `lines` a reply. Times are in milliseconds. */
export async function load(
  to: { readonly host: string; readonly port: number },
  request: string,
  lines: number,
  calls: number,
  depth: number,
): Promise<{ readonly callsPerSecond: number; readonly p50: number; readonly p99: number }> {
  const socket = connect({ host: to.host, port: to.port });
  socket.setNoDelay(true);
  await once(socket, "connect");
  const latencies = new Float64Array(calls);
  const sentAt = new Float64Array(calls);
  let sent = 0;
  let answered = 0;
  let seen = 0;
  const send = (number: number) => {
    const now = performance.now();
    for (let index = 0; index < number; index += 1) sentAt[sent + index] = now;
    sent += number;
    socket.write(request.repeat(number), "latin1");
  };
  const begun = performance.now();
  await new Promise<void>((resolve, reject) => {
    socket.on("data", (bytes: Buffer) => {
      const now = performance.now();
      if (answered === 0 && seen === 0 && bytes.includes("ERRORPC")) {
        reject(new Error(`the servant answered: ${bytes.toString("utf8").trim()}`));
        return;
      }
      for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) {
        seen += 1;
        if (seen % lines !== 0) continue;
        latencies[answered] = now - (sentAt[answered] ?? now);
        answered += 1;
      }
      if (answered >= calls) resolve();
      else {
        const room = Math.min(depth - (sent - answered), calls - sent);
        if (room > 0) send(room);
      }
    });
    socket.on("error", reject);
    socket.on("close", () => {
      reject(new Error("the servant closed the connection"));
    });
    send(Math.min(depth, calls));
  }).finally(() => {
    socket.destroy();
  });
  const seconds = (performance.now() - begun) / 1000;
  latencies.sort();
  const at = (share: number) => latencies[Math.min(calls - 1, Math.floor(calls * share))] ?? 0;
  return { callsPerSecond: calls / seconds, p50: at(0.5), p99: at(0.99) };
}
