// SPDX-License-Identifier: MIT
// What `make test` runs, in order: the quick and the telling first.

/** One command of a suite, run from the checkout's folder. */
export interface Step {
  readonly command: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** The command prints no counts: it is one test, passed when it exits with 0. */
  readonly single?: boolean;
}

export interface Suite {
  readonly name: string;
  readonly about: string;
  /** One after the other; those of a group at the same time, since each keeps one of two cores busy. */
  readonly steps: readonly (Step | readonly Step[])[];
  /** It runs only when it is asked for by its name. */
  readonly onRequest?: boolean;
}

function npm(script: string, environment?: Readonly<Record<string, string>>): Step {
  const step: Step = { command: ["npm", "run", "--silent", script] };
  return environment === undefined ? step : { ...step, environment };
}

function check(...command: readonly string[]): Step {
  return { command, single: true };
}

export const suites: readonly Suite[] = [
  {
    name: "lint",
    about: "formatting, lint rules, types, generated files",
    steps: [
      ...["lint", "types", "generate:check", "manual:check"].map((script) => ({
        ...npm(script),
        single: true,
      })),
      check("tools/lint-scripts"),
    ],
  },
  { name: "unit", about: "the TypeScript, without a module", steps: [npm("test:unit")] },
  {
    name: "spec",
    about: "the wire contract against the kernel's own netlink tools",
    steps: [
      check("test/spec/fetch-ynl"),
      check("make", "-s", "-C", "kmod/embedded", "asan"),
      npm("test:spec"),
    ],
  },
  { name: "cli", about: "kluactl", steps: [npm("test:cli")] },
  { name: "luarpc", about: "luarpc against other clients and servants", steps: [npm("test:luarpc")] },
  {
    name: "daemon",
    about: "kluad as a process, on the embedded backend",
    steps: [
      check("make", "-s", "-C", "kmod/embedded", "asan"),
      check("npm", "run", "--silent", "build"),
      [
        npm("test:daemon:built"),
        // The same behaviour with the daemon between.
        npm("test:behaviour", { LUNATIK_BACKEND: "embedded", LUNATIK_VIA: "daemon" }),
      ],
    ],
  },
  {
    name: "install",
    about: "make install_tools: programs, manuals, completions, systemd units",
    steps: [check("make", "-s", "-C", "kmod/embedded", "asan"), npm("test:install")],
  },
  {
    name: "engine",
    about: "Lua's unit in user space, ASan and UBSan",
    steps: [{ command: ["make", "-j2", "--output-sync=line", "-C", "test/engine", "check"] }],
  },
  {
    name: "shim",
    about: "the embedded backend's own parts; the whole module in one thread, out of memory everywhere",
    steps: [{ command: ["make", "-s", "-C", "kmod/embedded", "test"] }, npm("test:embedded")],
  },
  {
    name: "differential",
    about: "our Lua against lua5.4, in user space",
    steps: [{ command: ["test/differential/run"] }],
  },
  {
    name: "behaviour",
    about: "the whole module as a program, ASan and UBSan",
    steps: [
      check("make", "-s", "-C", "kmod/embedded", "asan"),
      npm("test:behaviour", { LUNATIK_BACKEND: "embedded" }),
    ],
  },
  {
    name: "torture",
    about: "many clients that die at any time, broken messages, full buffers; ASan and TSan",
    steps: [{ command: ["test/torture/run", "asan"] }, { command: ["test/torture/run", "tsan"] }],
  },
  {
    name: "fuzz",
    about:
      "libFuzzer on messages, values, numbers, chunks and operations: the seeds, then a minute of new inputs",
    steps: [{ command: ["test/fuzz/run", "--time", "60", "--fresh"] }],
  },
  {
    name: "hostile",
    about: "scripts that try to hang, crash, exhaust, escape or confuse, on the sanitized backend",
    steps: [
      check("make", "-s", "-C", "kmod/embedded", "asan"),
      npm("test:hostile", { LUNATIK_BACKEND: "embedded" }),
    ],
  },
  {
    name: "module",
    about: "lunatik.ko compiles without a warning for every kernel whose headers are here",
    steps: [{ command: ["test/module/run"] }],
  },
  {
    name: "vm",
    about:
      "the module in a kernel: behaviour, remote calls, autoload, rights, 10,000 states; others, and a debug kernel, in short",
    steps: [{ command: ["test/vm/suite"] }, { command: ["test/vm/matrix", "--short"] }],
  },
  {
    name: "debug",
    about:
      "all of vm in a debug kernel (KASAN, lockdep, kmemleak, …), which is built once: half an hour more",
    onRequest: true,
    steps: [check("test/vm/debug-kernel"), { command: ["test/vm/suite", "debug"] }],
  },
];
