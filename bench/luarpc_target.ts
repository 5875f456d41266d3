// SPDX-License-Identifier: MIT

import { chmodSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectDaemon } from "../client/daemon.ts";
import { connect, type Lunatik } from "../client/lunatik.ts";
import { DECLARED, LUA } from "./luarpc_call.ts";
import { Program } from "./program.ts";

/* The servants that are measured, each in processes of its own. */

export interface Target {
  /** The letter of the assignment's list. */
  readonly key: "a" | "b" | "c" | "d" | "e";
  readonly label: string;
  readonly port: number;
  /** Memory of its processes and its state by their names, in bytes. */
  memory(): Promise<Readonly<Record<string, number>>>;
  stop(): Promise<void>;
}

const here = import.meta.dirname;

/** A target that is one program, which prints its port. */
async function ofProgram(
  key: Target["key"],
  label: string,
  command: string,
  argv: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<Target> {
  const program = new Program(label, command, argv, environment);
  return {
    key,
    label,
    port: Number(await program.line()),
    memory: () => Promise.resolve({ [label]: residentMemory(program.pid) }),
    stop: () => program.stop(),
  };
}

export function echo(): Promise<Target> {
  return ofProgram("a", "node:net echo", process.execPath, [join(here, "luarpc_echo.js")]);
}

export function typescriptServant(): Promise<Target> {
  return ofProgram("b", "TypeScript servant", process.execPath, [join(here, "luarpc_servant.js")]);
}

export function luaSocketServant(): Promise<Target> {
  return ofProgram(
    "e",
    "luarpc.lua, LuaSocket",
    "lua5.4",
    [join("bench", "luarpc_servant.lua"), DECLARED, LUA],
    {
      LUA_PATH: "luarpc/?.lua;;",
    },
  );
}

/** kluad in front of the embedded backend, with a server of its own. */
export async function embeddedServant(): Promise<Target> {
  const folder = privateFolder();
  const socket = join(folder, "lunatik.sock");
  const server = new Program("the embedded server", join("build", "embedded", "lunatik-embedded"), [
    "--socket",
    socket,
  ]);
  await server.lineWith(/listening/);
  const states = await connect({ backend: "embedded", socket });
  return await stateServant("c", "kluad, embedded backend", folder, ["--socket", socket], states, {
    server,
  });
}

/** kluad in front of the module in the kernel. */
export async function kernelServant(): Promise<Target> {
  const states = await connect({ backend: "kernel" });
  return await stateServant("d", "kluad, kernel state", privateFolder(), ["--backend", "kernel"], states, {});
}

async function stateServant(
  key: Target["key"],
  label: string,
  folder: string,
  way: readonly string[],
  states: Lunatik,
  { server }: { readonly server?: Program },
): Promise<Target> {
  const control = join(folder, "kluad.sock");
  const kluad = new Program("kluad", join("bin", "kluad"), [...way, "--control", control]);
  await kluad.said('"ready"');
  const state = `bench-${process.pid}`;
  await states.create(state);
  await states.execute(state, LUA);
  const daemon = await connectDaemon({ path: control });
  const { port } = await daemon.serve({
    state,
    interface: { file: "bench.lua", text: DECLARED },
    host: "127.0.0.1",
    port: 0,
    profile: "plain",
    wait: 30_000,
  });
  daemon.close();
  return {
    key,
    label,
    port,
    memory: async () => ({
      kluad: residentMemory(kluad.pid),
      ...(server === undefined ? kernelMemory() : { "embedded server": residentMemory(server.pid) }),
      "the state": Number((await states.get(state)).memory),
    }),
    stop: async () => {
      await kluad.stop();
      await states.delete(state);
      states.close();
      await server?.stop();
      rmSync(folder, { recursive: true });
    },
  };
}

function privateFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "lunatik-bench-"));
  chmodSync(folder, 0o700);
  return folder;
}

/** VmRSS of a process, in bytes. */
function residentMemory(pid: number): number {
  return 1024 * numberAfter(readFileSync(`/proc/${pid}/status`, "utf8"), "VmRSS");
}

/** What the kernel itself holds, in bytes. */
function kernelMemory(): Readonly<Record<string, number>> {
  const text = readFileSync("/proc/meminfo", "utf8");
  return { "the kernel's slabs": 1024 * numberAfter(text, "Slab") };
}

function numberAfter(text: string, name: string): number {
  const match = new RegExp(`^${name}:\\s*([0-9]+) kB$`, "m").exec(text);
  if (match === null) throw new Error(`/proc does not tell ${name}`);
  return Number(match[1]);
}
