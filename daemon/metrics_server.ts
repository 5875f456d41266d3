// SPDX-License-Identifier: MIT

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Logger } from "pino";
import { formatAddress, type NetworkAddress } from "../client/kluactl/network_address.ts";
import type { Metrics } from "./metrics.ts";
import { portError } from "./port_error.ts";

/* Metrics over HTTP: GET /metrics, and nothing else. */

/** Prometheus and a person or two. */
const CONNECTIONS = 32;
/** Milliseconds for a request, and between two. */
const PATIENCE = 10_000;

export class MetricsServer {
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  /** Listens, on 127.0.0.1 unless the address has a host. Rejects with ERR_PORT. */
  static async open(address: NetworkAddress, metrics: Metrics, log: Logger): Promise<MetricsServer> {
    const { host = "127.0.0.1", port } = address;
    const server = createServer(
      { requestTimeout: PATIENCE, headersTimeout: PATIENCE, keepAliveTimeout: PATIENCE, maxHeaderSize: 8192 },
      (request, response) => {
        answer(request, response, metrics).catch((error: unknown) => {
          log.error({ err: error }, "metrics cannot be told");
          response.destroy();
        });
      },
    );
    server.maxConnections = CONNECTIONS;
    try {
      await new Promise<void>((resolve, reject) => {
        server.once("error", reject);
        server.listen({ host, port }, resolve);
      });
    } catch (error) {
      throw portError(error, host, port);
    }
    // Out of file descriptors, for example: whoever asked asks again.
    server.on("error", (error) => {
      log.error({ err: error }, "the metrics' port failed");
    });
    const { address: ip, port: bound } = server.address() as AddressInfo;
    log.info({ metrics: `http://${formatAddress(ip, bound)}/metrics` }, "metrics are told");
    return new MetricsServer(server);
  }

  /** Stops listening, and drops who is connected. */
  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}

async function answer(request: IncomingMessage, response: ServerResponse, metrics: Metrics): Promise<void> {
  // The request's body, if any, is of no interest.
  request.resume();
  const { pathname } = new URL(request.url ?? "", "http://kluad");
  if (pathname !== "/metrics") return say(response, 404, "metrics are at /metrics\n");
  if (request.method !== "GET" && request.method !== "HEAD") {
    response.setHeader("Allow", "GET, HEAD");
    return say(response, 405, "metrics can be read only\n");
  }
  const text = await metrics.text();
  say(response, 200, text, metrics.contentType);
}

/** Answers; node leaves the body of an answer to HEAD away. */
function say(
  response: ServerResponse,
  status: number,
  text: string,
  type = "text/plain; charset=utf-8",
): void {
  response.writeHead(status, { "Content-Type": type, "Content-Length": Buffer.byteLength(text) }).end(text);
}
