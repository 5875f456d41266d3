// SPDX-License-Identifier: MIT
// Reads a kernel log for trouble: the one judge of every VM run.

/** A line of the kernel log that must not be there. */
export interface Trouble {
  /** Counted from 1. */
  readonly line: number;
  /** The line without its priority and time. */
  readonly text: string;
  /** What it is a sign of: "bug", "lockdep", … */
  readonly kind: string;
}

/** What a log must not hold. The first that matches names the kind. */
const signs: readonly (readonly [kind: string, sign: RegExp])[] = [
  ["sanitizer", /\b(KASAN|KFENCE|KCSAN|KMSAN|UBSAN):/],
  ["atomic", /scheduling while atomic|sleeping function called from invalid context/],
  [
    "lockup",
    /soft lockup|hard LOCKUP|\bstalls? (on|detected)|detected stalls|self-detected stall|blocked for more than \d+ seconds/,
  ],
  [
    "lockdep",
    /possible (circular|recursive|irq|deadlock)|inconsistent lock state|suspicious RCU usage|bad unlock balance|trying to register non-static key|(lock|locks) (still )?held (when|at)|MAX_LOCK\w* too low|INVALID CONTEXT|Invalid wait context/i,
  ],
  [
    "leak",
    /unreferenced object|new suspected memory leaks|Objects remaining in|\bleak(s|ed|ing)?\b(?! detector)/i,
  ],
  ["memory", /Out of memory|oom-kill|page allocation failure|vmap allocation .*failed/],
  [
    "corruption",
    /use-after-free(?! debug is enabled)|out-of-bounds|double[- ]free|list_(add|del) corruption|refcount_t:|ODEBUG|stack-protector|stack guard page|corrupted|Bad page|bad page state|overwritten/i,
  ],
  [
    "fault",
    /general protection|unable to handle|NULL pointer dereference|invalid opcode|double fault|stack segment|segfault at|traps: |\bint3\b|bad frame|unexpected return|Missing ENDBR/i,
  ],
  ["panic", /Kernel panic|Fatal exception|\bOops\b/],
  ["bug", /\bBUG\b/],
  ["warning", /\bWARNING\b|-\[ cut here \]-|Call Trace:|Modules linked in:/],
  [
    "module",
    /Unknown symbol|disagrees about version|Unloaded.*in use|module .*(live|in use) .*unload|sysfs: cannot create duplicate/i,
  ],
];

/**
 * What a script or a client can put into the log: lines that a state prints and the list of states. The module
 * escapes every control byte in them, so nothing else of theirs can begin a line. They are never taken for the kernel's own.
 */
const fromScripts = /^lunatik: (\[|state )/;

/** "<6>[    1.234567] text", "[    1.234567][    T1] text" or plain text. */
const prefix = /^(<\d+>)?(\[ *\d+\.\d+\])?(\[ *[TC]\d+\])? ?/;

/**
 * Every sign of trouble in a kernel log, in order.
 *
 * @param log the text of `dmesg --raw` or of a serial console
 */
export function findTrouble(log: string): readonly Trouble[] {
  const found: Trouble[] = [];
  log.split(/\r?\n/).forEach((raw, index) => {
    const text = raw.replace(prefix, "");
    if (fromScripts.test(text)) return;
    const sign = signs.find(([, pattern]) => pattern.test(text));
    if (sign !== undefined) found.push({ line: index + 1, text, kind: sign[0] });
  });
  return found;
}

/** Whether a log reaches back to the first line of the boot: a ring buffer that overran may have lost trouble. */
export function isComplete(log: string): boolean {
  return /^(<\d+>)?(\[ *0\.0+\])?(\[ *[TC]\d+\])? ?Linux version /.test(log);
}
