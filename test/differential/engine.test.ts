// SPDX-License-Identifier: MIT

import { resolve } from "node:path";
import { comparePrograms, interpret } from "./programs.ts";

const interpreter = resolve(process.env["LUNATIK_LUA"] ?? "build/engine/lunatik-lua");

describe("Lua's unit in user space against lua5.4", () => {
  comparePrograms((run) => interpret(interpreter, run));
});
