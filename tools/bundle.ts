// SPDX-License-Identifier: MIT

import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { build, type Metafile, type OutputFile } from "esbuild";

/*
 * Makes one file of each program and of all it imports, in build/programs: node starts it several times as fast as a hundred
 * modules, above all from a slow file system. What has native parts is loaded by require() when it is needed, and stays
 * outside. A file whose content stays the same is not touched: a program may be starting from it.
 *
 * With LUNATIK_UNBUNDLED=1 in the environment each only imports what tsc compiled: who counts lines must count them there.
 */

const ROOT = resolve(import.meta.dirname, "..");
const OUT = join(ROOT, "build/programs");

/** The programs' names with their first modules. */
const PROGRAMS = {
  kluactl: "client/kluactl/main.ts",
  kluad: "daemon/main.ts",
  luarpc: "luarpc/cli/main.ts",
} as const;

/** The packages that have something in a bundle: their folders, from the root. */
function packagesIn({ inputs }: Metafile): readonly string[] {
  const folders = Object.keys(inputs).flatMap(
    (path) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? [],
  );
  return [...new Set(folders)].toSorted();
}

/** The licences of packages, one after the other. Throws for a package that has none, or no text of it. */
function licences(folders: readonly string[]): string {
  const texts = folders.map((folder) => {
    const { name, version, license } = JSON.parse(
      readFileSync(join(ROOT, folder, "package.json"), "utf8"),
    ) as { readonly name: string; readonly version: string; readonly license?: string };
    const file = readdirSync(join(ROOT, folder)).find((entry) => /^licen[cs]e/i.test(entry));
    if (license === undefined || file === undefined) throw new Error(`${folder} comes without a licence`);
    const text = readFileSync(join(ROOT, folder, file), "utf8")
      .replaceAll("\r\n", "\n")
      .trim();
    return `${name} ${version} (${license})\n\n${text}\n`;
  });
  const head = "The programs in this folder contain these packages, under their licences.\n";
  return [head, ...texts].join(`\n${"-".repeat(80)}\n\n`);
}

type Output = Pick<OutputFile, "path" | "contents">;

function write({ path, contents }: Output): void {
  if (existsSync(path) && readFileSync(path).equals(contents)) return;
  const fresh = `${path}.${process.pid}`;
  writeFileSync(fresh, contents);
  renameSync(fresh, path);
}

/** Each program as one file. */
async function bundles(): Promise<readonly Output[]> {
  const { outputFiles, metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: PROGRAMS,
    outdir: OUT,
    bundle: true,
    write: false,
    metafile: true,
    platform: "node",
    target: "node20",
    format: "esm",
    // Packages of the older kind call require() for what node itself brings.
    banner: {
      js: 'import { createRequire as requireFrom } from "node:module";\nconst require = requireFrom(import.meta.url);',
    },
    sourcemap: true,
    sourcesContent: false,
    legalComments: "eof",
    logLevel: "warning",
    // yargs lays help out with it, and it takes longer to load than all else does.
    alias: { "string-width": "./tools/bundle/string_width.ts" },
  });
  return [
    ...outputFiles,
    { path: join(OUT, "LICENSES"), contents: Buffer.from(licences(packagesIn(metafile))) },
  ];
}

/** Each program as what imports its modules. */
function imports(): readonly Output[] {
  return Object.entries(PROGRAMS).map(([name, main]) => ({
    path: join(OUT, `${name}.js`),
    contents: Buffer.from(`import "../js/${main.replace(/\.ts$/, ".js")}";\n`),
  }));
}

const files = process.env["LUNATIK_UNBUNDLED"] === "1" ? imports() : await bundles();
mkdirSync(OUT, { recursive: true });
for (const file of files) write(file);
