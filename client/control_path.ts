// SPDX-License-Identifier: MIT

import { stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DaemonError } from "./daemon_error.ts";

/* Where kluad's control socket is, and who could put another one there. */

/** Where it is when nobody says otherwise: a folder of its own, below one that belongs to the user. */
export function builtInControlSocket(environment: NodeJS.ProcessEnv = process.env): string {
  const user = process.getuid?.() ?? 0;
  if (user === 0) return "/run/lunatik/kluad.sock";
  const runtime = environment["XDG_RUNTIME_DIR"];
  if (runtime !== undefined && runtime !== "") return join(runtime, "lunatik", "kluad.sock");
  return join(tmpdir(), `kluad-${user}`, "kluad.sock");
}

/** The path of the control socket: LUNATIK_CONTROL_SOCKET, or the built-in one. */
export function defaultControlSocket(environment: NodeJS.ProcessEnv = process.env): string {
  const given = environment["LUNATIK_CONTROL_SOCKET"];
  return given !== undefined && given !== "" ? given : builtInControlSocket(environment);
}

/**
 * Rejects with ERR_UNSAFE unless a folder belongs to this user or root, and nobody else may write to it: another user
 * could pass for the daemon. Rejects with node's error when there is no such folder.
 */
export async function checkFolder(folder: string): Promise<void> {
  const { uid, mode } = await stat(folder);
  if (uid !== 0 && uid !== process.getuid?.())
    throw new DaemonError("ERR_UNSAFE", `${folder} belongs to another user (uid ${uid})`);
  if ((mode & 0o022) !== 0)
    throw new DaemonError(
      "ERR_UNSAFE",
      `${folder} can be written by others: a control socket needs a folder that only its owner may write to`,
    );
}
