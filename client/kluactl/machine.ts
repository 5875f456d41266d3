// SPDX-License-Identifier: MIT

import { access, readFile, readlink } from "node:fs/promises";
import { createRequire } from "node:module";
import { release } from "node:os";

/** What kluactl looks at on the machine that it runs on: all that tests replace. */
export interface Machine {
  /** As uname -r prints it. */
  readonly kernelRelease: string;
  /** As node -v prints it. */
  readonly nodeVersion: string;
  readonly exists: (path: string) => Promise<boolean>;
  /** The bytes of a file, undefined when it is not there or may not be read. */
  readonly read: (path: string) => Promise<Buffer | undefined>;
  /** Where a symbolic link leads, undefined when it is not there or may not be read. */
  readonly link: (path: string) => Promise<string | undefined>;
  /** Loads an npm package and returns its version. Throws what loading it throws. */
  readonly loadPackage: (name: string) => string;
}

export const thisMachine: Machine = {
  kernelRelease: release(),
  nodeVersion: process.version,
  exists: (path) =>
    access(path).then(
      () => true,
      () => false,
    ),
  read: (path) => readFile(path).catch(() => undefined),
  link: (path) => readlink(path).catch(() => undefined),
  loadPackage(name) {
    const require = createRequire(import.meta.url);
    require(name);
    const description = require(`${name}/package.json`) as { readonly version: string };
    return description.version;
  },
};
