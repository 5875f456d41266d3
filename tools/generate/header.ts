// SPDX-License-Identifier: MIT
/** Writes kmod/uapi/lunatik.h: the contract as plain C, for the kernel, for Lua's unit and for programs. */
import {
  type Attribute,
  type AttributeSet,
  type Enumeration,
  type Exchange,
  type Message,
  type Operation,
  type Specification,
  snake,
  upper,
} from "./specification.ts";
import { wrap } from "./text.ts";

const width = 96;

/** A comment of its own lines, indented with tabs. */
function comment(text: string, tabs = ""): string {
  const lines = wrap(text, width - 3 - tabs.length * 8);
  if (lines.length === 1) return `${tabs}/* ${lines[0] ?? ""} */\n`;
  const body = lines.map((line) => `${tabs} *${line === "" ? "" : ` ${line}`}\n`).join("");
  return `${tabs}/*\n${body}${tabs} */\n`;
}

function docComment(doc: string, tabs = ""): string {
  return doc === "" ? "" : comment(doc, tabs);
}

function enumeration(prefix: string, item: Enumeration): string {
  let text = docComment(item.doc);
  text += `enum ${prefix.toLowerCase()}_${snake(item.name)} {\n`;
  const stem = `${prefix}_${upper(item.name)}`;
  item.entries.forEach((entry, index) => {
    text += docComment(entry.doc, "\t");
    const value = item.flags ? ` = 1 << ${Math.log2(entry.value)}` : index === 0 ? ` = ${entry.value}` : "";
    text += `\t${stem}_${upper(entry.name)}${value},\n`;
  });
  if (item.renderMax && item.flags) {
    const mask = item.entries.reduce((sum, entry) => sum + entry.value, 0);
    text += `\n\t${stem}_MASK = 0x${mask.toString(16)},\n`;
  } else if (item.renderMax) {
    text += `\n\t__${stem}_MAX,\n\t${stem}_MAX = (__${stem}_MAX - 1)\n`;
  }
  return `${text}};\n`;
}

/** What a program has to know about the payload: "u64", "string", "one or more binary", "u32 of LUNATIK_LIBRARY_*". */
function payload(specification: Specification, attribute: Attribute): string {
  const prefix = upper(specification.name);
  let text: string =
    attribute.type === "nest" ? `nest of ${attributePrefix(specification, attribute)}*` : attribute.type;
  if (attribute.enumeration !== undefined) text += ` of ${prefix}_${upper(attribute.enumeration.name)}_*`;
  if (attribute.multi) text += ", may repeat";
  return text;
}

function attributePrefix(specification: Specification, attribute: Attribute): string {
  return upper(specification.sets.find((set) => set.name === attribute.nested)?.prefix ?? "");
}

function attributeSet(specification: Specification, set: AttributeSet): string {
  const prefix = upper(set.prefix);
  const title = `Attributes of a message or nest about: ${set.name}.`;
  let text = comment(set.doc === "" ? title : `${title} ${set.doc}`);
  text += "enum {\n";
  for (const attribute of set.attributes) {
    const kind =
      attribute.type === "pad" ? "only aligns the u64 after it" : payload(specification, attribute);
    text += comment(attribute.doc === "" ? kind : `${kind}: ${attribute.doc}`, "\t");
    text += `\t${prefix}${upper(attribute.name)}${attribute.number === 1 ? " = 1" : ""},\n`;
  }
  text += `\n\t__${prefix}MAX,\n};\n#define ${prefix}MAX (__${prefix}MAX - 1)\n`;
  return text;
}

function messageLine(title: string, set: AttributeSet, message: Message): string {
  const names = message.attributes.map((attribute) => upper(attribute.name)).join(", ");
  return names === "" ? `${title}: no attributes.` : `${title}, ${upper(set.prefix)}*: ${names}.`;
}

function exchangeLines(kind: string, set: AttributeSet, exchange: Exchange): readonly string[] {
  const lines = [messageLine(`${kind} request`, set, exchange.request)];
  if (exchange.reply !== undefined) lines.push(messageLine(`${kind} reply`, set, exchange.reply));
  return lines;
}

function operationComment(operation: Operation): string {
  const paragraphs = [operation.doc];
  if (operation.do !== undefined) paragraphs.push(...exchangeLines("do", operation.set, operation.do));
  if (operation.dump !== undefined) paragraphs.push(...exchangeLines("dump", operation.set, operation.dump));
  if (operation.event !== undefined) {
    const receiver =
      operation.group === undefined ? "the socket that asked" : `the group "${operation.group}"`;
    paragraphs.push(messageLine(`message to ${receiver}`, operation.set, operation.event));
  }
  return comment(paragraphs.join("\n\n"), "\t");
}

function commands(specification: Specification): string {
  const prefix = upper(specification.commandPrefix);
  let text = "enum {\n";
  let expected = 0;
  for (const operation of specification.operations) {
    const value = operation.number === expected ? "" : ` = ${operation.number}`;
    text += `${operationComment(operation)}\t${prefix}${upper(operation.name)}${value},\n`;
    expected = operation.number + 1;
  }
  return `${text}\n\t__${prefix}MAX,\n};\n#define ${prefix}MAX (__${prefix}MAX - 1)\n`;
}

/** The text of the header. */
export function header(specification: Specification): string {
  const prefix = upper(specification.name);
  const parts = [
    "/* SPDX-License-Identifier: GPL-2.0 OR MIT */\n" +
      comment(
        `${specification.doc}\n\nGenerated from kmod/lunatik.yaml by npm run generate; edit that file instead.`,
      ) +
      `#ifndef _UAPI_LINUX_${prefix}_H\n#define _UAPI_LINUX_${prefix}_H\n`,
    `#define ${upper(specification.nameDefine)} "${specification.name}"\n` +
      `#define ${upper(specification.versionDefine)} ${specification.version}\n`,
    specification.groups
      .map((group) => `/* Multicast group. */\n#define ${prefix}_MCGRP_${upper(group)} "${group}"\n`)
      .join(""),
    specification.constants
      .map((item) => `${docComment(item.doc)}#define ${prefix}_${upper(item.name)} ${item.value}\n`)
      .join("\n"),
    ...specification.enumerations.map((item) => enumeration(prefix, item)),
    ...specification.sets.map((set) => attributeSet(specification, set)),
    commands(specification),
    `#endif /* _UAPI_LINUX_${prefix}_H */\n`,
  ];
  return parts.join("\n");
}
