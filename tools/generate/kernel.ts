// SPDX-License-Identifier: MIT
/** Writes kmod/netlink_gen.h and kmod/netlink_gen.c: a policy for every request, and the table of errors. */
import {
  type Attribute,
  type Message,
  type Operation,
  type Specification,
  snake,
  upper,
} from "./specification.ts";

const banner = "/* Generated from kmod/lunatik.yaml by npm run generate; edit that file instead. */\n";

/** A request whose attributes the kernel checks: "lunatik_get_dump" and what it may carry. */
interface Checked {
  readonly stem: string;
  readonly operation: Operation;
  readonly request: Message;
}

function checkedRequests(specification: Specification): readonly Checked[] {
  const family = snake(specification.name);
  return specification.operations.flatMap((operation) => {
    const stem = `${family}_${snake(operation.name)}`;
    const list: Checked[] = [];
    if (operation.do !== undefined) list.push({ stem, operation, request: operation.do.request });
    if (operation.dump !== undefined) {
      list.push({ stem: `${stem}_dump`, operation, request: operation.dump.request });
    }
    return list;
  });
}

/** The attribute with the highest number; undefined when the request has none. */
function last(request: Message): Attribute | undefined {
  return request.attributes.reduce<Attribute | undefined>(
    (best, attribute) => (best === undefined || attribute.number > best.number ? attribute : best),
    undefined,
  );
}

function attributeName(checked: Checked, attribute: Attribute): string {
  return upper(checked.operation.set.prefix) + upper(attribute.name);
}

/** NLA_STRING and NLA_BINARY carry no length: the longest name is told from a malformed one by hand. */
function policyType(attribute: Attribute): string {
  if (attribute.type === "nest" || attribute.type === "pad") {
    throw new Error(`${attribute.name}: a request cannot carry a ${attribute.type}`);
  }
  return `NLA_${attribute.type.toUpperCase()}`;
}

function maximumName(checked: Checked): string {
  return `${upper(checked.stem)}_MAXATTR`;
}

function policySize(checked: Checked): string {
  return `${maximumName(checked)} + 1`;
}

/** The text of kmod/netlink_gen.h. */
export function kernelHeader(specification: Specification): string {
  const family = snake(specification.name);
  let text = "/* SPDX-License-Identifier: GPL-2.0 OR MIT */\n";
  text += banner;
  text += `#ifndef ${upper(family)}_NETLINK_GEN_H\n#define ${upper(family)}_NETLINK_GEN_H\n\n`;
  text += '#include <net/genetlink.h>\n\n#include "uapi/lunatik.h"\n\n';
  text +=
    "/*\n * What each request may carry: types only. Lengths of strings, flag bits and ranges are checked by\n" +
    " * hand, since they have errors of their own. A request without attributes has a policy of one\n" +
    " * entry, number 0, which matches nothing.\n */\n";
  for (const checked of checkedRequests(specification)) {
    const highest = last(checked.request);
    const value = highest === undefined ? "0" : attributeName(checked, highest);
    text += `#define ${maximumName(checked)} ${value}\n`;
    text += `extern const struct nla_policy ${checked.stem}_policy[${policySize(checked)}];\n\n`;
  }
  text += "/* What the world is told of an error. */\n";
  text += `struct ${family}_error_info {\n`;
  text += '\tconst char *code;    /* "ERR_NO_STATE" */\n';
  text += "\tint number;          /* ENOENT, positive */\n";
  text += '\tconst char *text;    /* "no state has this name" */\n';
  text += '\tconst char *message; /* "ERR_NO_STATE: no state has this name", for the extended ack */\n';
  text += "};\n\n";
  text += `/* Indexed by enum ${family}_error; entry 0, no error, has an empty code and text. */\n`;
  text += `extern const struct ${family}_error_info ${family}_errors[${upper(family)}_ERROR_MAX + 1];\n\n`;
  return `${text}#endif\n`;
}

/** The text of kmod/netlink_gen.c. */
export function kernelSource(specification: Specification): string {
  const family = snake(specification.name);
  let text = "// SPDX-License-Identifier: GPL-2.0 OR MIT\n";
  text += `${banner}#include <linux/errno.h>\n#include <net/genetlink.h>\n\n#include "netlink_gen.h"\n\n`;
  for (const checked of checkedRequests(specification)) {
    text += `const struct nla_policy ${checked.stem}_policy[${policySize(checked)}] = {\n`;
    if (checked.request.attributes.length === 0) text += "\t[0] = { .type = NLA_UNSPEC },\n";
    for (const attribute of checked.request.attributes) {
      text += `\t[${attributeName(checked, attribute)}] = { .type = ${policyType(attribute)} },\n`;
    }
    text += "};\n\n";
  }
  text += `const struct ${family}_error_info ${family}_errors[${upper(family)}_ERROR_MAX + 1] = {\n`;
  text += '\t[0] = { "", 0, "", "" },\n';
  for (const { code, entry, errno, text: sentence } of specification.failures) {
    text += `\t[${upper(family)}_ERROR_${upper(entry.name)}] = {\n`;
    text += `\t\t.code = "${code}",\n\t\t.number = ${errno},\n`;
    text += `\t\t.text = "${sentence}",\n\t\t.message = "${code}: ${sentence}",\n\t},\n`;
  }
  return `${text}};\n`;
}
