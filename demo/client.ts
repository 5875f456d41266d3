// SPDX-License-Identifier: MIT
// The assignment's client in TypeScript. In a project of your own, import "lunatik/luarpc".
//
//   npx tsx demo/client.ts IP PORT1 PORT2
import { join } from "node:path";
import * as luarpc from "../luarpc/luarpc.ts";

/** What `luarpc types demo/minhaInt.lua` prints. */
interface MinhaInt {
  /** `double foo (in double a1, in double a2, out string a3)` */
  foo(a1: number, a2: number): Promise<[result: number, a3: string]>;
  /** `void boo (inout double a1)` */
  boo(a1: number): Promise<[a1: number]>;
}

const arqInterface = join(import.meta.dirname, "minhaInt.lua");
const [IP = "", porta1 = "", porta2 = ""] = process.argv.slice(2);

const p1 = await luarpc.createproxy<MinhaInt>(IP, porta1, arqInterface);
const p2 = await luarpc.createproxy<MinhaInt>(IP, porta2, arqInterface);
const [r, s] = await p1.foo(3, 5);
const [t] = await p2.boo(10);

console.log(`${r}  ${s}`);
console.log((await p2.foo(3, 5)).join("  "));
console.log((await p1.boo(10)).join("  "));
console.log(String(t));
