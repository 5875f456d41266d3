// SPDX-License-Identifier: MIT

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { connectArguments, open, until } from "../behaviour/backend.ts";
import { freePort } from "../free_port.ts";
import { Program, temporaryFolder } from "./support.ts";

/* The sessions that the README and kluad's page show, typed as they stand there. */

interface Command {
  readonly text: string;
  readonly printed: string;
}

/** The commands of a console block, each with the lines below it. */
function commandsOf(block: string): readonly Command[] {
  return block
    .split(/^[#$] /m)
    .slice(1)
    .map((part) => {
      const [text = "", ...lines] = part.split("\n");
      return { text, printed: lines.join("\n") };
    });
}

/** The console blocks below a heading, or above the first one. */
function sessionsOf(file: string, heading: string): readonly Command[] {
  const section = readFileSync(file, "utf8")
    .split(/^## /m)
    .find((text) => text.startsWith(heading));
  const blocks = [...(section ?? "").matchAll(/^```console\n(.*?)^```/gms)];
  return blocks.flatMap((block) => commandsOf(block[1] ?? ""));
}

/** What only a reader at a machine of their own can type. */
const elsewhere = /^(?:insmod|dmesg|make|sudo) /;

/** Types the commands. A command's output is its standard output, or what it says when it fails. */
async function type(commands: readonly Command[]): Promise<void> {
  const { backend, socket } = connectArguments();
  const control = join(temporaryFolder(), "kluad.sock");
  const port = String(await freePort());
  const here = (text: string): string =>
    text.replaceAll(/10\.0\.2\.15|127\.0\.0\.1/g, "127.0.0.1").replaceAll(/\b(?:9001|PORT)\b/g, port);
  const environment = {
    PATH: `${join(process.cwd(), "bin")}:${process.env["PATH"] ?? ""}`,
    LUNATIK_BACKEND: backend,
    LUNATIK_CONTROL_SOCKET: control,
    ...(socket === undefined ? {} : { LUNATIK_EMBEDDED_SOCKET: socket }),
  };
  for (const { text, printed } of commands.filter((command) => !elsewhere.test(command.text))) {
    if (text === "kluad &") {
      const kluad = new Program("kluad", [], environment);
      await until("kluad listens", () => existsSync(control) || kluad.process.exitCode !== null);
      continue;
    }
    const { exit, stdout, stderr } = await new Program("bash", ["-c", here(text)], environment).ended;
    const table = (lines: string): string => lines.replaceAll(/ +/g, " ");
    expect(table(exit === 0 ? stdout : stderr), text).to.equal(table(here(printed)));
  }
}

describe("the session shown", () => {
  afterEach(async () => {
    const lunatik = await open();
    if ((await lunatik.list()).states.some(({ name }) => name === "p1"))
      await lunatik.delete("p1", { force: true });
  });

  for (const [what, file, heading, count] of [
    ["at the head of the README", "README.md", "# Lunatik", 5],
    [
      "where the README serves a function from the kernel",
      "README.md",
      "Serve a function from the kernel",
      7,
    ],
    ["at the head of kluad's page", "docs/kluad.md", "# kluad", 7],
  ] as const)
    it(`${what} goes as it stands there`, async () => {
      const commands = sessionsOf(file, heading);
      expect(commands.length).to.be.at.least(count);
      await type(commands);
    });
});
