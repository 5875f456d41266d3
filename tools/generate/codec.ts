// SPDX-License-Identifier: MIT
/**
 * Writes the TypeScript codec: client/protocol_gen.ts (encodes requests, decodes replies and events) and, for the fake
 * kernel of the tests, its mirror image (decodes requests, encodes replies and events). The code is straight-line,
 * one switch a message: driving it from a table costs several microseconds a message.
 */
import {
  type Attribute,
  type AttributeSet,
  type Message,
  type Specification,
  snake,
} from "./specification.ts";
import { wrap } from "./text.ts";

/** Which end of the socket the code is for. */
export type Side = "client" | "kernel";

/** Linux's errnos (asm-generic/errno.h), as far as the contract uses them. */
const errnos: Readonly<Record<string, number>> = {
  ENOENT: 2,
  EIO: 5,
  E2BIG: 7,
  ENOEXEC: 8,
  ENOMEM: 12,
  EBUSY: 16,
  EEXIST: 17,
  EINVAL: 22,
  ENOSPC: 28,
  ERANGE: 34,
  ENAMETOOLONG: 36,
  ENOSYS: 38,
  ELOOP: 40,
  ETIME: 62,
  EMSGSIZE: 90,
  EPROTOTYPE: 91,
  EOPNOTSUPP: 95,
  ENOBUFS: 105,
  ETIMEDOUT: 110,
  ESTALE: 116,
  EDQUOT: 122,
  ECANCELED: 125,
};

/** "max-memory" as "maxMemory". */
function camel(name: string): string {
  return name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
}

/** "max-memory" as "MaxMemory". */
function pascal(name: string): string {
  const text = camel(name);
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function docLine(doc: string, indent: string): string {
  if (doc === "") return "";
  const lines = wrap(doc, 106 - indent.length);
  if (lines.length === 1) return `${indent}/** ${lines[0] ?? ""} */\n`;
  return `${indent}/**\n${lines.map((line) => `${indent} * ${line}\n`).join("")}${indent} */\n`;
}

/** Names that a variable of the generated functions cannot have: keywords and their own parameters and variables. */
const taken: ReadonlySet<string> = new Set([
  "arguments",
  "function",
  "message",
  "headroom",
  "size",
  "out",
  "at",
  "start",
  "end",
  "length",
  "nest",
]);

/** The variable that holds an attribute's value. */
function variable(attribute: Attribute): string {
  const name = camel(attribute.name);
  return taken.has(name) ? `${name}Value` : name;
}

/** A message or nest that becomes an interface, an encoder and a decoder. */
interface Shape {
  /** "CreateRequest", "StateReply", "Failure". */
  readonly name: string;
  readonly doc: string;
  readonly attributes: readonly Attribute[];
  readonly direction: "to kernel" | "to client" | "nest";
}

function payloadAttributes(attributes: readonly Attribute[]): readonly Attribute[] {
  return attributes.filter((attribute) => attribute.type !== "pad");
}

/** Replies that carry the same attributes are one shape, named after their set; the others after their operation. */
function replyShapes(specification: Specification): readonly Shape[] {
  const users = new Map<string, { names: string[]; set: AttributeSet; message: Message }>();
  for (const operation of specification.operations) {
    for (const reply of [operation.do?.reply, operation.dump?.reply]) {
      if (reply === undefined) continue;
      const key = `${operation.set.name}: ${reply.attributes.map((attribute) => attribute.name).join()}`;
      const user = users.get(key) ?? { names: [], set: operation.set, message: reply };
      if (!user.names.includes(operation.name)) user.names.push(operation.name);
      users.set(key, user);
    }
  }
  return [...users.values()].map(({ names, set, message }) => ({
    name: `${pascal(names.length > 1 ? set.name : (names[0] ?? ""))}Reply`,
    doc: `What ${names.join(" and ")} ${names.length > 1 ? "answer" : "answers"}.`,
    attributes: message.attributes,
    direction: "to client",
  }));
}

function shapes(specification: Specification): readonly Shape[] {
  const list: Shape[] = [];
  for (const set of specification.sets) {
    const nests = specification.sets
      .flatMap((other) => other.attributes)
      .some((item) => item.nested === set.name);
    if (!nests) continue;
    const attributes = payloadAttributes(set.attributes);
    list.push({ name: pascal(set.name), doc: set.doc, attributes, direction: "nest" });
  }
  for (const { name, do: exchange, dump } of specification.operations) {
    const doc = `What ${name} asks.`;
    const own = exchange?.request.attributes ?? [];
    const dumped = dump?.request.attributes ?? [];
    const requestName = pascal(name);
    if (own.length > 0)
      list.push({ name: `${requestName}Request`, doc, attributes: own, direction: "to kernel" });
    if (dumped.length > 0) {
      const dumpName = exchange === undefined ? requestName : `${requestName}Dump`;
      list.push({ name: `${dumpName}Request`, doc, attributes: dumped, direction: "to kernel" });
    }
  }
  list.push(...replyShapes(specification));
  for (const { name, doc, event, group, set } of specification.operations) {
    if (event === undefined) continue;
    // Without a group it goes to one socket: it is a reply that comes on its own.
    const shapeName = group === undefined ? `${pascal(set.name)}Reply` : `${pascal(name)}Message`;
    list.push({ name: shapeName, doc, attributes: event.attributes, direction: "to client" });
  }
  return list;
}

function valueType(attribute: Attribute): string {
  const nested = pascal(attribute.nested ?? "");
  return {
    u8: "number",
    u32: "number",
    u64: "bigint",
    string: "string",
    binary: "Uint8Array",
    nest: attribute.multi ? `readonly ${nested}[]` : nested,
    pad: "never",
  }[attribute.type];
}

/** Nests that repeat are a list, empty when there are none; everything else may be absent. */
function isList(attribute: Attribute): boolean {
  return attribute.type === "nest" && attribute.multi;
}

function interfaceText(shape: Shape): string {
  let text = `${docLine(shape.doc, "")}export interface ${shape.name} {\n`;
  const optional = shape.direction === "to kernel" ? "?" : "";
  for (const attribute of shape.attributes) {
    const named = attribute.enumeration;
    const values = named === undefined ? "" : ` ${named.flags ? "Bits" : "One"} of ${pascal(named.name)}.`;
    text += docLine(`${attribute.doc}${values}`.trim(), "  ");
    text += `  readonly ${camel(attribute.name)}`;
    text += isList(attribute)
      ? `: ${valueType(attribute)};\n`
      : `${optional}: ${valueType(attribute)} | undefined;\n`;
  }
  return `${text}}\n`;
}

/** A local of the encoder with what is written for the attribute. */
function encodedLocal(attribute: Attribute): string {
  const name = variable(attribute);
  if (attribute.type === "string") {
    return `  const ${name} = message.${camel(attribute.name)} === undefined ? undefined : textPayload(message.${camel(attribute.name)});\n`;
  }
  if (attribute.type === "nest") {
    const encode = `encode${pascal(attribute.nested ?? "")}`;
    if (isList(attribute))
      return `  const ${name} = message.${camel(attribute.name)}.map((nest) => ${encode}(nest));\n`;
    return `  const ${name} = message.${camel(attribute.name)} === undefined ? undefined : ${encode}(message.${camel(attribute.name)});\n`;
  }
  return `  const ${name} = message.${camel(attribute.name)};\n`;
}

function encodedSize(attribute: Attribute): string {
  const name = variable(attribute);
  if (isList(attribute)) return `  for (const nest of ${name}) size += sizeOf(nest.length);\n`;
  const size = {
    u8: "8",
    u32: "8",
    u64: "12",
    string: `sizeOf(${name}.length)`,
    binary: `${attribute.multi ? "sizeOfPieces" : "sizeOf"}(${name}.length)`,
    nest: `sizeOf(${name}.length)`,
    pad: "0",
  }[attribute.type];
  return `  if (${name} !== undefined) size += ${size};\n`;
}

function encodedPut(attribute: Attribute): string {
  const name = variable(attribute);
  const number = attribute.number;
  if (isList(attribute)) return `  for (const nest of ${name}) at = putNest(out, at, ${number}, nest);\n`;
  const put = {
    u8: "putU8",
    u32: "putU32",
    u64: "putU64",
    string: "putBytes",
    binary: attribute.multi ? "putPieces" : "putBytes",
    nest: "putNest",
    pad: "",
  }[attribute.type];
  return `  if (${name} !== undefined) at = ${put}(out, at, ${number}, ${name});\n`;
}

function encoderText(shape: Shape): string {
  const locals = shape.attributes.map(encodedLocal).join("");
  const sizes = shape.attributes.map(encodedSize).join("");
  const puts = shape.attributes.map(encodedPut).join("");
  return (
    "/** Encodes the attributes, behind `headroom` zeros. Throws a RangeError for a number out of range. */\n" +
    `export function encode${shape.name}(message: ${shape.name}, headroom = 0): Buffer {\n${locals}` +
    `  let size = headroom;\n${sizes}  const out = Buffer.allocUnsafe(size).fill(0, 0, headroom);\n` +
    `  let at = headroom;\n${puts}  return out;\n}\n`
  );
}

function decodedLocal(attribute: Attribute): string {
  const name = variable(attribute);
  if (isList(attribute)) return `  const ${name}: ${pascal(attribute.nested ?? "")}[] = [];\n`;
  if (attribute.multi) return `  let ${name}: Uint8Array[] | undefined;\n`;
  return `  let ${name}: ${valueType(attribute)} | undefined;\n`;
}

function decodedCase(attribute: Attribute): string {
  const name = variable(attribute);
  const take = {
    u8: "takeU8(message, at, length)",
    u32: "takeU32(message, at, length)",
    u64: "takeU64(message, at, length)",
    string: "takeText(message, at, length)",
    binary: "takeBytes(message, at, length)",
    nest: `decode${pascal(attribute.nested ?? "")}(message, at + 4, at + length)`,
    pad: "",
  }[attribute.type];
  let statement = `${name} = ${take};`;
  if (isList(attribute)) statement = `${name}.push(${take});`;
  else if (attribute.multi) {
    statement = `if (${name} === undefined) ${name} = [${take}];\n        else ${name}.push(${take});`;
  }
  return `      case ${attribute.number}:\n        ${statement}\n        break;\n`;
}

function decoderText(shape: Shape): string {
  const locals = shape.attributes.map(decodedLocal).join("");
  const cases = shape.attributes.map(decodedCase).join("");
  const results = shape.attributes
    .map((attribute) => {
      const name = variable(attribute);
      const value = attribute.multi && !isList(attribute) ? `join(${name})` : name;
      return `    ${camel(attribute.name)}: ${value},\n`;
    })
    .join("");
  return (
    "/** Decodes the attributes between `start` and `end`. Bytes are views of the message. Throws ERR_PROTOCOL. */\n" +
    `export function decode${shape.name}(message: Buffer, start = 0, end = message.length): ${shape.name} {\n${locals}` +
    "  for (let at = start; at < end; ) {\n    const length = lengthAt(message, at, end);\n" +
    `    switch (typeAt(message, at)) {\n${cases}      default:\n    }\n    at += (length + 3) & ~3;\n  }\n` +
    `  return {\n${results}  };\n}\n`
  );
}

/** `export const Library = { coroutine: 1, … } as const;` with its type and, for an enum, the names by number. */
function enumerationsText(specification: Specification): string {
  let text = "";
  for (const { name, doc, flags, entries } of specification.enumerations) {
    if (name === "error") continue;
    text += `${docLine(doc, "")}export const ${pascal(name)} = {\n`;
    for (const entry of entries)
      text += `${docLine(entry.doc, "  ")}  ${camel(entry.name)}: ${entry.value},\n`;
    text += "} as const;\n";
    text += `export type ${pascal(name)} = (typeof ${pascal(name)})[keyof typeof ${pascal(name)}];\n`;
    if (!flags) {
      text += `/** The names of ${pascal(name)} by number; undefined for a number of a newer module. */\n`;
      text += `export const ${camel(name)}Names: Readonly<Record<number, keyof typeof ${pascal(name)} | undefined>> = {\n`;
      text += entries.map((entry) => `  ${entry.value}: "${camel(entry.name)}",\n`).join("");
      text += "};\n";
    }
    text += "\n";
  }
  return text;
}

function errorsText(specification: Specification): string {
  let text = "/** Every error of the module by its code: errno, the errno's name, and what it means. */\n";
  text += "export const errors = {\n";
  for (const { code, errno, text: sentence } of specification.failures) {
    const number = errnos[errno];
    if (number === undefined) throw new Error(`${errno}: its number is not in the generator's table`);
    text += `  ${code}: { errno: ${number}, name: "${errno}", text: ${JSON.stringify(sentence)} },\n`;
  }
  return `${text}} as const;\n\n`;
}

function namesText(specification: Specification): string {
  let text = "/** The family's name and version. */\n";
  text += `export const FAMILY_NAME = "${specification.name}";\n`;
  text += `export const FAMILY_VERSION = ${specification.version};\n\n`;
  text += "/** Multicast groups. */\nexport const Group = {\n";
  text += specification.groups.map((group) => `  ${camel(group)}: "${group}",\n`).join("");
  text += "} as const;\n\n";
  for (const { name, value, doc } of specification.constants) {
    text += `${docLine(doc, "")}export const ${snake(name).toUpperCase()} = ${value};\n\n`;
  }
  text += "/** Commands of the family. */\nexport const Command = {\n";
  for (const { name, number, doc } of specification.operations) {
    text += `${docLine(doc, "  ")}  ${camel(name)}: ${number},\n`;
  }
  text += "} as const;\nexport type Command = (typeof Command)[keyof typeof Command];\n\n";
  for (const set of specification.sets) {
    if (!specification.operations.some((operation) => operation.set === set)) continue;
    text += `const ${camel(set.name)}Attributes = [\n  "",\n`;
    text += `${set.attributes.map((attribute) => `  "${attribute.name}",\n`).join("")}] as const;\n\n`;
  }
  text +=
    "/** The contract's names of the attributes of each command, by their numbers; for texts about a refusal. */\n";
  text += "export const attributeNames: Readonly<Record<Command, readonly string[]>> = {\n";
  text += specification.operations
    .map(({ number, name, set }) => `  ${number}: ${camel(set.name)}Attributes, // ${name}\n`)
    .join("");
  return `${text}};\n\n`;
}

/** Names of client/attributes.ts that the text uses. */
function importsText(body: string, path: string): string {
  const helpers = [
    "join",
    "lengthAt",
    "putBytes",
    "putNest",
    "putPieces",
    "putU32",
    "putU64",
    "putU8",
    "sizeOf",
    "sizeOfPieces",
    "takeBytes",
    "takeText",
    "takeU32",
    "takeU64",
    "takeU8",
    "textPayload",
    "typeAt",
  ].filter((name) => new RegExp(`\\b${name}\\(`).test(body));
  return `import {\n${helpers.map((name) => `  ${name},\n`).join("")}} from "${path}";\n`;
}

const banner =
  "// SPDX-License-Identifier: MIT\n" +
  "// Generated from kmod/lunatik.yaml by npm run generate; edit that file instead.\n\n";

/** The text of the client's codec, or of the kernel's end of it. */
export function codec(specification: Specification, side: Side): string {
  const outgoing = side === "client" ? "to kernel" : "to client";
  const list = shapes(specification);
  let body = "";
  for (const shape of list) {
    if (side === "client") body += `${interfaceText(shape)}\n`;
    // A nest is written by the end that sends replies, and read by the other.
    const writes = shape.direction === outgoing || (shape.direction === "nest" && side === "kernel");
    body += `${writes ? encoderText(shape) : decoderText(shape)}\n`;
  }
  if (side === "client") {
    return (
      banner +
      importsText(body, "./attributes.ts") +
      `\n${namesText(specification)}${enumerationsText(specification)}${errorsText(specification)}${body.trimEnd()}\n`
    );
  }
  const types = list.map((shape) => `  ${shape.name},\n`).join("");
  return (
    banner +
    importsText(body, "../../client/attributes.ts") +
    `import type {\n${types}} from "../../client/protocol_gen.ts";\n\n${body.trimEnd()}\n`
  );
}
