// SPDX-License-Identifier: MIT

import type { Socket } from "node:net";
import type * as JsonRpc from "vscode-jsonrpc/node";
import { connectControl } from "./control_path.ts";
import { MESSAGE_MAX } from "./control_protocol.ts";
import { ControlReader } from "./control_reader.ts";
import { fromFault } from "./daemon_error.ts";
import { aborted, LunatikError } from "./error.ts";

/*
 * A connection to a control socket, as its clients use it: requests with patience, and what the daemon tells unasked.
 *
 *   request() ──▶ lane: waiting ──▶ in flight (at most its width) ──▶ settled
 *                          │            │
 *                          │            ├─ result, error
 *                          └────────────┴─ time-out, abort ($/cancelRequest is sent), close, loss of the daemon
 *
 * A request is sent once. When the daemon goes away under it, nobody here knows what became of it, and the error says so.
 */

/** Requests of one kind: so many may be in flight at once, the others wait. */
export class Lane {
  readonly width: number;
  inFlight = 0;
  readonly waiting = new Set<() => void>();

  constructor(width: number) {
    this.width = width;
  }
}

export interface ControlCall {
  /** The name of the request. */
  readonly name: string;
  readonly parameters: object;
  /** The name of the operation, for errors. */
  readonly operation: string;
  readonly lane: Lane;
  /** Milliseconds to wait for the answer. Infinity waits for ever. */
  readonly timeout: number;
  readonly signal?: AbortSignal | undefined;
}

interface Pending {
  readonly call: ControlCall;
  readonly cancellation: JsonRpc.CancellationTokenSource;
  phase: "waiting" | "in flight" | "settled";
  timer: NodeJS.Timeout | undefined;
  readonly start: () => void;
  readonly onAbort: () => void;
  readonly reject: (error: Error) => void;
}

/** The longest message that is taken, in bytes: a list of more states than there may be. */
const ANSWER_MAX = 256 * 1024 * 1024;
/** setTimeout() takes no more. */
export const TIMER_MAX = 2 ** 31 - 1;

export class ControlConnection {
  /** The path of the control socket. */
  readonly path: string;
  readonly #socket: Socket;
  readonly #jsonRpc: typeof JsonRpc;
  readonly #connection: JsonRpc.MessageConnection;
  readonly #pending = new Set<Pending>();
  readonly #onLost = new Set<(reason: LunatikError) => void>();
  #holds = 0;
  #closedWith: LunatikError | undefined;

  private constructor(path: string, socket: Socket, jsonRpc: typeof JsonRpc) {
    this.path = path;
    this.#socket = socket;
    this.#jsonRpc = jsonRpc;
    this.#connection = this.#jsonRpc.createMessageConnection(
      new ControlReader(socket, ANSWER_MAX),
      new this.#jsonRpc.StreamMessageWriter(socket),
      undefined,
      // With a limit the library takes answers as they come; else the last ones may wait until the socket is closed.
      { maxParallelism: 1 },
    );
    this.#connection.onClose(() => this.#end(lost("")));
    this.#connection.onError(([error]) => this.#end(lost(error.message)));
    this.#connection.listen();
    this.#keepAlive();
  }

  /** Connects. Rejects as connectControl() does, and with ERR_CLOSED when the daemon goes away at once. */
  static async open(path: string): Promise<ControlConnection> {
    const socket = await connectControl(path);
    let reason = "";
    const failed = ({ message }: Error): void => {
      reason = message;
    };
    socket.on("error", failed);
    // Only when a daemon has answered: it takes longer to load than all of the client.
    const jsonRpc = await import("vscode-jsonrpc/node");
    socket.off("error", failed);
    if (socket.destroyed) throw lost(reason);
    return new ControlConnection(path, socket, jsonRpc);
  }

  get isClosed(): boolean {
    return this.#closedWith !== undefined;
  }

  /**
   * Makes a request and resolves with its result as JSON. Rejects with the error that the daemon answers, or with
   * ERR_TIMEOUT, ERR_ABORTED, ERR_TOO_LARGE, ERR_CLOSED.
   */
  request(call: ControlCall): Promise<unknown> {
    const { operation, signal, lane } = call;
    return new Promise((resolve, reject) => {
      const refusal =
        this.#closedWith ?? (signal?.aborted === true ? aborted(operation, signal?.reason) : tooLarge(call));
      if (refusal !== undefined) {
        reject(refusal);
        return;
      }
      const cancellation = new this.#jsonRpc.CancellationTokenSource();
      const pending: Pending = {
        call,
        cancellation,
        phase: "waiting",
        timer: undefined,
        start: () => {
          lane.waiting.delete(pending.start);
          lane.inFlight += 1;
          pending.phase = "in flight";
          this.#connection.sendRequest(call.name, call.parameters, cancellation.token).then(
            (result) => {
              if (this.#settle(pending)) resolve(result);
            },
            (error: unknown) => {
              if (this.#settle(pending)) reject(this.#failure(error, operation));
            },
          );
        },
        onAbort: () => this.#giveUp(pending, aborted(operation, signal?.reason)),
        reject,
      };
      this.#pending.add(pending);
      this.#keepAlive();
      signal?.addEventListener("abort", pending.onAbort, { once: true });
      if (call.timeout !== Number.POSITIVE_INFINITY)
        pending.timer = setTimeout(
          () => {
            const text = `no answer within ${call.timeout} ms`;
            this.#giveUp(pending, new LunatikError("ERR_TIMEOUT", text, { operation }));
          },
          Math.min(Math.max(call.timeout, 0), TIMER_MAX),
        );
      if (lane.inFlight < lane.width) pending.start();
      else lane.waiting.add(pending.start);
    });
  }

  /** Calls back for each notification of this name. */
  onNotification(name: string, handler: (parameters: unknown) => void): void {
    this.#connection.onNotification(name, handler);
  }

  /** Calls back once, when the connection ends otherwise than by close(). Returns how to stop that. */
  onLost(handler: (reason: LunatikError) => void): () => void {
    this.#onLost.add(handler);
    return () => {
      this.#onLost.delete(handler);
    };
  }

  /** Keeps the process alive without a request underway, for events. Returns how to stop that. */
  hold(): () => void {
    let isHeld = true;
    this.#holds += 1;
    this.#keepAlive();
    return () => {
      if (isHeld) this.#holds -= 1;
      isHeld = false;
      this.#keepAlive();
    };
  }

  /** Takes the daemon for lost, for a reason in a few words. */
  abandon(reason: string): void {
    this.#end(lost(reason));
  }

  /** Closes the connection; every request is rejected with ERR_CLOSED, and the daemon cancels its runs. May be called twice. */
  close(): void {
    this.#end(new LunatikError("ERR_CLOSED", "the connection was closed"), false);
  }

  #keepAlive(): void {
    if (this.#pending.size > 0 || this.#holds > 0) this.#socket.ref();
    else this.#socket.unref();
  }

  /** Takes a request out of the books. Returns whether it was in them. */
  #settle(pending: Pending): boolean {
    if (!this.#pending.delete(pending)) return false;
    const { call } = pending;
    clearTimeout(pending.timer);
    call.signal?.removeEventListener("abort", pending.onAbort);
    call.lane.waiting.delete(pending.start);
    if (pending.phase === "in flight") {
      call.lane.inFlight -= 1;
      const [next] = call.lane.waiting;
      if (this.#closedWith === undefined) next?.();
    }
    pending.phase = "settled";
    this.#keepAlive();
    return true;
  }

  #giveUp(pending: Pending, error: LunatikError): void {
    const wasSent = pending.phase === "in flight";
    if (!this.#settle(pending)) return;
    if (wasSent) pending.cancellation.cancel();
    pending.reject(error);
  }

  #failure(error: unknown, operation: string): Error {
    if (this.#closedWith !== undefined) return this.#closedWith;
    if (!(error instanceof this.#jsonRpc.ResponseError)) return lost(String(error));
    // What the protocol itself refuses has no fault: a request that an older daemon does not know.
    if (error.data === undefined)
      return new LunatikError("ERR_PROTOCOL", `the daemon does not understand: ${error.message}`, {
        operation,
        cause: error,
      });
    return fromFault(error.data, operation);
  }

  #end(reason: LunatikError, isLost = true): void {
    if (this.#closedWith !== undefined) return;
    this.#closedWith = reason;
    for (const pending of this.#pending) {
      const { phase, call } = pending;
      if (!this.#settle(pending)) continue;
      pending.reject(isLost && phase === "in flight" ? unknownOutcome(reason, call.operation) : reason);
    }
    this.#connection.dispose();
    this.#socket.destroy();
    if (isLost) for (const handler of this.#onLost) handler(reason);
    this.#onLost.clear();
  }
}

const LOST = "the connection to the daemon was lost";

function lost(detail: string): LunatikError {
  return new LunatikError("ERR_CLOSED", detail === "" ? LOST : `${LOST} (${detail})`);
}

/** The error of a request that was sent when the connection was lost. */
function unknownOutcome(reason: LunatikError, operation: string): LunatikError {
  const text = `${reason.message} before it answered: whether the request was carried out is not known`;
  return new LunatikError("ERR_CLOSED", text, { operation, cause: reason });
}

/** Room for what is in a message besides its parameters. */
const ENVELOPE = 1024;
/** The most bytes that a character of a string may take: an escape such as \u001f. */
const ESCAPED = 6;

function tooLarge({ parameters, operation }: ControlCall): LunatikError | undefined {
  const most = MESSAGE_MAX - ENVELOPE;
  // Adding up is cheaper than writing it all, and few are anywhere near the limit.
  const lengths = (Object.values(parameters) as readonly unknown[]).map((value) =>
    typeof value === "string" ? value.length * ESCAPED : typeof value === "object" ? most : ESCAPED,
  );
  if (lengths.reduce((sum, length) => sum + length, 0) < most) return undefined;
  const size = Buffer.byteLength(JSON.stringify(parameters));
  if (size <= most) return undefined;
  return new LunatikError("ERR_TOO_LARGE", `the request has ${size} bytes, over ${most}`, { operation });
}
