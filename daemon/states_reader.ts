// SPDX-License-Identifier: MIT

import type { Lunatik } from "../client/lunatik.ts";
import type { ModuleInfo } from "../client/module_info.ts";
import type { State } from "../client/state.ts";

/* A client of the module that asks about everything now and then, and comes back when the module does. */

export interface StatesSnapshot {
  readonly info: ModuleInfo;
  readonly states: readonly State[];
}

export class StatesReader {
  readonly #connect: () => Promise<Lunatik>;
  #lunatik: Promise<Lunatik> | undefined;

  /** `connect` opens a client; its time-out is how long read() takes at most. */
  constructor(connect: () => Promise<Lunatik>) {
    this.#connect = connect;
  }

  /** The module and its states now, or undefined when it does not answer. Does not reject. */
  async read(): Promise<StatesSnapshot | undefined> {
    this.#lunatik ??= this.#connect();
    try {
      const lunatik = await this.#lunatik;
      const [info, { states }] = await Promise.all([lunatik.info(), lunatik.list()]);
      return { info, states };
    } catch {
      // Whatever it was: the next time a new client tries.
      this.close();
      return undefined;
    }
  }

  close(): void {
    const lunatik = this.#lunatik;
    this.#lunatik = undefined;
    void lunatik?.then(
      (client) => {
        client.close();
      },
      () => undefined,
    );
  }
}
