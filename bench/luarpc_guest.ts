// SPDX-License-Identifier: MIT
// In the guest: remote calls of a state in the kernel, beside an echo and a TypeScript servant in the same guest.
import { answer, tell } from "./guest.ts";
import { type MemorySample, sampleMemory } from "./luarpc_memory.ts";
import { measureRounds, type RoundFigures } from "./luarpc_rounds.ts";
import { echo, kernelServant, type Target, typescriptServant } from "./luarpc_target.ts";

export interface LuarpcGuestFigures {
  readonly rounds: RoundFigures;
  readonly memory: readonly MemorySample[];
}

const quick = process.argv.includes("--quick");
const targets: Target[] = [];
try {
  for (const start of [echo, typescriptServant]) targets.push(await start());
  const kernel = await kernelServant();
  targets.push(kernel);
  tell("the servants are up");
  const rounds = await measureRounds(
    targets,
    {
      rounds: quick ? 2 : 5,
      duration: quick ? 1000 : 3000,
      warmUp: quick ? 3000 : 6000,
      clients: ["proxy"],
    },
    tell,
  );
  const memory = await sampleMemory(kernel, quick ? 10_000 : 1_000_000, quick ? 20 : 150, tell);
  const figures: LuarpcGuestFigures = { rounds, memory };
  answer(figures);
} finally {
  for (const target of targets) await target.stop();
}
