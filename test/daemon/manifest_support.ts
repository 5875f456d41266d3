// SPDX-License-Identifier: MIT

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { toJs } from "../../client/lua_value.ts";
import type { Lunatik } from "../../client/lunatik.ts";
import { Kluad, type Outcome, temporaryFolder } from "./support.ts";

export const GEO = "interface geo { double area (in double r); }";
export const GEO_LUA = "function area(r) n = (n or 0) + 1 return r * 2 end";

/* Manifests in files of a test's own, and what applying them says. */

export interface Applied {
  readonly ok: boolean;
  readonly error?: { readonly code: string; readonly message: string };
  readonly steps: readonly { readonly action: string; readonly subject: string; readonly outcome: string }[];
  readonly conflicts: readonly { readonly subject: string; readonly reason: string }[];
  readonly unchanged: number;
}

/** A folder with a manifest, and what applying it says. */
export class Place {
  readonly folder = temporaryFolder();
  readonly file = join(this.folder, "kluad.toml");

  write(text: string, name = "kluad.toml"): void {
    writeFileSync(join(this.folder, name), text);
  }

  /** A daemon that has applied the manifest; on the embedded server at a socket, if one is given. */
  start(socket?: string): Promise<Kluad> {
    return Kluad.start(undefined, socket, "--manifest", this.file);
  }
}

export function applied({ stdout }: Outcome): Applied {
  return JSON.parse(stdout) as Applied;
}

export async function apply(kluad: Kluad, ...argv: readonly string[]): Promise<Applied> {
  return applied(await kluad.kluactl("apply", "--json", ...argv));
}

/** What was done or would be, in short. */
export function steps({ steps: all }: Applied): readonly string[] {
  return all.map(({ action, subject, outcome }) => `${action} ${subject} ${outcome}`);
}

export async function value(lunatik: Lunatik, state: string, expression: string): Promise<unknown> {
  const { results } = await lunatik.execute(state, `return ${expression}`);
  return results[0] === undefined ? undefined : toJs(results[0]);
}
