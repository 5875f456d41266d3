// SPDX-License-Identifier: MIT

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/* Certificates for tests of TLS, made by openssl; they last a day. */

const names = [
  "ca.crt",
  "other.crt",
  "other.key",
  "servant.crt",
  "servant.key",
  "client.crt",
  "client.key",
] as const;
type Name = (typeof names)[number];

export interface Certificates {
  /** PEM texts: `ca` has signed those of the servant, at 127.0.0.1, and of the client; `other` is a stranger's. */
  readonly text: Readonly<Record<Name, string>>;
  /** The path of the file. */
  readonly path: (name: Name) => string;
}

/** Makes certificates before the tests of the suite that calls it, and removes them behind. */
export function certificates(): Certificates {
  let folder = "";
  const text: Partial<Record<Name, string>> = {};
  const openssl = (...words: readonly string[]): void => {
    const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1"];
    execFileSync("openssl", ["req", "-x509", ...curve, ...words], { cwd: folder, stdio: "pipe" });
  };
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "luarpc-tls-"));
    openssl("-keyout", "ca.key", "-out", "ca.crt", "-subj", "/CN=test authority");
    openssl("-keyout", "other.key", "-out", "other.crt", "-subj", "/CN=another authority");
    for (const name of ["servant", "client"]) {
      const signed = ["-CA", "ca.crt", "-CAkey", "ca.key", "-addext", "basicConstraints=critical,CA:FALSE"];
      const subject = ["-subj", `/CN=${name}`, "-addext", "subjectAltName=IP:127.0.0.1"];
      openssl(...signed, ...subject, "-keyout", `${name}.key`, "-out", `${name}.crt`);
    }
    for (const name of names) text[name] = readFileSync(join(folder, name), "utf8");
  });
  after(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  // Filled by the time that a test looks.
  return { text: text as Record<Name, string>, path: (name) => join(folder, name) };
}
