// SPDX-License-Identifier: MIT
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { cpio } from "../../vm/initramfs.ts";
import { chooseRelease, KernelError, withDependencies } from "../../vm/kernel.ts";

const releases = [
  "6.1.0-9-amd64",
  "6.1.0-56-amd64",
  "6.1.0-56-cloud-amd64",
  "6.1.0-56-rt-amd64",
  "6.12.117+deb12-amd64",
  "6.12.117+deb12-cloud-amd64",
  "6.12.117+deb12-rt-amd64",
];

describe("choosing a kernel", () => {
  const expected: readonly (readonly [string, string])[] = [
    ["6.1", "6.1.0-56-amd64"],
    ["6.1-rt", "6.1.0-56-rt-amd64"],
    ["6.12", "6.12.117+deb12-amd64"],
    ["6.12-rt", "6.12.117+deb12-rt-amd64"],
    ["6.1.0-9-amd64", "6.1.0-9-amd64"],
  ];
  for (const [name, release] of expected) {
    it(`${name} is ${release}`, () => {
      expect(chooseRelease(name, releases)).to.equal(release);
    });
  }

  it("names what to install for one that has no headers", () => {
    expect(() => chooseRelease("6.12-rt", ["6.1.0-56-amd64"])).to.throw(
      KernelError,
      "linux-headers-6.12-rt-amd64",
    );
    expect(() => chooseRelease("6.1-rt", [])).to.throw(KernelError, "linux-headers-rt-amd64");
    expect(() => chooseRelease("6.1", [])).to.throw(KernelError, "linux-headers-amd64");
    expect(() => chooseRelease("7.7.7", releases)).to.throw(KernelError, "linux-headers-7.7.7");
  });
});

describe("the guest's modules", () => {
  let folder = "";
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "lunatik-test-"));
    mkdirSync(folder, { recursive: true });
    writeFileSync(
      join(folder, "modules.dep"),
      "kernel/a/top-one.ko: kernel/b/middle.ko kernel/c/bottom.ko\nkernel/b/middle.ko: kernel/c/bottom.ko\nkernel/c/bottom.ko:\nkernel/d/alone.ko.xz:\n",
    );
    writeFileSync(join(folder, "modules.builtin"), "kernel/e/inside.ko\n");
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("come after what they depend on, each once", () => {
    const kernel = { release: "1", image: "", modules: folder };
    const files = withDependencies(kernel, ["middle", "top_one", "inside", "alone"]);
    expect(files.map((file) => file.slice(folder.length + 1))).to.deep.equal([
      "kernel/c/bottom.ko",
      "kernel/b/middle.ko",
      "kernel/a/top-one.ko",
      "kernel/d/alone.ko.xz",
    ]);
  });

  it("are refused when the kernel has no such module", () => {
    const kernel = { release: "1", image: "", modules: folder };
    expect(() => withDependencies(kernel, ["nothing"])).to.throw(KernelError, "no module nothing");
  });
});

describe("the initramfs archive", () => {
  it("has a header, a name and data for each entry, all on multiples of four, and a trailer", () => {
    const archive = cpio([{ path: "abc", mode: 0o100644, data: Buffer.from("hello") }]);
    expect(archive.length % 4).to.equal(0);
    expect(archive.subarray(0, 6).toString()).to.equal("070701");
    expect(archive.subarray(54, 62).toString()).to.equal("00000005");
    expect(archive.subarray(110, 114).toString()).to.equal("abc\0");
    expect(archive.subarray(116, 121).toString()).to.equal("hello");
    expect(archive.toString("latin1")).to.match(/TRAILER!!!\0/);
  });
});
