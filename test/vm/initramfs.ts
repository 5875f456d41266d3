// SPDX-License-Identifier: MIT
// The first file system of the guest: busybox, the modules that reach the host's root, and init.sh.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type Kernel, KernelError, withDependencies } from "./kernel.ts";

interface Entry {
  readonly path: string;
  /** File type and permissions, as in st_mode. */
  readonly mode: number;
  readonly data?: Uint8Array;
  /** Major and minor number of a device. */
  readonly device?: readonly [number, number];
}

const directory = 0o040755;
const program = 0o100755;
const plain = 0o100644;
const character = 0o020600;

/** What the guest needs before it sees the host's root, and a network card for those who ask for one. */
const needed = ["virtio_pci", "virtio_console", "9pnet_virtio", "9p", "overlay", "virtio_net", "virtio_rng"];

/** What brings a size to a multiple of four. */
function pad(size: number): Buffer {
  return Buffer.alloc((4 - (size % 4)) % 4);
}

/** A cpio archive in the format "newc", which the kernel unpacks as its first root. */
export function cpio(entries: readonly Entry[]): Buffer {
  const parts: Buffer[] = [];
  [...entries, { path: "TRAILER!!!", mode: 0 }].forEach((entry: Entry, index) => {
    const data = Buffer.from(entry.data ?? new Uint8Array());
    const [major, minor] = entry.device ?? [0, 0];
    const size = entry.path.length + 1;
    const fields = [index + 1, entry.mode, 0, 0, 1, 0, data.length, 0, 0, major, minor, size, 0];
    const head = `070701${fields.map((field) => field.toString(16).padStart(8, "0")).join("")}${entry.path}\0`;
    parts.push(Buffer.from(head, "latin1"), pad(head.length), data, pad(data.length));
  });
  return Buffer.concat(parts);
}

/** A module's bytes, decompressed: busybox's insmod and older kernels take plain ones only. */
function moduleBytes(file: string): Buffer {
  const tool = { xz: "xz", zst: "zstd", gz: "gzip" }[file.split(".").at(-1) ?? ""];
  if (tool === undefined) return readFileSync(file);
  return execFileSync(tool, ["-dc", file], { maxBuffer: 1 << 28 });
}

/** The path of a static busybox. */
function busybox(): string {
  for (const path of ["/bin/busybox", "/usr/bin/busybox"]) {
    try {
      const interpreter = execFileSync("readelf", ["-l", path], { encoding: "utf8" });
      if (!interpreter.includes("INTERP")) return path;
    } catch {
      // Not there: the next one.
    }
  }
  throw new KernelError("no static busybox: run tools/install vm");
}

/**
 * The archive that QEMU hands to the kernel.
 *
 * @param settings what init.sh and guest.sh are told, as shell variables
 */
export function initramfs(kernel: Kernel, settings: Readonly<Record<string, string>>): Buffer {
  const modules = withDependencies(kernel, needed).map((file, index): Entry => {
    const name = (file.split("/").at(-1) ?? "").replace(/\.ko.*$/, "");
    return {
      path: `modules/${String(index).padStart(2, "0")}-${name}.ko`,
      mode: plain,
      data: moduleBytes(file),
    };
  });
  const lines = Object.entries(settings).map(
    ([name, value]) => `export ${name}='${value.replaceAll("'", "'\\''")}'\n`,
  );
  return cpio([
    ...["bin", "dev", "proc", "sys", "host", "top", "root", "modules"].map((path) => ({
      path,
      mode: directory,
    })),
    { path: "dev/console", mode: character, device: [5, 1] },
    { path: "dev/null", mode: character, device: [1, 3] },
    { path: "bin/busybox", mode: program, data: readFileSync(busybox()) },
    { path: "init", mode: program, data: readFileSync(fileURLToPath(new URL("init.sh", import.meta.url))) },
    { path: "settings", mode: plain, data: Buffer.from(lines.join("")) },
    ...modules,
  ]);
}
