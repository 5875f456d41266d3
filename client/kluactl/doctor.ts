// SPDX-License-Identifier: MIT

import { join } from "node:path";
import { DaemonError } from "../daemon_error.ts";
import { LunatikError } from "../error.ts";
import { defaultSocket } from "../transport_embedded.ts";
import { type Context, defineCommand } from "./command.ts";
import { exitCode } from "./exit_codes.ts";
import { advice } from "./failure_report.ts";
import { packageFolder } from "./installation.ts";
import type { Machine } from "./machine.ts";
import { type Style, visible } from "./terminal.ts";

/*
 * What kluactl needs, one check after the other. A check that fails makes kluactl unusable, one that warns does not. Each
 * says what it found and, unless all is well, what to do.
 */

type Status = "ok" | "warning" | "failed" | "skipped";

interface Check {
  readonly check: string;
  readonly status: Status;
  readonly detail: string;
  /** What to do. */
  readonly advice?: string | undefined;
}

const styles: Readonly<Record<Status, Style>> = {
  ok: "green",
  warning: "yellow",
  failed: "red",
  skipped: "dim",
};

export const doctor = defineCommand({
  positionals: {},
  options: {},
  details:
    "Checks node, the npm packages, the kernel and its headers, the module's file and whether it is loaded, lockdown, the " +
    "capability, the namespaces, the family and its version, and that the module answers. With --backend embedded: node, " +
    "the socket, and that the server answers. And whether kluactl goes through the daemon. Exits with 50 when a check failed.",
  async run(context) {
    const { terminal, options } = context;
    const checks =
      options.backend === "embedded" ? await embeddedChecks(context) : await kernelChecks(context);
    const ok = checks.every(({ status }) => status !== "failed");
    if (options.json) {
      terminal.json({ ok, checks: checks.map((check) => ({ ...check })) });
    } else {
      for (const check of checks) {
        const status = terminal.styled(check.status.padEnd(8), styles[check.status]);
        terminal.line(`${status} ${check.check.padEnd(12)} ${visible(check.detail)}`);
        if (check.advice !== undefined) {
          for (const line of check.advice.split("\n")) terminal.line(`${" ".repeat(22)}${line}`);
        }
      }
    }
    return ok ? 0 : exitCode("ERR_CHECK");
  },
});

async function embeddedChecks(context: Context): Promise<readonly Check[]> {
  const { machine, environment } = context.world;
  const path = context.options.socket ?? defaultSocket(environment);
  const there = await machine.exists(path);
  return [
    checkNode(machine),
    {
      check: "socket",
      status: there ? "ok" : "failed",
      detail: there ? path : `${path} does not exist`,
      advice: there ? undefined : advice("ERR_CONNECT", context.options),
    },
    ...(await moduleChecks(context, "server")),
    (await checkDaemon(context)).check,
  ];
}

async function kernelChecks(context: Context): Promise<readonly Check[]> {
  const { machine } = context.world;
  // Asking for the family loads an installed module, so that comes first.
  const module = await moduleChecks(context, "family");
  const loaded = await machine.exists("/sys/module/lunatik");
  const daemon = await checkDaemon(context);
  const own = [await checkCapability(machine), await checkNamespaces(machine)];
  return [
    checkNode(machine),
    ...["netlink", "ffi-napi", "ref-napi"].map((name) => checkPackage(machine, name)),
    { check: "kernel", status: "ok", detail: machine.kernelRelease },
    await checkHeaders(machine),
    await checkModuleFile(machine, loaded),
    await checkLockdown(machine, loaded),
    await checkLoaded(machine, loaded),
    ...(daemon.isUsed ? own.map(spared) : own),
    ...module,
    daemon.check,
  ];
}

/** What only a process that speaks netlink itself must have. */
function spared(check: Check): Check {
  if (check.status !== "failed") return check;
  return { check: check.check, status: "ok", detail: `${check.detail}; the daemon has what it takes` };
}

/** Whether the daemon is used, and if not, why. */
async function checkDaemon(context: Context): Promise<{ readonly check: Check; readonly isUsed: boolean }> {
  const check = "daemon";
  const daemon = await context.lunatik().then(
    (lunatik) => lunatik.daemon,
    () => undefined,
  );
  if (daemon !== undefined) {
    const detail = `used: kluad ${daemon.version}, process ${daemon.pid}, at ${daemon.control}`;
    return { check: { check, status: "ok", detail }, isUsed: true };
  }
  const unused = (
    status: Status,
    detail: string,
    what?: string,
  ): { readonly check: Check; readonly isUsed: false } => ({
    check: { check, status, detail: `not used: ${detail}`, advice: what },
    isUsed: false,
  });
  if (context.options.via === "direct") return unused("ok", "--via direct");
  try {
    await context.daemon();
    return unused("ok", "one answers, and serves something else");
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    if (error instanceof DaemonError && error.code === "ERR_NO_DAEMON") return unused("ok", text);
    return unused("warning", text, "kluactl works without it, for who has the capability CAP_NET_ADMIN.");
  }
}

const NODE_MAJOR = 20;

function checkNode({ nodeVersion }: Machine): Check {
  const major = Number(/^v(\d+)/.exec(nodeVersion)?.[1] ?? 0);
  if (major >= NODE_MAJOR) return { check: "node", status: "ok", detail: nodeVersion };
  return {
    check: "node",
    status: "failed",
    detail: `${nodeVersion} is too old`,
    advice: `Install node ${NODE_MAJOR} or later.`,
  };
}

function checkPackage(machine: Machine, name: string): Check {
  const check = `npm ${name}`;
  try {
    return { check, status: "ok", detail: machine.loadPackage(name) };
  } catch (error) {
    const reason = (error instanceof Error ? error.message : String(error)).split("\n")[0] ?? "";
    // Without ffi-napi events and large chunks are out of reach; the rest works.
    return {
      check,
      status: name === "netlink" ? "failed" : "warning",
      detail: `does not load: ${reason}`,
      advice: "Run npm ci in the project's folder.",
    };
  }
}

async function checkHeaders(machine: Machine): Promise<Check> {
  const path = `/lib/modules/${machine.kernelRelease}/build`;
  if (await machine.exists(`${path}/Makefile`)) return { check: "headers", status: "ok", detail: path };
  return {
    check: "headers",
    status: "warning",
    detail: `none for this kernel (${path}); only building the module needs them`,
    advice: `sudo apt-get install linux-headers-${machine.kernelRelease}`,
  };
}

/** The installed module, or the one that was built here; built for this kernel? */
async function checkModuleFile(machine: Machine, loaded: boolean): Promise<Check> {
  const folder = `/lib/modules/${machine.kernelRelease}`;
  const list = (await machine.read(`${folder}/modules.dep`))?.toString("utf8") ?? "";
  const installed = /^(\S*\/)?lunatik\.ko[^:\s]*(?=:)/m.exec(list)?.[0];
  if (installed !== undefined) return { check: "module file", status: "ok", detail: join(folder, installed) };
  const built = join(packageFolder(), "lunatik.ko");
  const bytes = await machine.read(built);
  if (bytes === undefined) {
    return {
      check: "module file",
      status: loaded ? "warning" : "failed",
      detail: `neither installed under ${folder} nor built as ${built}`,
      advice: "Build it with make in the project's folder.",
    };
  }
  const release = vermagic(bytes);
  if (release === machine.kernelRelease)
    return { check: "module file", status: "ok", detail: `${built}, for this kernel` };
  return {
    check: "module file",
    status: loaded ? "warning" : "failed",
    detail: `${built} was built for ${release ?? "an unknown kernel"}, this one is ${machine.kernelRelease}`,
    advice: "Build it again for this kernel: make clean && make",
  };
}

/** The kernel release that a module was built for, out of its section .modinfo: "vermagic=6.1.0-56-amd64 SMP …". */
function vermagic(module: Buffer): string | undefined {
  const at = module.indexOf("\0vermagic=");
  return at < 0 ? undefined : /^[^ \0]+/.exec(module.toString("latin1", at + 10, at + 138))?.[0];
}

async function checkLoaded(machine: Machine, loaded: boolean): Promise<Check> {
  if (loaded) {
    const version = (await machine.read("/sys/module/lunatik/version"))?.toString("utf8").trim();
    // Letters as in /proc/sys/kernel/tainted: O for a module from outside of the kernel's tree, E for an unsigned one.
    const taint = (await machine.read("/sys/module/lunatik/taint"))?.toString("utf8").trim() ?? "";
    const parts = ["loaded"];
    if (version !== undefined) parts.push(`version ${version}`);
    if (taint !== "") parts.push(`taints the kernel: ${taint}`);
    return { check: "module", status: "ok", detail: parts.join(", ") };
  }
  return {
    check: "module",
    status: "warning",
    detail: "not loaded",
    advice: "sudo modprobe lunatik  (when it is installed), or  sudo insmod lunatik.ko",
  };
}

/** Kernels that only load signed modules refuse one that was built here. */
async function checkLockdown(machine: Machine, loaded: boolean): Promise<Check> {
  const lockdown = (await machine.read("/sys/kernel/security/lockdown"))?.toString("utf8") ?? "";
  const mode = /\[(\w+)\]/.exec(lockdown)?.[1] ?? "none";
  const enforced =
    (await machine.read("/sys/module/module/parameters/sig_enforce"))?.toString("utf8").trim() === "Y";
  if (mode === "none" && !enforced)
    return { check: "lockdown", status: "ok", detail: "unsigned modules may be loaded" };
  return {
    check: "lockdown",
    status: loaded ? "ok" : "warning",
    detail: enforced ? "the kernel loads signed modules only" : `lockdown is ${mode}: signed modules only`,
    advice: loaded
      ? undefined
      : "Sign lunatik.ko with a key that the kernel trusts (mokutil), or turn Secure Boot off.",
  };
}

/** The bit of CAP_NET_ADMIN (linux/capability.h). */
const CAP_NET_ADMIN = 12n;

async function checkCapability(machine: Machine): Promise<Check> {
  const status = (await machine.read("/proc/self/status"))?.toString("utf8") ?? "";
  const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1];
  if (effective === undefined) {
    return {
      check: "capability",
      status: "skipped",
      detail: "/proc/self/status does not tell the capabilities",
    };
  }
  if (((BigInt(`0x${effective}`) >> CAP_NET_ADMIN) & 1n) === 1n) {
    return { check: "capability", status: "ok", detail: "CAP_NET_ADMIN" };
  }
  return {
    check: "capability",
    status: "failed",
    detail: "CAP_NET_ADMIN is missing",
    advice: advice("ERR_PERMISSION", { backend: "kernel" }),
  };
}

/** The inode of the initial user namespace, the same on every machine (PROC_USER_INIT_INO in linux/proc_ns.h). */
const INITIAL_USER_NAMESPACE = "user:[4026531837]";

/** The family lives in the initial network namespace, and its right is asked for in the initial user namespace. */
async function checkNamespaces(machine: Machine): Promise<Check> {
  const user = await machine.link("/proc/self/ns/user");
  if (user !== undefined && user !== INITIAL_USER_NAMESPACE) {
    return {
      check: "namespaces",
      status: "failed",
      detail: "this is not the initial user namespace: no capability of a container counts here",
      advice: "Run kluactl on the host, outside of unshare and rootless containers.",
    };
  }
  const own = await machine.link("/proc/self/ns/net");
  const first = await machine.link("/proc/1/ns/net");
  if (own === undefined || first === undefined) {
    return {
      check: "namespaces",
      status: "skipped",
      detail: "the network namespace of process 1 cannot be read",
    };
  }
  if (own === first)
    return { check: "namespaces", status: "ok", detail: "the network namespace of process 1" };
  return {
    check: "namespaces",
    status: "failed",
    detail: "another network namespace than that of process 1, in which the family cannot be seen",
    advice: "sudo nsenter --net=/proc/1/ns/net kluactl …",
  };
}

/** Whether the module can be reached, speaks our version of the protocol, and answers. */
async function moduleChecks(context: Context, check: string): Promise<readonly Check[]> {
  const failed = (name: string, error: unknown): Check => ({
    check: name,
    status: "failed",
    detail: error instanceof Error ? error.message : String(error),
    advice: error instanceof LunatikError ? advice(error.code, context.options) : undefined,
  });
  try {
    const lunatik = await context.lunatik();
    const found: Check = {
      check,
      status: "ok",
      detail: "lunatik is there, with the version of the protocol that kluactl speaks",
    };
    try {
      const { version, luaVersion, states } = await lunatik.info();
      const detail = `answers: version ${version}, ${luaVersion}, ${states} ${states === 1 ? "state" : "states"}`;
      return [found, { check: "answer", status: "ok", detail }];
    } catch (error) {
      return [found, failed("answer", error)];
    }
  } catch (error) {
    return [failed(check, error), { check: "answer", status: "skipped", detail: "not asked" }];
  }
}
