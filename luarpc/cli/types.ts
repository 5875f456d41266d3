// SPDX-License-Identifier: MIT

import { basename } from "node:path";
import { declarations } from "../declarations.ts";
import { loadInterface } from "../interface_parser.ts";
import { type Command, required } from "./command.ts";

export const types: Command = {
  usage: "types INTERFACE",
  about: "Prints TypeScript declarations of an interface: of its proxies, and of an object behind a servant.",
  options: {},
  async run([file], _, world) {
    const path = required(file, "INTERFACE");
    world.out(declarations(await loadInterface(path), basename(path)));
    return 0;
  },
};
