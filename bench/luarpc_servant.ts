// SPDX-License-Identifier: MIT
// A servant in TypeScript, as any program has one. Prints its port.
import { createServant, waitIncoming } from "../luarpc/luarpc.ts";
import { declared } from "./luarpc_call.ts";

const servant = await createServant({ foo: (a: number, b: number) => ["foo", a, b] }, declared);
process.stdout.write(`${servant.port}\n`);
await waitIncoming();
