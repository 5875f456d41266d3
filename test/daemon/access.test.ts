// SPDX-License-Identifier: MIT

import { connect } from "node:net";
import { expect } from "chai";
import { RefusalLog } from "../../daemon/refusal_log.ts";
import { reflect } from "../../luarpc/luarpc.ts";
import { until } from "../behaviour/backend.ts";
import { certificates } from "../luarpc/certificates.ts";
import { RawClient } from "../luarpc/support.ts";
import { interfaceFile, Kluad, ONE, printedBy, stateOfOne } from "./support.ts";

describe("a servant with TLS", () => {
  const files = certificates();

  it("answers clients that show a certificate of the authority, and refuses others in the log", async () => {
    const kluad = await Kluad.start();
    const file = interfaceFile(ONE);
    const tls = ["--tls-cert", files.path("servant.crt"), "--tls-key", files.path("servant.key")];
    const more = ["--tls-client-ca", files.path("ca.crt")];
    const place = (await printedBy(kluad.kluactl("serve", await stateOfOne(), file, ...tls, ...more))).trim();
    const call = (...words: readonly string[]) => kluad.kluactl("rpc", place, file, "f", ...words);
    const ca = ["--tls-ca", files.path("ca.crt")];
    const shown = ["--tls-cert", files.path("client.crt"), "--tls-key", files.path("client.key")];
    expect(await printedBy(call(...ca, ...shown))).to.equal("1\n");

    expect((await call(...ca)).exit).to.equal(5);
    await until("it is in the log", () => kluad.program.stderr.includes("a client was refused"));
    const [line = ""] = kluad.program.stderr
      .split("\n")
      .filter((one) => one.includes("a client was refused"));
    const logged = JSON.parse(line) as {
      readonly reason: string;
      readonly remote: string;
      readonly text: string;
    };
    expect(logged).to.include({ level: 40, reason: "tls" });
    expect(logged.remote).to.match(/^127\.0\.0\.1:\d+$/);
    expect(logged.text).to.match(/certificate/);
    const stranger = ["--tls-cert", files.path("other.crt"), "--tls-key", files.path("other.key")];
    expect((await call(...ca, ...stranger)).exit).to.equal(5);
    expect((await call(...shown, "--tls-ca", files.path("other.crt"))).exit).to.equal(5);
    expect((await call("--timeout", "2s")).exit).to.not.equal(0);
    expect((await (await kluad.client()).servants())[0]).to.include({ tls: "mutual", calls: 1 });
    expect(await printedBy(call(...ca, ...shown))).to.equal("1\n");
  });

  it("asks for no certificate unless it is told to", async () => {
    const kluad = await Kluad.start();
    const file = interfaceFile(ONE);
    const tls = ["--tls-cert", files.path("servant.crt"), "--tls-key", files.path("servant.key")];
    const place = (await printedBy(kluad.kluactl("serve", await stateOfOne(), file, ...tls))).trim();
    expect(
      await printedBy(kluad.kluactl("rpc", place, file, "f", "--tls-ca", files.path("ca.crt"))),
    ).to.equal("1\n");
    expect(
      (await kluad.kluactl("rpc", place, file, "f", "--tls")).exit,
      "the system's authorities have not signed it",
    ).to.equal(5);
    expect((await (await kluad.client()).servants())[0]).to.include({ tls: "server" });
  });

  it("is not made of half of what it needs, nor of nonsense", async () => {
    const kluad = await Kluad.start();
    const name = await stateOfOne();
    const file = interfaceFile(ONE);
    const refusals: readonly (readonly [exit: number, text: string, argv: readonly string[]])[] = [
      [2, "needs --tls-key", ["--tls-cert", files.path("servant.crt")]],
      [2, "needs --tls-cert", ["--tls-key", files.path("servant.key")]],
      [2, "needs --tls-cert", ["--tls-client-ca", files.path("ca.crt")]],
      [25, "no such file", ["--tls-cert", "/nonexistent", "--tls-key", files.path("servant.key")]],
      [16, "tls", ["--tls-cert", file, "--tls-key", files.path("servant.key")]],
      [16, "tls", ["--tls-cert", files.path("servant.crt"), "--tls-key", files.path("client.key")]],
      [16, "allow: '10.0.0.0/33' is no address", ["--allow", "10.0.0.0/33"]],
      [16, "maxConnections", ["--max-connections", "0"]],
    ];
    for (const [exit, text, argv] of refusals) {
      const outcome = await kluad.kluactl("serve", name, file, ...argv);
      expect(outcome.stderr).to.include(text);
      expect(outcome.exit).to.equal(exit);
    }
    expect(await (await kluad.client()).servants()).to.deep.equal([]);
  });
});

describe("a servant with a list of addresses", () => {
  it("answers those on it, and refuses others in the log", async () => {
    const kluad = await Kluad.start(undefined, undefined, "--metrics", "0");
    const file = interfaceFile(ONE);
    const name = await stateOfOne();
    const argv = [
      "serve",
      name,
      file,
      "--listen",
      "0.0.0.0:0",
      "--allow",
      "127.0.0.2, 192.0.2.0/24",
      "--json",
    ];
    const { servant } = JSON.parse(await printedBy(kluad.kluactl(...argv))) as {
      readonly servant: { readonly port: number; readonly allow: unknown };
    };
    const { port } = servant;
    expect(servant.allow).to.deep.equal(["127.0.0.2", "192.0.2.0/24"]);
    const from = async (localAddress: string): Promise<string> => {
      const socket = connect({ host: "127.0.0.1", port, localAddress });
      let text = "";
      socket
        .on("error", () => undefined)
        .on("data", (bytes: Buffer) => {
          text += bytes.toString();
        });
      socket.end("f\n");
      await new Promise((resolve) => socket.once("close", resolve));
      return text;
    };
    expect(await from("127.0.0.2")).to.equal("1\n");
    expect(await from("127.0.0.3")).to.equal("");
    expect(await from("127.0.0.3")).to.equal("");
    const lines = kluad.program.stderr.split("\n").filter((line) => line.includes("a client was refused"));
    expect(lines, "one line says it for a while").to.have.length(1);
    expect(lines[0])
      .to.include('"reason":"address"')
      .and.to.include('"remote":"127.0.0.3:')
      .and.to.include(name);
    expect((await (await kluad.client()).servants())[0]).to.include({ refused: 2, calls: 1 });
    const [, metrics = ""] = /"metrics":"(http:[^"]+)"/.exec(kluad.program.stderr) ?? [];
    expect(await (await fetch(metrics)).text()).to.include(`reason="address"} 2\n`);
  });
});

describe("refusals in the log", () => {
  it("are one line for each reason at once, and one for all of a while", () => {
    const lines: object[] = [];
    let now = 0;
    const refusals = new RefusalLog(
      (line) => lines.push(line),
      () => now,
    );
    const refuse = (reason: "address" | "tls"): void => {
      refusals.refused({ remote: "192.0.2.1:1", reason, text: "no" });
    };
    for (let client = 0; client < 5; client += 1) refuse("address");
    refuse("tls");
    now = 10_000;
    refuse("address");
    const each = { remote: "192.0.2.1:1", text: "no" };
    expect(lines).to.deep.equal([
      { ...each, reason: "address" },
      { ...each, reason: "tls" },
      { ...each, reason: "address", before: 4 },
    ]);
  });
});

describe("a servant with reflection", () => {
  it("tells its interface, and that it is well", async () => {
    const kluad = await Kluad.start();
    const file = interfaceFile(ONE);
    const place = (await printedBy(kluad.kluactl("serve", await stateOfOne(), file, "--reflection"))).trim();
    const port = Number(place.split(":")[1]);
    expect([...(await reflect("127.0.0.1", port)).methods.keys()]).to.deep.equal(["f"]);
    const asking = await RawClient.connect(port);
    asking.write("__health\nf\n");
    await asking.expects("ok\n1\n");
    const plain = await kluad.serve(await stateOfOne(), ONE);
    expect(plain.reflection).to.equal(false);
    const client = await RawClient.connect(plain.port);
    client.write("__health\n");
    expect(await client.line()).to.match(/^___ERRORPC: /);
  });
});

describe("a servant with limits on its connections", () => {
  it("has so many, and closes those that are idle for too long", async () => {
    const kluad = await Kluad.start();
    const name = await stateOfOne();
    const file = interfaceFile(ONE);
    const few = (await printedBy(kluad.kluactl("serve", name, file, "--max-connections", "2"))).trim();
    const port = Number(few.split(":")[1]);
    const clients: RawClient[] = [];
    for (let client = 0; client < 3; client += 1) {
      const next = await RawClient.connect(port);
      next.write("f\n");
      expect(await next.line()).to.equal("1");
      clients.push(next);
    }
    await clients[0]?.ends();
    clients[2]?.write("f\n");
    expect(await clients[2]?.line()).to.equal("1");

    const brief = (await printedBy(kluad.kluactl("serve", name, file, "--idle", "100"))).trim();
    const idle = await RawClient.connect(Number(brief.split(":")[1]));
    idle.write("f\n");
    expect(await idle.line()).to.equal("1");
    await idle.ends();
  });
});
