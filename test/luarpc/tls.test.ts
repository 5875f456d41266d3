// SPDX-License-Identifier: MIT

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { callMethod } from "../../luarpc/proxy.ts";
import { makeObject, proxyOf, RawClient, serve } from "./support.ts";

/* Certificates are made for the test by openssl, and last a day. */

describe("TLS", () => {
  let folder = "";
  const files: Record<string, string> = {};

  before(() => {
    folder = mkdtempSync(join(tmpdir(), "luarpc-tls-"));
    const openssl = (...words: string[]) => execFileSync("openssl", words, { cwd: folder, stdio: "pipe" });
    const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1"];
    openssl("req", "-x509", ...curve, "-keyout", "ca.key", "-out", "ca.crt", "-subj", "/CN=test authority");
    openssl(
      "req",
      "-x509",
      ...curve,
      "-keyout",
      "other.key",
      "-out",
      "other.crt",
      "-subj",
      "/CN=another authority",
    );
    for (const name of ["servant", "client"])
      openssl(
        "req",
        "-x509",
        ...curve,
        "-CA",
        "ca.crt",
        "-CAkey",
        "ca.key",
        "-keyout",
        `${name}.key`,
        "-out",
        `${name}.crt`,
        "-subj",
        `/CN=${name}`,
        "-addext",
        "subjectAltName=IP:127.0.0.1",
        "-addext",
        "basicConstraints=critical,CA:FALSE",
      );
    for (const name of [
      "ca.crt",
      "other.crt",
      "other.key",
      "servant.crt",
      "servant.key",
      "client.crt",
      "client.key",
    ])
      files[name] = readFileSync(join(folder, name), "utf8");
  });

  after(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  const codeOf = async (promise: Promise<unknown>): Promise<unknown> =>
    promise.then(
      () => "ok",
      (error: unknown) => (error as { code: unknown }).code,
    );

  it("carries calls between a servant and a client that show certificates", async () => {
    const { port } = await serve(makeObject(), {
      tls: { key: files["servant.key"], cert: files["servant.crt"], ca: files["ca.crt"] },
    });
    const proxy = proxyOf(port, {
      tls: { ca: files["ca.crt"], key: files["client.key"], cert: files["client.crt"] },
    });
    expect(await callMethod(proxy, "foo", [3, 5])).to.deep.equal([8, "alo alo"]);
    expect(await callMethod(proxy, "echo", ["x".repeat(300_000)])).to.deep.equal(["x".repeat(300_000)]);
    expect(await codeOf(callMethod(proxy, "fail", ["no"]))).to.equal("ERR_REMOTE");
    expect(await callMethod(proxy, "foo", [3, 5])).to.deep.equal([8, "alo alo"]);
  });

  it("refuses clients without a certificate, with a stranger's, and without TLS", async () => {
    const { port } = await serve(makeObject(), {
      tls: { key: files["servant.key"], cert: files["servant.crt"], ca: files["ca.crt"] },
    });
    expect(await codeOf(callMethod(proxyOf(port, { tls: { ca: files["ca.crt"] } }), "foo", [3, 5]))).to.equal(
      "ERR_CONNECT",
    );
    const stranger = { ca: files["ca.crt"], key: files["other.key"], cert: files["other.crt"] };
    expect(await codeOf(callMethod(proxyOf(port, { tls: stranger }), "foo", [3, 5]))).to.equal("ERR_CONNECT");
    const plain = await RawClient.connect(port);
    plain.write("foo\n3\n5\n");
    await plain.ends();
    expect(plain.received).to.not.contain("8");
  });

  it("refuses a servant that the client's authorities did not sign", async () => {
    const { port } = await serve(makeObject(), {
      tls: { key: files["servant.key"], cert: files["servant.crt"] },
    });
    expect(
      await codeOf(callMethod(proxyOf(port, { tls: { ca: files["other.crt"] } }), "foo", [3, 5])),
    ).to.equal("ERR_CONNECT");
    expect(await codeOf(callMethod(proxyOf(port, { tls: { ca: files["ca.crt"] } }), "foo", [3, 5]))).to.equal(
      "ok",
    );
  });
});
