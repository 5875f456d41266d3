// SPDX-License-Identifier: MIT

import { expect } from "chai";
import { callMethod } from "../../luarpc/proxy.ts";
import { certificates } from "./certificates.ts";
import { makeObject, proxyOf, RawClient, serve } from "./support.ts";

describe("TLS", () => {
  const files = certificates();

  const codeOf = async (promise: Promise<unknown>): Promise<unknown> =>
    promise.then(
      () => "ok",
      (error: unknown) => (error as { code: unknown }).code,
    );

  it("carries calls between a servant and a client that show certificates", async () => {
    const { port } = await serve(makeObject(), {
      tls: { key: files.text["servant.key"], cert: files.text["servant.crt"], ca: files.text["ca.crt"] },
    });
    const proxy = proxyOf(port, {
      tls: { ca: files.text["ca.crt"], key: files.text["client.key"], cert: files.text["client.crt"] },
    });
    expect(await callMethod(proxy, "foo", [3, 5])).to.deep.equal([8, "alo alo"]);
    expect(await callMethod(proxy, "echo", ["x".repeat(300_000)])).to.deep.equal(["x".repeat(300_000)]);
    expect(await codeOf(callMethod(proxy, "fail", ["no"]))).to.equal("ERR_REMOTE");
    expect(await callMethod(proxy, "foo", [3, 5])).to.deep.equal([8, "alo alo"]);
  });

  it("refuses clients without a certificate, with a stranger's, and without TLS", async () => {
    const { port } = await serve(makeObject(), {
      tls: { key: files.text["servant.key"], cert: files.text["servant.crt"], ca: files.text["ca.crt"] },
    });
    expect(
      await codeOf(callMethod(proxyOf(port, { tls: { ca: files.text["ca.crt"] } }), "foo", [3, 5])),
    ).to.equal("ERR_CONNECT");
    const stranger = {
      ca: files.text["ca.crt"],
      key: files.text["other.key"],
      cert: files.text["other.crt"],
    };
    expect(await codeOf(callMethod(proxyOf(port, { tls: stranger }), "foo", [3, 5]))).to.equal("ERR_CONNECT");
    const plain = await RawClient.connect(port);
    plain.write("foo\n3\n5\n");
    await plain.ends();
    expect(plain.received).to.not.contain("8");
  });

  it("refuses a servant that the client's authorities did not sign", async () => {
    const { port } = await serve(makeObject(), {
      tls: { key: files.text["servant.key"], cert: files.text["servant.crt"] },
    });
    expect(
      await codeOf(callMethod(proxyOf(port, { tls: { ca: files.text["other.crt"] } }), "foo", [3, 5])),
    ).to.equal("ERR_CONNECT");
    expect(
      await codeOf(callMethod(proxyOf(port, { tls: { ca: files.text["ca.crt"] } }), "foo", [3, 5])),
    ).to.equal("ok");
  });
});
