// SPDX-License-Identifier: MIT

/* What an interface file declares. */

export const types = ["char", "string", "double", "void"] as const;
export type Type = (typeof types)[number];
/** The type of a value that travels; `void` is for results that do not. */
export type ValueType = Exclude<Type, "void">;

export const directions = ["in", "out", "inout"] as const;
export type Direction = (typeof directions)[number];

export interface Parameter {
  /** Absent in the table notation, where parameters have none. */
  readonly name: string | undefined;
  readonly direction: Direction;
  readonly type: ValueType;
}

/** A value that travels: the result, or a parameter with its number from 1. */
export interface Slot {
  readonly type: ValueType;
  /** For messages: "result", "argument 2", "argument 2 (b)". */
  readonly label: string;
}

export interface Method {
  readonly name: string;
  readonly result: Type;
  readonly parameters: readonly Parameter[];
  /** What a request carries: in and inout, in declaration order. */
  readonly inputs: readonly Slot[];
  /** What a reply carries: the result unless void, then out and inout in declaration order. */
  readonly outputs: readonly Slot[];
  /** Per declared parameter, the index into `inputs`; undefined for out. */
  readonly inputOf: readonly (number | undefined)[];
}

export interface Interface {
  readonly name: string | undefined;
  readonly methods: ReadonlyMap<string, Method>;
}

/** A method from its declaration. */
export function makeMethod(name: string, result: Type, parameters: readonly Parameter[]): Method {
  const inputs: Slot[] = [];
  const outputs: Slot[] = result === "void" ? [] : [{ type: result, label: "result" }];
  const inputOf: (number | undefined)[] = [];
  parameters.forEach((parameter, index) => {
    const label = `argument ${index + 1}${parameter.name === undefined ? "" : ` (${parameter.name})`}`;
    const slot: Slot = { type: parameter.type, label };
    inputOf.push(parameter.direction === "out" ? undefined : inputs.length);
    if (parameter.direction !== "out") inputs.push(slot);
    if (parameter.direction !== "in") outputs.push(slot);
  });
  return { name, result, parameters, inputs, outputs, inputOf };
}

/** One line, as in `double foo (in double a, out string b)`. Parameters without a name are called a1, a2 … */
export function signature(method: Method): string {
  const parameters = method.parameters.map(
    ({ direction, type, name }, index) => `${direction} ${type} ${name ?? `a${index + 1}`}`,
  );
  return `${method.result} ${method.name} (${parameters.join(", ")})`;
}

/** The interface in the table notation, in one line of ASCII: what reflection sends. */
export function interfaceText(declared: Interface): string {
  const methods = [...declared.methods.values()].map((method) => {
    const parameters = method.parameters.map(({ direction, type, name }) => {
      const named = name === undefined ? "" : `, name = ${quote(name)}`;
      return `{direction = "${direction}", type = "${type}"${named}}`;
    });
    return `[${quote(method.name)}] = {resulttype = "${method.result}", args = {${parameters.join(", ")}}}`;
  });
  const name = declared.name === undefined ? "" : `name = ${quote(declared.name)}, `;
  return `interface {${name}methods = {${methods.join(", ")}}}`;
}

/** A Lua string literal of a text. */
function quote(text: string): string {
  const bytes = Buffer.from(text, "utf8");
  let literal = '"';
  for (const byte of bytes) {
    const plain = byte >= 0x20 && byte < 0x7f && byte !== 0x22 && byte !== 0x5c;
    literal += plain ? String.fromCharCode(byte) : `\\${byte.toString().padStart(3, "0")}`;
  }
  return `${literal}"`;
}
