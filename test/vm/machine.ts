// SPDX-License-Identifier: MIT
// QEMU: whether KVM works here, and the command line of the guest.
import type { ChildProcess } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { spawnBound } from "./bound_process.ts";
import { type Forward, networkArguments } from "./forward.ts";
import { cacheFolder, type Kernel } from "./kernel.ts";

export type Acceleration = "kvm" | "tcg";

export interface Machine {
  readonly kernel: Kernel;
  readonly acceleration: Acceleration;
  readonly cpus: number;
  /** MiB. */
  readonly memory: number;
  /** The folder of this run, shared with the guest and writeable by it. */
  readonly folder: string;
  readonly interactive: boolean;
  /** More words for the kernel's command line. */
  readonly append: readonly string[];
  readonly forward: readonly Forward[];
}

const program = "qemu-system-x86_64";

/**
 * Starts QEMU so that it dies with this process, however that ends. Its standard input stays open: at its end, QEMU
 * would take the output's port for disconnected.
 */
export function startQemu(args: readonly string[], stdio: "inherit" | "pipe"): ChildProcess {
  return spawnBound(program, args, stdio);
}

/** The accelerator's own arguments. */
function accelerate(acceleration: Acceleration): readonly string[] {
  return acceleration === "kvm"
    ? ["-accel", "kvm", "-cpu", "host"]
    : ["-accel", "tcg,thread=multi", "-cpu", "max"];
}

/**
 * Whether KVM works: /dev/kvm may exist and QEMU then hang in the BIOS, so a kernel has to print its first line within
 * a few seconds. The verdict is kept until the machine boots again.
 */
export async function chooseAcceleration(kernel: Kernel): Promise<Acceleration> {
  const forced = process.env["LUNATIK_VM_ACCEL"];
  if (forced === "kvm" || forced === "tcg") return forced;
  if (!existsSync("/dev/kvm")) return "tcg";
  const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  const memo = join(cacheFolder(), "kvm");
  if (existsSync(memo)) {
    const [known, verdict] = readFileSync(memo, "utf8").trim().split(" ");
    if (known === boot && (verdict === "kvm" || verdict === "tcg")) return verdict;
  }
  const verdict = (await printsWithKvm(kernel)) ? "kvm" : "tcg";
  mkdirSync(cacheFolder(), { recursive: true });
  writeFileSync(memo, `${boot} ${verdict}\n`);
  return verdict;
}

/** Whether the kernel's first line comes within eight seconds under KVM. */
function printsWithKvm(kernel: Kernel): Promise<boolean> {
  return new Promise((resolve) => {
    const qemu = startQemu(
      [
        accelerate("kvm"),
        ["-machine", "q35", "-m", "512", "-nodefaults", "-display", "none"],
        ["-no-reboot", "-serial", "stdio", "-kernel", kernel.image],
        ["-append", "earlyprintk=ttyS0 console=ttyS0 panic=-1"],
      ].flat(),
      "pipe",
    );
    let seen = "";
    const end = (verdict: boolean): void => {
      clearTimeout(patience);
      qemu.kill("SIGKILL");
      resolve(verdict);
    };
    const patience = setTimeout(end, 8000, false);
    qemu.stdout?.on("data", (data: Buffer) => {
      seen += data.toString("latin1");
      if (seen.includes("Linux version")) end(true);
    });
    qemu.on("exit", () => end(false));
    qemu.on("error", () => end(false));
  });
}

/** A folder of the host that the guest mounts by its tag. */
function share(tag: string, path: string, more: string): readonly string[] {
  const plain = path.replaceAll(",", ",,");
  return ["-virtfs", `local,path=${plain},mount_tag=${tag},security_model=none,multidevs=remap${more}`];
}

/**
 * The arguments of QEMU. The kernel's console goes to `console.log` in the run's folder, the command's output (or, for an
 * interactive run, a terminal) to standard output.
 */
export function qemuArguments(machine: Machine, initrd: string): readonly string[] {
  const { folder, kernel } = machine;
  const port = machine.interactive
    ? "virtconsole,chardev=output"
    : "virtserialport,chardev=output,name=lunatik.output";
  const words = [
    "console=ttyS0",
    "loglevel=5",
    "log_buf_len=16M",
    "printk.devkmsg=on",
    "panic=-1",
    "oops=panic",
    "net.ifnames=0",
    // The debug kernel takes five times as long with any other clock. Others may doubt it: measured at boot on a busy
    // host, it can be wrong.
    ...(machine.acceleration === "tcg" && kernel.release.includes("-debug-") ? ["tsc=reliable"] : []),
    ...machine.append,
  ];
  return [
    accelerate(machine.acceleration),
    ["-machine", "q35", "-smp", String(machine.cpus), "-m", String(machine.memory)],
    ["-nodefaults", "-no-user-config", "-display", "none", "-no-reboot"],
    ["-kernel", kernel.image, "-initrd", initrd, "-append", words.join(" ")],
    ["-chardev", `file,id=console,path=${join(folder, "console.log")}`, "-serial", "chardev:console"],
    ["-device", "virtio-serial-pci", "-chardev", "stdio,id=output,signal=off", "-device", port],
    ["-device", "virtio-rng-pci"],
    share("host", "/", ",readonly=on"),
    share("run", folder, ""),
    networkArguments(machine.forward),
  ].flat();
}
