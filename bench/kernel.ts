// SPDX-License-Identifier: MIT

import { inGuest } from "./guest.ts";
import type { KernelFigures } from "./kernel_guest.ts";
import { geometricMean } from "./mean.ts";
import { type Aim, atLeast, atMost, type Context, type Findings, type Section } from "./section.ts";

/* What states cost in a real kernel, in a VM; kernel_guest.ts measures. */

const KIB = 1024;
const US_PER_MS = 1000;

async function measure(context: Context): Promise<Findings> {
  const { figures, where, isKvm } = await inGuest<KernelFigures>("kernel_guest", context, [
    "--timeout",
    "1800",
  ]);
  const { programs, cancellations, roundTrips, createDelete, stateMemory, crowds, alone, together } = figures;
  const ratios = programs.map(({ kernel, lua }) => kernel / lua);
  const mean = geometricMean(ratios);
  const [few, many] = [crowds[0], crowds.at(-1)];
  const section = Math.max(...programs.map((program) => program.section)) * US_PER_MS;
  const aims: Aim[] = [
    atMost(
      "a cancelled run's end, at the latest, ms",
      Math.max(...cancellations.map(({ time }) => time)),
      50,
    ),
    atLeast("call / nlctrl, one at a time", roundTrips.call.one / roundTrips.nlctrl.one, 0.5),
    atLeast("call / nlctrl, 64 in flight", roundTrips.call.many / roundTrips.nlctrl.many, 0.5),
    atMost("an empty state, KiB", stateMemory / KIB, 32),
    atLeast(
      `look-ups among ${many?.states} states / among ${few?.states}`,
      (many?.get ?? NaN) / (few?.get ?? NaN),
      0.9,
    ),
    atLeast("work of two states on two CPUs / of one", (2 * alone) / together, 1.8),
  ];
  const notes: string[] = [];
  if (isKvm) {
    aims.unshift(
      atMost("kernel Lua against the guest's lua5.4", mean, 1.25),
      atMost("the longest FPU section, microseconds", section, 200),
    );
  } else {
    notes.push(
      `Under TCG the CPU is a program: kernel Lua against the guest's lua5.4 is ${mean.toFixed(2)}, the longest FPU ` +
        `section ${section.toFixed(0)} microseconds, and neither binds anybody.`,
    );
  }
  return {
    tables: [
      {
        title: "Programs in a kernel state against the guest's lua5.4",
        where,
        columns: [
          { key: "lua", label: "lua5.4, ms", digits: 0 },
          { key: "kernel", label: "kernel, ms", digits: 0 },
          { key: "ratio", label: "ratio", digits: 2 },
          { key: "section", label: "longest FPU section, µs", digits: 0 },
        ],
        plot: { columns: ["lua", "kernel"], axis: "ms" },
        rows: [
          ...programs.map((program) => ({
            label: program.name,
            values: {
              kernel: program.kernel,
              lua: program.lua,
              ratio: program.kernel / program.lua,
              section: program.section * US_PER_MS,
            },
          })),
          { label: "geometric mean", values: { ratio: mean } },
        ],
      },
      {
        title: "Round trips per second of one client",
        where,
        columns: [
          { key: "one", label: "one at a time", digits: 0 },
          { key: "many", label: "64 in flight", digits: 0 },
        ],
        plot: { columns: ["one", "many"], axis: "per second" },
        rows: [
          { label: "call of a function", values: { ...roundTrips.call } },
          { label: "nlctrl, getfamily", values: { ...roundTrips.nlctrl } },
        ],
      },
      {
        title: "States",
        where,
        columns: [
          { key: "get", label: "look-ups per second", digits: 0 },
          { key: "list", label: "one list, ms", digits: 1 },
        ],
        rows: crowds.map(({ states, get, list }) => ({ label: `${states} states`, values: { get, list } })),
      },
      {
        title: "From asking for a cancellation to the run's end",
        where,
        columns: [{ key: "time", label: "at the latest, ms", digits: 1 }],
        rows: cancellations.map(({ name, time }) => ({ label: name, values: { time } })),
      },
      {
        title: "Creating, deleting, and two states at once",
        where,
        columns: [{ key: "value", label: "figure", digits: 1 }],
        rows: [
          { label: "create and delete, pairs per second", values: { value: createDelete } },
          { label: "memory of an empty state, KiB", values: { value: stateMemory / KIB } },
          { label: "a chunk in one state, ms", values: { value: alone } },
          { label: "the same in two states at once, ms", values: { value: together } },
        ],
      },
    ],
    aims,
    notes,
  };
}

export const kernel: Section = {
  name: "kernel",
  about: "kernel states in a VM: programs, cancellations, round trips, many states, two CPUs",
  run: measure,
};
