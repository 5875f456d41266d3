// SPDX-License-Identifier: MIT
// Which kernel to boot, and its image and modules: Debian's own, unpacked into the cache without touching /boot.
import { execFileSync, spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** A kernel that can be booted. */
export interface Kernel {
  /** As `uname -r` prints it. */
  readonly release: string;
  /** The image that QEMU starts. */
  readonly image: string;
  /** The folder that holds `kernel/` and the modules.* lists. */
  readonly modules: string;
}

/** No kernel can be had; the message says what to do about it. */
export class KernelError extends Error {
  readonly code = "ERR_KERNEL";
}

/** Where downloads are kept, as tools/fetch-sources has it: LUNATIK_CACHE, or ~/.cache/lunatik. */
export function cacheFolder(): string {
  const base = process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache");
  return process.env["LUNATIK_CACHE"] || join(base, "lunatik");
}

/** The kernels that `--kernel` knows by name, as patterns over releases. Debian's packages name them. */
const names: Readonly<Record<string, RegExp>> = {
  "6.1": /^6\.1\.\d[\w.+-]*?(?<!-rt|-cloud)-amd64$/,
  "6.1-rt": /^6\.1\.\d.*-rt-amd64$/,
  "6.12": /^6\.12\.\d[\w.+-]*?(?<!-rt|-cloud)-amd64$/,
  "6.12-rt": /^6\.12\.\d.*-rt-amd64$/,
};

/** Sort key: digits by value, the rest as text. */
function byRelease(a: string, b: string): number {
  return a.localeCompare(b, "en", { numeric: true });
}

/** Releases whose headers are installed, the newest last. */
export function releasesWithHeaders(folder = "/usr/src"): readonly string[] {
  return readdirSync(folder)
    .filter((entry) => entry.startsWith("linux-headers-") && !entry.includes("-common"))
    .map((entry) => entry.slice("linux-headers-".length))
    .toSorted(byRelease);
}

/** The debug kernel's release. It is built first where it is missing, which takes many minutes. */
function debugRelease(): string {
  const program = fileURLToPath(new URL("debug-kernel", import.meta.url));
  const { status, stdout } = spawnSync(program, { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
  if (status !== 0) throw new KernelError("the debug kernel could not be built");
  return stdout.trim();
}

/**
 * The release meant by a name ("6.1", "6.1-rt", "6.12", "6.12-rt", "debug"), or the name itself when it is a release.
 *
 * @throws KernelError when its headers are not installed: the module could not be built for it
 */
export function chooseRelease(name: string, releases = releasesWithHeaders()): string {
  if (name === "debug") return debugRelease();
  const pattern = names[name];
  const matching = releases.filter((release) => (pattern ? pattern.test(release) : release === name));
  const newest = matching.at(-1);
  if (newest !== undefined) return newest;
  const wanted = pattern
    ? `linux-headers-${name === "6.1" ? "" : `${name.replace(/^6\.1-/, "")}-`}amd64`
    : `linux-headers-${name}`;
  throw new KernelError(`no headers for kernel ${name}: run tools/install headers ${wanted}`);
}

/** The release that a module was built for. */
export function releaseOfModule(module: string): string {
  const magic = execFileSync("/sbin/modinfo", ["-F", "vermagic", module], { encoding: "utf8" });
  return magic.split(" ")[0] ?? "";
}

/** Whether a folder holds an unpacked kernel, or the machine's own root does. */
function kernelIn(root: string, release: string): Kernel | undefined {
  const image = join(root, "boot", `vmlinuz-${release}`);
  const modules = join(root, "lib", "modules", release);
  return existsSync(image) && existsSync(join(modules, "kernel", "fs"))
    ? { release, image, modules }
    : undefined;
}

/**
 * The kernel of a release: the machine's own when it is installed, else from the cache, else downloaded.
 *
 * @param say told about the download, since it is long
 * @throws KernelError when the package cannot be had
 */
export function fetchKernel(release: string, say: (text: string) => void): Kernel {
  const cached = join(cacheFolder(), "kernels", release);
  const found = kernelIn("/", release) ?? kernelIn(cached, release);
  if (found) return found;

  const name = `linux-image-${release}`;
  say(`downloading ${name} (about 70 MB) into ${cached}`);
  mkdirSync(join(cacheFolder(), "kernels"), { recursive: true });
  const scratch = mkdtempSync(join(cacheFolder(), "kernels", "download-"));
  try {
    execFileSync("apt-get", ["-qq", "-o", "APT::Sandbox::User=root", "download", name], {
      cwd: scratch,
      stdio: ["ignore", "ignore", "pipe"],
    });
    const archive = readdirSync(scratch).find((entry) => entry.endsWith(".deb"));
    if (archive === undefined) throw new KernelError(`apt-get download ${name} left no package`);
    execFileSync("dpkg", ["-x", join(scratch, archive), join(scratch, "root")]);
    if (!kernelIn(join(scratch, "root"), release))
      throw new KernelError(`${archive} holds no kernel ${release}`);
    execFileSync("/sbin/depmod", ["-b", join(scratch, "root"), release]);
    // Another run may have been faster: then its copy is as good.
    if (!existsSync(cached)) renameSync(join(scratch, "root"), cached);
  } catch (error) {
    if (error instanceof KernelError) throw error;
    const detail = error instanceof Error ? error.message : String(error);
    throw new KernelError(
      `cannot download ${name}: ${detail.trim()}\n` +
        "The mirror may hold a newer one: run tools/install headers, then make, and try again.",
    );
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  const kernel = kernelIn(cached, release);
  if (!kernel) throw new KernelError(`${cached} is damaged: remove it and try again`);
  return kernel;
}

/**
 * A folder that looks like /lib/modules/RELEASE with some modules of our own in it, so that modprobe and the kernel's
 * autoload find them in the guest.
 *
 * @param base the folder to make lib/modules/RELEASE in
 * @param own our modules' files
 * @returns the folder lib/modules/RELEASE
 */
export function moduleTree(kernel: Kernel, base: string, own: readonly string[]): string {
  const folder = join(base, "lib", "modules", kernel.release);
  mkdirSync(join(folder, "updates"), { recursive: true });
  symlinkSync(join(kernel.modules, "kernel"), join(folder, "kernel"));
  for (const list of ["modules.builtin", "modules.builtin.modinfo", "modules.order"]) {
    if (existsSync(join(kernel.modules, list))) symlinkSync(join(kernel.modules, list), join(folder, list));
  }
  const headers = `/usr/src/linux-headers-${kernel.release}`;
  if (existsSync(headers)) symlinkSync(headers, join(folder, "build"));
  for (const file of own) execFileSync("cp", [file, join(folder, "updates")]);
  execFileSync("/sbin/depmod", ["-b", base, kernel.release]);
  return folder;
}

/** The name that lsmod shows for a module's file. */
function nameOf(path: string): string {
  const file = path.split("/").at(-1) ?? "";
  return file.replace(/\.ko(\.\w+)?$/, "").replaceAll("-", "_");
}

/**
 * The files to insmod, in order, so that the modules named are in the kernel.
 *
 * @throws KernelError when the kernel has one neither as a module nor built in
 */
export function withDependencies(kernel: Kernel, wanted: readonly string[]): readonly string[] {
  const lines = readFileSync(join(kernel.modules, "modules.dep"), "utf8").split("\n");
  const files = new Map<string, readonly string[]>();
  for (const line of lines) {
    const [file, needs] = line.split(":");
    if (file)
      files.set(nameOf(file), [...(needs ?? "").trim().split(/\s+/).filter(Boolean).toReversed(), file]);
  }
  const builtIn = new Set(
    readFileSync(join(kernel.modules, "modules.builtin"), "utf8").split("\n").map(nameOf),
  );
  const order = new Set<string>();
  for (const name of wanted) {
    const chain = files.get(name);
    if (chain) for (const file of chain) order.add(join(kernel.modules, file));
    else if (!builtIn.has(name)) throw new KernelError(`kernel ${kernel.release} has no module ${name}`);
  }
  return [...order];
}
