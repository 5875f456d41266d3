// SPDX-License-Identifier: MIT

import { type FileHandle, open, rename, stat, unlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

/**
 * Writes a file whole or not at all: whoever reads it, and whatever happens, finds the old text or the new one. The mode is
 * that of the old file, `mode` for a new one. Rejects with node's error (ENOSPC …) when it cannot; the old file is untouched then.
 */
export async function writeAtomically(path: string, text: string, mode = 0o644): Promise<void> {
  const folder = dirname(path);
  const temporary = join(folder, `.${basename(path)}.${process.pid}.tmp`);
  const bits = await modeOf(path, mode);
  await unlinkIfThere(temporary);
  const file = await open(temporary, "wx", bits);
  try {
    await fill(file, text, bits);
    await rename(temporary, path);
  } catch (error) {
    await unlinkIfThere(temporary);
    throw error;
  }
  // So that the new name survives a power failure too.
  const entries = await open(folder, "r");
  try {
    await entries.sync();
  } finally {
    await entries.close();
  }
}

async function fill(file: FileHandle, text: string, mode: number): Promise<void> {
  try {
    await file.writeFile(text);
    await file.chmod(mode);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function modeOf(path: string, otherwise: number): Promise<number> {
  try {
    return (await stat(path)).mode & 0o777;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return otherwise;
    throw error;
  }
}

async function unlinkIfThere(path: string): Promise<void> {
  try {
    await unlink(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
}
