// SPDX-License-Identifier: MIT
import { expect } from "chai";
import { HostWaits, type Threads } from "../../vm/host_waits.ts";

describe("waits of a guest's CPUs for the host's", () => {
  let waited: Record<string, number>;
  const names: Record<string, string> = { 11: "qemu-system-x86", 12: "CPU 0/TCG", 13: "CPU 1/TCG" };
  const threads: Threads = {
    list: () => Object.keys(waited),
    read: (_pid, thread, file) => (file === "comm" ? `${names[thread]}\n` : `5 ${waited[thread]} 9\n`),
  };

  beforeEach(() => {
    waited = { 11: 0, 12: 0, 13: 0 };
  });

  it("are found when they are long and in one piece", () => {
    const waits = new HostWaits(7, threads);
    waits.look(1000);
    waited = { 11: 90e9, 12: 12.5e9, 13: 0.9e9 };
    waits.look(2000);
    expect(waits.found).to.deep.equal([{ cpu: 0, seconds: 12.5, end: 2000 }]);
  });

  it("are none of many short ones, when a look comes late", () => {
    const waits = new HostWaits(7, threads);
    waits.look(1000);
    waited = { 12: 9e9 };
    waits.look(21_000);
    expect(waits.found).to.deep.equal([]);
  });

  it("are none of a process that has ended, or of what cannot be read", () => {
    const gone = (): never => {
      throw new Error("ENOENT");
    };
    const ended = new HostWaits(7, { list: gone, read: gone });
    ended.look(1000);
    expect(ended.found).to.deep.equal([]);
    const unreadable = new HostWaits(7, { list: () => ["12"], read: gone });
    unreadable.look(1000);
    unreadable.look(2000);
    expect(unreadable.found).to.deep.equal([]);
  });
});
