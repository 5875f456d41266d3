// SPDX-License-Identifier: MIT

import { defineCommand } from "./command.ts";
import { parseAddress } from "./network_address.ts";
import { servantJson, servantPlace, servedObject } from "./servant_report.ts";

export const unserve = defineCommand({
  positionals: {
    address: { describe: "where the servant listens: ADDR:PORT, or its port" },
  },
  options: {},
  details: "It listens no more, and the command ends when the calls that had come are answered.",
  async run(context, { address = "" }) {
    const servant = await (await context.daemon()).unserve(parseAddress(address, "address"));
    if (context.options.json) context.terminal.json({ ok: true, servant: servantJson(servant) });
    else
      context.terminal.talk(
        `${servedObject(servant)} is served no more on ${servantPlace(servant)}, after ${servant.calls} calls`,
      );
    return undefined;
  },
});
