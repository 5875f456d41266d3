// SPDX-License-Identifier: MIT

import { expect } from "chai";
import { Deferred, ObjectQueue } from "../../luarpc/object_queue.ts";
import { openServant, type ServantOptions } from "../../luarpc/servant.ts";
import type { Target } from "../../luarpc/servant_connection.ts";
import { afterwards, declared, RawClient } from "./support.ts";

/* An object that keeps the order of its calls itself, and takes several at once. */

class Slots extends ObjectQueue {
  readonly #slots: number;

  constructor(slots: number) {
    super();
    this.#slots = slots;
  }

  override get slots(): number {
    return this.#slots;
  }
}

/** A servant whose calls of take() end when the test says so: `ends` has what ends each, in the order of their begin. */
async function held(slots: number, options: ServantOptions = {}) {
  const ends: { readonly text: string; readonly end: (ok?: boolean) => void }[] = [];
  const target: Target = {
    queue: new Slots(slots),
    call(_, [text]) {
      const call = new Deferred();
      let isOver = false;
      ends.push({
        text: String(text),
        end: (ok = true) => {
          if (isOver) return;
          isOver = true;
          call.settle(ok, ok ? text : new Error(`no ${String(text)}`));
        },
      });
      return call;
    },
  };
  const servant = await openServant(target, declared, options);
  servant.serve();
  afterwards(() => servant.close());
  const client = await RawClient.connect(servant.port);
  const begun = async (...texts: readonly string[]): Promise<void> => {
    await client.until(() => ends.length >= texts.length, `${texts.length} calls`);
    expect(ends.map(({ text }) => text)).to.deep.equal(texts);
  };
  const end = (index: number, ok?: boolean): void => {
    ends[index]?.end(ok);
  };
  return { client, servant, begun, end };
}

describe("a servant whose object has several slots", () => {
  it("begins calls in their order, as many as there are slots, and answers in it", async () => {
    const { client, begun, end } = await held(3);
    client.write("echo\na\necho\nb\necho\nc\necho\nd\n");
    await begun("a", "b", "c");
    end(2);
    end(1, false);
    await begun("a", "b", "c");
    expect(client.received).to.equal("");
    end(0);
    await client.expects("a\n___ERRORPC: no b\nc\n");
    await begun("a", "b", "c", "d");
    end(3);
    await client.expects("d\n");
  });

  it("has a refusal wait for the calls before it, and what is fatal for all of them", async () => {
    const { client, begun, end } = await held(4);
    client.write("echo\na\none\ntoo long\necho\nb\nnada\n1\n");
    await begun("a", "b");
    end(1);
    expect(client.received).to.equal("");
    end(0);
    await client.expects(
      'a\n___ERRORPC: one: argument 1 (c) must be a char (exactly one byte), not "too long"\nb\n' +
        "___ERRORPC: no method 'nada' in the interface t\n",
    );
    client.socket.end();
    await client.ends();
  });

  it("answers what it has taken when it drains, and when its client has shut its side", async () => {
    for (const drains of [true, false]) {
      const { client, servant, begun, end } = await held(2);
      client.write("echo\na\necho\nb\necho\nc\n");
      if (!drains) client.socket.end();
      await begun("a", "b");
      const drained = drains ? servant.drain() : undefined;
      end(1);
      end(0);
      await begun("a", "b", "c");
      end(2);
      await client.expects("a\nb\nc\n");
      await client.ends();
      client.socket.end();
      await drained;
    }
  });

  it("has one call at a time where the connection closes behind it", async () => {
    const { client, begun, end } = await held(3, { closeAfterCall: true });
    client.write("echo\na\necho\nb\n");
    await begun("a");
    end(0);
    await client.expects("a\n");
    await client.ends();
    await begun("a");
  });

  it("answers a client that pipelines more than it has slots, all of it, in order", async () => {
    const { client, begun, end } = await held(2);
    const texts = Array.from({ length: 300 }, (_, index) => `t${index}`);
    client.write(texts.map((text) => `echo\n${text}\n`).join(""));
    for (let index = 0; index < texts.length; index += 1) {
      await client.until(() => {
        end(index);
        return client.received.split("\n").length > index + 1;
      }, `reply ${index}`);
    }
    await begun(...texts);
    await client.expects(texts.map((text) => `${text}\n`).join(""));
  });
});
