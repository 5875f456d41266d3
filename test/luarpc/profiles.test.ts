// SPDX-License-Identifier: MIT

import { expect } from "chai";
import { bytesOf } from "../../luarpc/bytes.ts";
import type { ProfileName } from "../../luarpc/profile.ts";
import { makeObject, proxyOf, RawClient, serve, sleep } from "./support.ts";

/* Dialects over TCP: a servant that recognises them, and proxies and servants that were told. */

const dialects: readonly (readonly [ProfileName, readonly (readonly [string, string])[]])[] = [
  [
    "plain",
    [
      ["foo\n3\n5\n", "8\nalo alo\n"],
      ["nothing\n", "\n"],
      ["echo\n'x'\n", "'x'\n"],
      ["boo\n10\n", "10\n"],
    ],
  ],
  [
    "space",
    [
      [" \nfoo\n3\n5\n", " \n8\nalo alo\n"],
      [" \nnothing\n", " \nnil\n"],
      [" \nboo\n10\n", " \nnil\n10\n"],
    ],
  ],
  [
    "fim",
    [
      ["foo\n3.0\n5.0\n-fim-\n", "8.0\n'alo alo'\n-fim-\n"],
      ["nothing\n-fim-\n", "-fim-\n"],
      ["echo\n'it\\'s'\n-fim-\n", "'it\\'s'\n-fim-\n"],
    ],
  ],
  [
    "status",
    [
      ["foo\n3\n5\nnil\n", "0\n8\nalo alo\n"],
      ["boo\n10\n", "0\n10\n"],
      ["mixed\nnil\nhello\nc\n", "0\nhello\n1\nc\n"],
      ["fail\nx\n", "1\n___ERRORPC: x\n"],
    ],
  ],
  [
    "table",
    [
      ["return{foo={3,5}}\n", "return{8,'alo alo'}\n"],
      ["return{boo={10}}\n", "return{10}\n"],
      ["return {echo={[[a b]]}}\n", "return{'a b'}\n"],
      ["return{nada={}}\n", "return{'___ERRORPC: no method \\'nada\\' in the interface'}\n"],
      ["return{echo={'\\065\\n'}}\n", "return{'A\\010'}\n"],
    ],
  ],
];

describe("profiles", () => {
  for (const [profile, exchanges] of dialects) {
    it(`auto recognises ${profile} from its first request`, async () => {
      const { port } = await serve(makeObject(), { profile: "auto" });
      const client = await RawClient.connect(port);
      for (const [request, reply] of exchanges) {
        client.write(request);
        await client.expects(reply);
      }
    });

    it(`auto recognises ${profile} when each line comes by itself`, async () => {
      const { port } = await serve(makeObject(), { profile: "auto" });
      const client = await RawClient.connect(port);
      const [[request, reply]] = exchanges as [readonly [string, string]];
      for (const line of request.match(/[^\n]*\n/g) ?? []) {
        client.write(line);
        await sleep(2);
      }
      await client.expects(reply);
    });

    it(`auto answers three requests of ${profile} in one write`, async () => {
      const { port } = await serve(makeObject(), { profile: "auto" });
      const client = await RawClient.connect(port);
      const [[request, reply]] = exchanges as [readonly [string, string]];
      client.write(request.repeat(3));
      await client.expects(reply.repeat(3));
    });
  }

  it("auto tells plain with an out parameter from status by what follows", async () => {
    const { port } = await serve(makeObject(), { profile: "auto" });
    const client = await RawClient.connect(port);
    client.socket.end("foo\n3\n5\n");
    await client.expects("8\nalo alo\n");
  });

  for (const profile of ["plain", "quoted", "blank", "space", "fim", "status", "table"] as const) {
    it(`a proxy and a servant understand each other in ${profile}`, async () => {
      const { port } = await serve(makeObject(), { profile });
      const proxy = proxyOf(port, { profile });
      expect(await proxy["foo"]?.(3, 5)).to.deep.equal([8, "alo alo"]);
      expect(await proxy["boo"]?.(-0)).to.deep.equal([-0]);
      expect(await proxy["nothing"]?.()).to.deep.equal([]);
      expect(await proxy["one"]?.("'")).to.deep.equal(["'"]);
      expect(await proxy["mixed"]?.("a\nb", "x")).to.deep.equal(["a\nb", 1, "x"]);
      for (const text of [
        "",
        " ",
        "nil",
        "a\nb",
        "\\n",
        '"q"',
        "'s'",
        "\\",
        "ünï\u{1f600}",
        "\0",
        "x".repeat(100_000),
      ])
        expect(await proxy["echo"]?.(text)).to.deep.equal([text]);
      for (const value of [2 ** 53, 0.1, 1e300, -0, Infinity, -Infinity, Number.NaN])
        expect(await proxy["boo"]?.(value)).to.deep.equal([value]);
      let failure: unknown;
      await proxy["fail"]?.("não").catch((error: unknown) => {
        failure = error;
      });
      expect(failure).to.include({ code: "ERR_REMOTE", kind: "remote", message: "não" });
      expect(await proxy["foo"]?.(3, 5)).to.deep.equal([8, "alo alo"]);
    });
  }

  it("quoted reads a missing argument, and chars without quotes", async () => {
    const { port } = await serve(makeObject(), { profile: "quoted" });
    const client = await RawClient.connect(port);
    client.write('foo\nnil\n5\necho\nnil\none\nx\none\n"y"\n');
    await client.expects('5\n"alo alo"\n""\n"x"\n"y"\n');
  });

  it("quoted loses nothing, whatever a string holds", async () => {
    const { port } = await serve(makeObject(), { profile: "quoted" });
    const proxy = proxyOf(port, { profile: "quoted" });
    for (const text of ["\\:-)\\", "a\r", "\r\n", "_ERRORPC", '\\"', "\\\\n", " _", bytesOf("é")])
      expect(await proxy["echo"]?.(text)).to.deep.equal([text]);
  });
});
