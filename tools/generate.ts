// SPDX-License-Identifier: MIT
/**
 * Writes everything that follows from kmod/lunatik.yaml: the uapi header, the kernel's policies and error table, and
 * the TypeScript codec with its mirror image for the tests. Run: tsx tools/generate.ts [--check] [CONTRACT]
 *
 * With --check it writes nothing, names the files on disk that differ, and exits with 1 if there are any. CONTRACT is
 * another YAML file to start from.
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { codec } from "./generate/codec.ts";
import { header } from "./generate/header.ts";
import { kernelHeader, kernelSource } from "./generate/kernel.ts";
import { readSpecification } from "./generate/specification.ts";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");

function read(path: string): string | undefined {
  const file = join(root, path);
  return existsSync(file) ? readFileSync(file, "utf8") : undefined;
}

/** TypeScript as Biome lays it out, so that the generator need not care where lines break. */
function formatted(text: string): string {
  const biome = join(root, "node_modules/.bin/biome");
  return execFileSync(biome, ["format", "--stdin-file-path=generated.ts"], {
    cwd: root,
    input: text,
    encoding: "utf8",
  });
}

const { values, positionals } = parseArgs({
  options: { check: { type: "boolean", default: false } },
  allowPositionals: true,
});
const contract = positionals[0] ?? join(root, "kmod/lunatik.yaml");
const specification = readSpecification(readFileSync(contract, "utf8"));
const outputs: ReadonlyMap<string, string> = new Map([
  ["kmod/uapi/lunatik.h", header(specification)],
  ["kmod/netlink_gen.h", kernelHeader(specification)],
  ["kmod/netlink_gen.c", kernelSource(specification)],
  ["client/protocol_gen.ts", formatted(codec(specification, "client"))],
  ["test/unit/kernel_protocol_gen.ts", formatted(codec(specification, "kernel"))],
]);

for (const [path, text] of outputs) {
  if (read(path) === text) continue;
  if (values.check) {
    process.stderr.write(`${path} does not follow from ${contract}; run: npm run generate\n`);
    process.exitCode = 1;
  } else {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
    process.stdout.write(`${path} written\n`);
  }
}
