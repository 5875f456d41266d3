// SPDX-License-Identifier: MIT
import { expect } from "chai";
import { findTrouble, isComplete } from "../../vm/kernel_log.ts";

/** Lines as the kernel prints them when something is wrong. */
const troubles: readonly string[] = [
  "BUG: kernel NULL pointer dereference, address: 0000000000000008",
  "BUG: unable to handle page fault for address: ffffc90000a3bff8",
  "kernel BUG at mm/slub.c:4010!",
  "Oops: 0002 [#1] PREEMPT SMP NOPTI",
  "WARNING: CPU: 0 PID: 140 at kernel/softirq.c:376 __local_bh_enable_ip+0x26/0xfbc",
  "WARNING: possible circular locking dependency detected",
  "WARNING: suspicious RCU usage",
  "WARNING: bad unlock balance detected!",
  "------------[ cut here ]------------",
  "Call Trace:",
  "BUG: KASAN: stack-out-of-bounds in engine_run+0x12/0x40 [lunatik]",
  "UBSAN: shift-out-of-bounds in kmod/state.c:12:3",
  "BUG: KFENCE: use-after-free read in foo+0x1/0x2",
  "general protection fault, probably for non-canonical address 0xdead000000000100: 0000 [#1]",
  "BUG: scheduling while atomic: kworker/u4:2/51/0x00000002",
  "BUG: sleeping function called from invalid context at mm/slab.h:274",
  "watchdog: BUG: soft lockup - CPU#1 stuck for 22s! [kworker/u4:0:8]",
  "rcu: INFO: rcu_preempt self-detected stall on CPU",
  "rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:",
  "INFO: task kworker/0:1:11 blocked for more than 120 seconds.",
  "kmemleak: 3 new suspected memory leaks (see /sys/kernel/debug/kmemleak)",
  "unreferenced object 0xffff888003a4c000 (size 1024):",
  "refcount_t: underflow; use-after-free.",
  "list_add corruption. prev->next should be next",
  "Out of memory: Killed process 812 (node)",
  "Kernel panic - not syncing: Fatal exception",
  "node[312]: segfault at 0 ip 00007f error 4 in node[400000+1000]",
  "lunatik: WARNING: a state was still there at exit",
  "BUG lunatik_state (Tainted: G OE): Objects remaining in lunatik_state on __kmem_cache_shutdown()",
  "kworker/u4:1: page allocation failure: order:4, mode:0x40cc0",
  "process 'sh' INFO: trying to register non-static key.",
  "lunatik: Unknown symbol foo (err -2)",
];

/** Lines of an ordinary boot, and what scripts and clients can cause. */
const harmless: readonly string[] = [
  "Linux version 6.1.0-56-amd64 (debian-kernel@lists.debian.org)",
  "lunatik: loading out-of-tree module taints kernel.",
  "lunatik: module verification failed: signature and/or required key missing - tainting kernel",
  "kfence: initialized - using 2097152 bytes for 255 objects at 0x(____ptrval____)",
  "kmemleak: Kernel memory leak detector initialized (mem pool available: 15858)",
  "rcu: \tRCU callback double-/use-after-free debug is enabled.",
  "Kernel/User page tables isolation: enabled",
  "debug: unmapping init memory",
  "Spectre V2 : Mitigation: Retpolines",
  "mtrr: your CPUs had inconsistent fixed MTRR settings",
  "lunatik: [plain] BUG: not the kernel's",
  "lunatik: [a] Kernel panic - not syncing: says a script",
  "lunatik: state WARNING: memory 12345/33554432 bytes, 3 runs, idle",
  "lunatik: 3 states",
];

describe("the kernel log's judge", () => {
  for (const line of troubles) {
    it(`sees trouble in: ${line}`, () => {
      const log = `<6>[    0.000000] Linux version 6.1\n<4>[   12.345678] ${line}\n`;
      const found = findTrouble(log);
      expect(found.map((trouble) => [trouble.line, trouble.text])).to.deep.equal([[2, line]]);
    });
  }

  for (const line of harmless) {
    it(`lets pass: ${line}`, () => {
      expect(findTrouble(`<6>[    1.000000] ${line}\n`)).to.deep.equal([]);
    });
  }

  it("reads the serial console's form, with callers and carriage returns, too", () => {
    const found = findTrouble("[    1.0] fine\r\n[    2.000000][   T12] BUG: bad\r\n");
    expect(found.map((trouble) => trouble.text)).to.deep.equal(["BUG: bad"]);
  });

  it("takes a line for a script's only when it begins as one", () => {
    expect(findTrouble("<4>[    1.000000] Oops: lunatik: [a] text")).to.have.length(1);
    expect(findTrouble("<4>[    1.000000] lunatik: refcount_t: [a] text")).to.have.length(1);
    expect(findTrouble("<4>[    1.000000] xlunatik: [a] BUG: text")).to.have.length(1);
  });

  it("finds a second sign on the line after a script's", () => {
    const found = findTrouble(
      "<6>[    1.0] lunatik: [a] x\n<6>[    1.0] lunatik: [a] BUG\n<0>[    1.0] BUG: real",
    );
    expect(found.map((trouble) => trouble.line)).to.deep.equal([3]);
  });

  it("tells a log that reaches back to the boot from one that overran", () => {
    expect(isComplete("<5>[    0.000000] Linux version 6.1.0-56-amd64\nmore")).to.equal(true);
    expect(isComplete("<6>[   17.654321] something later\n")).to.equal(false);
    expect(isComplete("")).to.equal(false);
  });
});
