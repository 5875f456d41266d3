// SPDX-License-Identifier: MIT

import { signature } from "../interface.ts";
import { loadInterface } from "../interface_parser.ts";
import { type Command, required } from "./command.ts";

export const check: Command = {
  usage: "check INTERFACE",
  about:
    "Reads an interface file, without executing it, and prints its methods; an error with line and column.",
  options: { json: { type: "boolean", about: "the declarations as JSON" } },
  async run([file], values, world) {
    const declared = await loadInterface(required(file, "INTERFACE"));
    const methods = [...declared.methods.values()];
    if (values["json"] === true) {
      const list = methods.map(({ name, result, parameters }) => ({ name, result, parameters }));
      world.out(`${JSON.stringify({ name: declared.name, methods: list })}\n`);
    } else {
      const lines = methods.map((method) => `  ${signature(method)};\n`);
      world.out(
        `interface ${declared.name ?? ""}${declared.name === undefined ? "" : " "}{\n${lines.join("")}};\n`,
      );
    }
    return 0;
  },
};
