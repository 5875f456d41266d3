// SPDX-License-Identifier: MIT

import { isAbsolute } from "node:path";
import type { ApplyRequest, ManifestBundle, SaveRequest } from "../client/apply_report.ts";
import type { ServantAddress, ServeRequest } from "../client/control_protocol.ts";
import { LunatikError } from "../client/error.ts";
import { profileNames } from "../luarpc/profile.ts";

/* The parameters of the control socket's requests, checked: what comes over a socket may be anything. */

/** A Lua name, or several with dots between. */
const OBJECT = /^[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*$/;
const PORT_MAX = 65_535;
const CONNECTIONS_MAX = 1_000_000;
/** setTimeout() takes no more. */
const WAIT_MAX = 2 ** 31 - 1;

/** Throws ERR_INVALID, which names the field. */
export function serveRequest(parameters: unknown): ServeRequest {
  const fields = fieldsOf(parameters, "the request");
  const source = fieldsOf(fields["interface"], "interface");
  const object = optional(fields["object"], (value) => text(value, "object"));
  if (object !== undefined && !OBJECT.test(object)) throw invalid("object", "a Lua name such as app.myobj1");
  const profile = text(fields["profile"], "profile");
  if (profile !== "auto" && !profileNames.some((name) => name === profile))
    throw invalid("profile", `one of ${profileNames.join(", ")} and auto`);
  return {
    state: text(fields["state"], "state"),
    interface: {
      file: text(source["file"], "interface.file"),
      text: text(source["text"], "interface.text"),
    },
    object,
    host: text(fields["host"], "host"),
    port: whole(fields["port"], "port", PORT_MAX),
    profile,
    time: optional(fields["time"], (value) => whole(value, "time")),
    steps: optional(fields["steps"], (value) => whole(value, "steps")),
    wait: whole(fields["wait"], "wait", WAIT_MAX),
    tls: optional(fields["tls"], tlsOf),
    allow: optional(fields["allow"], (value) => texts(value, "allow")),
    // What is so unless it is said is not said, as in a manifest's request, so that servants compare.
    reflection: optional(fields["reflection"], (value) => flag(value, "reflection")) || undefined,
    maxConnections: optional(fields["maxConnections"], connectionsOf),
    idle: optional(fields["idle"], (value) => whole(value, "idle", WAIT_MAX)) || undefined,
  };
}

function tlsOf(value: unknown): ServeRequest["tls"] {
  const fields = fieldsOf(value, "tls");
  return {
    cert: text(fields["cert"], "tls.cert"),
    key: text(fields["key"], "tls.key"),
    clientCa: optional(fields["clientCa"], (ca) => text(ca, "tls.clientCa")),
  };
}

function connectionsOf(value: unknown): number {
  const count = whole(value, "maxConnections", CONNECTIONS_MAX);
  if (count === 0) throw invalid("maxConnections", "1 or more");
  return count;
}

/** Throws ERR_INVALID, which names the field. */
export function servantAddress(parameters: unknown): ServantAddress {
  const fields = fieldsOf(parameters, "the request");
  return {
    host: optional(fields["host"], (value) => text(value, "host")),
    port: whole(fields["port"], "port", PORT_MAX),
  };
}

/** Throws ERR_INVALID, which names the field. */
export function applyRequest(parameters: unknown): ApplyRequest {
  const fields = fieldsOf(parameters, "the request");
  return {
    manifest: optional(fields["manifest"], manifestBundle),
    prune: optional(fields["prune"], (value) => flag(value, "prune")),
    dryRun: optional(fields["dryRun"], (value) => flag(value, "dryRun")),
    force: optional(fields["force"], (value) => flag(value, "force")),
    keepGoing: optional(fields["keepGoing"], (value) => flag(value, "keepGoing")),
  };
}

function manifestBundle(value: unknown): ManifestBundle {
  const fields = fieldsOf(value, "manifest");
  if (typeof fields["text"] !== "string") throw invalid("manifest.text", "a text");
  const files = fieldsOf(fields["files"], "manifest.files");
  for (const content of Object.values(files))
    if (typeof content !== "string") throw invalid("manifest.files", "texts in base64 by their paths");
  return {
    file: absolute(fields["file"], "manifest.file"),
    text: fields["text"],
    files: files as Readonly<Record<string, string>>,
  };
}

/** Throws ERR_INVALID, which names the field. */
export function saveRequest(parameters: unknown): SaveRequest {
  const { folder } = fieldsOf(parameters, "the request");
  return { folder: optional(folder, (value) => absolute(value, "folder")) };
}

function absolute(value: unknown, name: string): string {
  const path = text(value, name);
  if (!isAbsolute(path)) throw invalid(name, "an absolute path");
  return path;
}

function flag(value: unknown, name: string): boolean {
  if (typeof value !== "boolean") throw invalid(name, "true or false");
  return value;
}

function fieldsOf(value: unknown, name: string): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw invalid(name, "an object");
  return value as Readonly<Record<string, unknown>>;
}

function optional<T>(value: unknown, read: (value: unknown) => T): T | undefined {
  return value === undefined || value === null ? undefined : read(value);
}

function text(value: unknown, name: string): string {
  if (typeof value !== "string" || value === "") throw invalid(name, "a text");
  return value;
}

function texts(value: unknown, name: string): readonly string[] {
  if (!Array.isArray(value) || value.length === 0) throw invalid(name, "a list of texts");
  return value.map((one) => text(one, name));
}

function whole(value: unknown, name: string, most = Number.MAX_SAFE_INTEGER): number {
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0 || value > most)
    throw invalid(name, `a whole number from 0 to ${most}`);
  return value;
}

function invalid(name: string, wanted: string): LunatikError {
  return new LunatikError("ERR_INVALID", `${name} must be ${wanted}`);
}
