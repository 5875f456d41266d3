// SPDX-License-Identifier: MIT

import { fresh, open, PATIENT } from "../behaviour/backend.ts";
import { comparePrograms } from "./programs.ts";

describe("a state of the module against lua5.4", () => {
  comparePrograms(async (run) => {
    const lunatik = await open();
    const name = fresh();
    await lunatik.create(name, { ...PATIENT, maxMemory: 256n * 1024n * 1024n });
    const { results } = await lunatik.execute(name, run.returning, { chunkName: `@${run.file}` });
    await lunatik.delete(name);
    lunatik.close();
    const [output] = results;
    if (output?.kind !== "string") throw new Error(`${run.file} returned no text`);
    return Buffer.from(output.value);
  });
});
