// SPDX-License-Identifier: MIT

import { expect } from "chai";
import { LuarpcError } from "../../luarpc/error.ts";
import { parseInterface } from "../../luarpc/interface_parser.ts";
import { callMethod, loadOf } from "../../luarpc/proxy.ts";
import type { Weather } from "./chaos.ts";

/*
 * Calls that are counted on both sides: a servant counts how often it executed each, the client notes how each ended. A call
 * that was answered was executed exactly once, and one that was not, at most once.
 */

export const LEDGER = "interface ledger { string book (in double id, in string text, out double again); }";
export const ledgerInterface = parseInterface(LEDGER);

/** Every so many calls, the servant fails on purpose. */
export const UNLUCKY = 13;

export const storm: Weather = { delay: [0.2, 8], split: 0.5, drop: 0.03, reset: 0.03 };
export const drizzle: Weather = { delay: [0.5, 4], split: 0.9, drop: 0, reset: 0 };

/** How a call ended. */
export interface Result {
  readonly id: number;
  readonly error: LuarpcError | undefined;
}

/** Makes so many calls at once, and resolves when all have ended. Fails when one gets another one's reply. */
export async function book(proxy: object, calls: number): Promise<readonly Result[]> {
  const results = await Promise.all(
    Array.from({ length: calls }, async (_, id): Promise<Result> => {
      const text = `text\n${id} ${"x".repeat((id * 37) % 3000)}`;
      try {
        expect(await callMethod(proxy, "book", [id, text])).to.deep.equal([text, id]);
        return { id, error: undefined };
      } catch (error) {
        if (!(error instanceof LuarpcError)) throw error;
        return { id, error };
      }
    }),
  );
  expect(loadOf(proxy)).to.include({ waiting: 0, inFlight: 0 });
  return results;
}

/**
 * Checks that every call is accounted for exactly once, and that the weather was bad and yet some came through.
 *
 * @param counts how often the servant executed each call
 * @param failure the servant's text for a call that it fails on purpose
 */
export function account(
  results: readonly Result[],
  counts: ReadonlyMap<number, number>,
  failure: (id: number) => string,
): void {
  const kinds = new Map<string, number>();
  for (const { id, error } of results) {
    const executed = counts.get(id) ?? 0;
    kinds.set(error?.code ?? "ok", (kinds.get(error?.code ?? "ok") ?? 0) + 1);
    if (error === undefined) {
      expect(executed).to.equal(1);
      expect(id % UNLUCKY).to.not.equal(0);
    } else if (error.code === "ERR_REMOTE") {
      expect(executed).to.equal(1);
      expect(error.message).to.equal(failure(id));
    } else {
      expect(error.code).to.be.oneOf(["ERR_CONNECT", "ERR_TIMEOUT"]);
      expect(executed).to.be.at.most(error.sent ? 1 : 0);
    }
  }
  expect(kinds.get("ERR_CONNECT") ?? 0).to.be.greaterThan(0);
  expect(kinds.get("ok") ?? 0).to.be.greaterThan(0);
}
