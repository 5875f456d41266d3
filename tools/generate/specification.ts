// SPDX-License-Identifier: MIT
/**
 * The wire contract, kmod/lunatik.yaml, as typed data: names resolved, values numbered, references checked. What it
 * accepts is the part of the kernel's genetlink-legacy schema that the contract uses; anything else is an error, so
 * that nothing in the YAML is silently without effect.
 */
import { parse } from "yaml";

/** A `#define` of a number. */
export interface Constant {
  readonly name: string;
  readonly value: number;
  readonly doc: string;
}

/** One name of an enumeration; `value` is a bit mask when the enumeration is of flags. */
export interface Entry {
  readonly name: string;
  readonly value: number;
  readonly doc: string;
}

/** An `enum` or a set of flags. */
export interface Enumeration {
  readonly name: string;
  readonly flags: boolean;
  readonly renderMax: boolean;
  readonly doc: string;
  readonly entries: readonly Entry[];
}

const attributeTypes = ["u8", "u32", "u64", "string", "binary", "nest", "pad"] as const;

/** What an attribute's payload is. */
export type AttributeType = (typeof attributeTypes)[number];

/** One attribute of a set; `number` is its type on the wire. */
export interface Attribute {
  readonly name: string;
  readonly number: number;
  readonly type: AttributeType;
  readonly doc: string;
  /** The values it takes, when they are named. */
  readonly enumeration: Enumeration | undefined;
  /** The set inside, of a nest. */
  readonly nested: string | undefined;
  /** May occur more than once. */
  readonly multi: boolean;
}

/** A numbering space of attributes. */
export interface AttributeSet {
  readonly name: string;
  /** "lunatik-a-state-" */
  readonly prefix: string;
  readonly doc: string;
  readonly attributes: readonly Attribute[];
}

/** One message: a command with the attributes it may carry. */
export interface Message {
  readonly attributes: readonly Attribute[];
}

/** A request with what answers it; without a reply there is only the acknowledgement. */
export interface Exchange {
  readonly request: Message;
  readonly reply: Message | undefined;
}

/** A command of the family. */
export interface Operation {
  readonly name: string;
  readonly number: number;
  readonly doc: string;
  readonly set: AttributeSet;
  readonly do: Exchange | undefined;
  readonly dump: Exchange | undefined;
  readonly event: Message | undefined;
  readonly group: string | undefined;
}

/** One kind of failure: "ERR_NO_STATE", its entry, "ENOENT", "no state has this name". */
export interface Failure {
  readonly code: string;
  readonly entry: Entry;
  readonly errno: string;
  readonly text: string;
}

/** The whole contract. */
export interface Specification {
  readonly name: string;
  readonly version: number;
  readonly doc: string;
  /** The names of the defines for the family's name and version, "lunatik-genl-name". */
  readonly nameDefine: string;
  readonly versionDefine: string;
  readonly constants: readonly Constant[];
  readonly enumerations: readonly Enumeration[];
  readonly sets: readonly AttributeSet[];
  /** "lunatik-cmd-" */
  readonly commandPrefix: string;
  readonly operations: readonly Operation[];
  readonly groups: readonly string[];
  readonly failures: readonly Failure[];
}

/** The YAML says something that the generator does not know how to honour. */
export class SpecificationError extends Error {
  readonly code = "ERR_SPECIFICATION";
  override readonly name = "SpecificationError";
}

function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A mapping of the YAML being read; remembers its place for messages and refuses keys that nobody asked for. */
class Node {
  readonly #used = new Set<string>();
  readonly #value: Readonly<Record<string, unknown>>;
  readonly place: string;

  private constructor(value: Readonly<Record<string, unknown>>, place: string) {
    this.#value = value;
    this.place = place;
  }

  static of(value: unknown, place: string): Node {
    if (!isMapping(value)) throw new SpecificationError(`${place}: expected a mapping`);
    return new Node(value, place);
  }

  #take(key: string): unknown {
    this.#used.add(key);
    return this.#value[key];
  }

  has(key: string): boolean {
    return this.#value[key] !== undefined;
  }

  text(key: string, fallback?: string): string {
    const value = this.#take(key) ?? fallback;
    if (typeof value !== "string") throw new SpecificationError(`${this.place}: ${key} must be text`);
    return value;
  }

  optionalText(key: string): string | undefined {
    return this.has(key) ? this.text(key) : undefined;
  }

  number(key: string, fallback?: number): number {
    const value = this.#take(key) ?? fallback;
    if (typeof value !== "number" || !Number.isSafeInteger(value)) {
      throw new SpecificationError(`${this.place}: ${key} must be a whole number`);
    }
    return value;
  }

  flag(key: string): boolean {
    const value = this.#take(key) ?? false;
    if (typeof value !== "boolean")
      throw new SpecificationError(`${this.place}: ${key} must be true or false`);
    return value;
  }

  list(key: string): readonly unknown[] {
    const value = this.#take(key) ?? [];
    if (!Array.isArray(value)) throw new SpecificationError(`${this.place}: ${key} must be a list`);
    return value as readonly unknown[];
  }

  nodes(key: string): readonly Node[] {
    return this.list(key).map((item, index) => Node.of(item, `${this.place}.${key}[${index}]`));
  }

  node(key: string): Node {
    return Node.of(this.#take(key), `${this.place}.${key}`);
  }

  optionalNode(key: string): Node | undefined {
    return this.has(key) ? this.node(key) : undefined;
  }

  /** To be called when everything was read: a key left over would be without effect. */
  done(): void {
    for (const key of Object.keys(this.#value)) {
      if (!this.#used.has(key)) throw new SpecificationError(`${this.place}: ${key} is not supported`);
    }
  }
}

function oneLine(text: string): string {
  return text.trim();
}

function readEnumeration(node: Node, flags: boolean): Enumeration {
  const start = node.number("value-start", 0);
  const entries = node.nodes("entries").map((item, index): Entry => {
    const position = start + index;
    const entry = {
      name: item.text("name"),
      value: flags ? 2 ** position : position,
      doc: oneLine(item.text("doc", "")),
    };
    item.done();
    return entry;
  });
  return {
    name: node.text("name"),
    flags,
    renderMax: node.flag("render-max"),
    doc: oneLine(node.text("doc", "")),
    entries,
  };
}

function find<T extends { readonly name: string }>(list: readonly T[], name: string, place: string): T {
  const found = list.find((item) => item.name === name);
  if (found === undefined) throw new SpecificationError(`${place}: there is no "${name}"`);
  return found;
}

function readAttribute(node: Node, index: number, enumerations: readonly Enumeration[]): Attribute {
  const typeName = node.text("type");
  const type = attributeTypes.find((item) => item === typeName);
  if (type === undefined) throw new SpecificationError(`${node.place}: type ${typeName} is not supported`);
  const enumerationName = node.optionalText("enum");
  const enumeration =
    enumerationName === undefined ? undefined : find(enumerations, enumerationName, node.place);
  const asFlags = node.flag("enum-as-flags");
  if (asFlags !== (enumeration?.flags ?? false)) {
    throw new SpecificationError(`${node.place}: enum-as-flags belongs to flags, and only to them`);
  }
  const attribute: Attribute = {
    name: node.text("name"),
    number: index + 1,
    type,
    doc: oneLine(node.text("doc", "")),
    enumeration,
    nested: node.optionalText("nested-attributes"),
    multi: node.flag("multi-attr"),
  };
  if ((attribute.nested !== undefined) !== (type === "nest")) {
    throw new SpecificationError(`${node.place}: nested-attributes belongs to a nest, and every nest has it`);
  }
  if (attribute.multi && type !== "binary" && type !== "nest") {
    throw new SpecificationError(`${node.place}: multi-attr is supported for binary and nest only`);
  }
  node.done();
  return attribute;
}

function readMessage(node: Node | undefined, set: AttributeSet): Message {
  if (node === undefined) return { attributes: [] };
  const names = node.list("attributes");
  node.done();
  return { attributes: names.map((name) => find(set.attributes, String(name), node.place)) };
}

function readExchange(node: Node | undefined, set: AttributeSet): Exchange | undefined {
  if (node === undefined) return undefined;
  const reply = node.optionalNode("reply");
  const exchange = {
    request: readMessage(node.optionalNode("request"), set),
    reply: reply === undefined ? undefined : readMessage(reply, set),
  };
  node.done();
  return exchange;
}

function readOperation(node: Node, sets: readonly AttributeSet[], groups: readonly string[]): Operation {
  const set = find(sets, node.text("attribute-set"), node.place);
  const event = node.optionalNode("event");
  const operation: Operation = {
    name: node.text("name"),
    number: node.number("value"),
    doc: oneLine(node.text("doc", "")),
    set,
    do: readExchange(node.optionalNode("do"), set),
    dump: readExchange(node.optionalNode("dump"), set),
    event: event === undefined ? undefined : readMessage(event, set),
    group: node.optionalText("mcgrp"),
  };
  for (const flag of node.list("flags")) {
    if (flag !== "admin-perm")
      throw new SpecificationError(`${node.place}: flag ${String(flag)} is not supported`);
  }
  if (operation.group !== undefined && !groups.includes(operation.group)) {
    throw new SpecificationError(`${node.place}: there is no group "${operation.group}"`);
  }
  node.done();
  return operation;
}

function readFailure(entry: Entry): Failure {
  const match = /^(E[A-Z0-9]+)\. (.+)$/s.exec(entry.doc);
  if (match?.[1] === undefined || match[2] === undefined) {
    throw new SpecificationError(`error ${entry.name}: its doc must read "ERRNO. Text."`);
  }
  const text = match[2].charAt(0).toLowerCase() + match[2].slice(1).replace(/\.$/, "");
  return { code: `ERR_${upper(entry.name)}`, entry, errno: match[1], text };
}

/** "no-state" as a C constant, "NO_STATE". */
export function upper(name: string): string {
  return name.replaceAll("-", "_").toUpperCase();
}

/** "no-state" as a C identifier, "no_state". */
export function snake(name: string): string {
  return name.replaceAll("-", "_");
}

/**
 * Read the contract.
 * @param text the YAML
 * @throws SpecificationError when it refers to what is not there, or uses what the generator does not know
 */
export function readSpecification(text: string): Specification {
  const root = Node.of(parse(text), "lunatik.yaml");
  if (root.text("protocol") !== "genetlink-legacy")
    throw new SpecificationError("protocol must be genetlink-legacy");
  if (root.text("kernel-policy") !== "split") throw new SpecificationError("kernel-policy must be split");
  if (!root.flag("max-by-define")) throw new SpecificationError("max-by-define must be true");
  root.text("uapi-header");

  const constants: Constant[] = [];
  const enumerations: Enumeration[] = [];
  for (const node of root.nodes("definitions")) {
    const type = node.text("type");
    if (type === "const") {
      constants.push({
        name: node.text("name"),
        value: node.number("value"),
        doc: oneLine(node.text("doc", "")),
      });
    } else if (type === "enum" || type === "flags") {
      enumerations.push(readEnumeration(node, type === "flags"));
    } else {
      throw new SpecificationError(`${node.place}: type ${type} is not supported`);
    }
    node.done();
  }

  const sets = root.nodes("attribute-sets").map((node): AttributeSet => {
    const set = {
      name: node.text("name"),
      prefix: node.text("name-prefix"),
      doc: oneLine(node.text("doc", "")),
      attributes: node.nodes("attributes").map((item, index) => readAttribute(item, index, enumerations)),
    };
    node.done();
    return set;
  });
  for (const set of sets) {
    for (const attribute of set.attributes) {
      if (attribute.nested !== undefined) find(sets, attribute.nested, `${set.name}.${attribute.name}`);
    }
  }

  const groupsNode = root.node("mcast-groups");
  const groups = groupsNode.nodes("list").map((node) => {
    const name = node.text("name");
    node.done();
    return name;
  });
  groupsNode.done();

  const operationsNode = root.node("operations");
  const commandPrefix = operationsNode.text("name-prefix");
  const operations = operationsNode.nodes("list").map((node) => readOperation(node, sets, groups));
  operationsNode.done();

  const specification: Specification = {
    name: root.text("name"),
    version: root.number("version", 1),
    doc: oneLine(root.text("doc")),
    nameDefine: root.text("c-family-name"),
    versionDefine: root.text("c-version-name"),
    constants,
    enumerations,
    sets,
    commandPrefix,
    operations,
    groups,
    failures: find(enumerations, "error", "definitions").entries.map(readFailure),
  };
  root.done();
  return specification;
}
