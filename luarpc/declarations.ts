// SPDX-License-Identifier: MIT

import { type Interface, type Method, signature, type ValueType } from "./interface.ts";

/* TypeScript declarations of an interface: the type of its proxies, and that of an object behind a servant. */

const scriptTypes: Readonly<Record<ValueType, string>> = {
  double: "number",
  string: "string",
  char: "string",
};
const IDENTIFIER = /^[A-Za-z_$][A-Za-z0-9_$]*$/;
// Words that no parameter may be called.
const RESERVED: ReadonlySet<string> = new Set(
  (
    "arguments await break case catch class const continue debugger default delete do else enum eval export extends " +
    "false finally for function if implements import in instanceof interface let new null package private protected " +
    "public return static super switch this throw true try typeof var void while with yield"
  ).split(" "),
);

/**
 * The text of a module with two interfaces: `MinhaInt`, for createProxy<MinhaInt>(), and `MinhaIntServant`, for the object
 * given to createServant(). `source` is named in its first line.
 */
export function declarations(declared: Interface, source: string): string {
  const name = typeName(declared.name ?? "remote");
  const methods = [...declared.methods.values()];
  return [
    `// Made by "luarpc types" from ${source.replaceAll(/[\r\n]/g, " ")}. Do not edit.`,
    "",
    `/** A proxy: createProxy<${name}>(…). Missing arguments are filled with 0, "" or " ". */`,
    `export interface ${name} {`,
    ...methods.map((method) => proxyMethod(method)),
    "}",
    "",
    "/** The object behind a servant. */",
    `export interface ${name}Servant {`,
    ...methods.map((method) => servantMethod(method)),
    "}",
    "",
  ].join("\n");
}

function proxyMethod(method: Method): string {
  const names = parameterNames(method);
  const parameters = method.parameters.flatMap(({ direction, type }, index) =>
    direction === "out" ? [] : [`${names[index]}: ${scriptTypes[type]}`],
  );
  return `${comment(method)}\n  ${key(method.name)}(${parameters.join(", ")}): Promise<${outputs(method)}>;`;
}

function servantMethod(method: Method): string {
  const names = parameterNames(method);
  const parameters = method.parameters.map(
    ({ direction, type }, index) =>
      `${names[index]}: ${direction === "out" ? "undefined" : scriptTypes[type]}`,
  );
  const several = outputs(method);
  const [only] = method.outputs;
  const returned =
    only === undefined
      ? "void"
      : method.outputs.length === 1
        ? `${scriptTypes[only.type]} | ${several}`
        : several;
  return `${comment(method)}\n  ${key(method.name)}(${parameters.join(", ")}): ${returned} | Promise<${returned}>;`;
}

function comment(method: Method): string {
  return `  /** \`${signature(method).replaceAll("*/", "*\\/")}\` */`;
}

/** The tuple of what a reply carries. */
function outputs(method: Method): string {
  const names = parameterNames(method);
  const parts = method.result === "void" ? [] : [`result: ${scriptTypes[method.result]}`];
  for (const [index, { direction, type }] of method.parameters.entries())
    if (direction !== "in") parts.push(`${names[index]}: ${scriptTypes[type]}`);
  return `[${parts.join(", ")}]`;
}

/** Names that are there, unique, and none of the language's own words. */
function parameterNames(method: Method): readonly string[] {
  const taken = new Set(["result"]);
  return method.parameters.map(({ name }, index) => {
    let unique =
      name === undefined ? `a${index + 1}` : IDENTIFIER.test(name) && !RESERVED.has(name) ? name : `${name}_`;
    if (!IDENTIFIER.test(unique)) unique = `a${index + 1}`;
    while (taken.has(unique)) unique += "_";
    taken.add(unique);
    return unique;
  });
}

/** A method's name as a property. `constructor` without quotes would declare something else in a class. */
function key(name: string): string {
  return IDENTIFIER.test(name) && name !== "constructor" ? name : JSON.stringify(name);
}

/** minhaInt becomes MinhaInt. */
function typeName(name: string): string {
  const words = name
    .replaceAll(/[^A-Za-z0-9_]+/g, " ")
    .trim()
    .split(" ");
  const joined = words.map((word) => word.slice(0, 1).toUpperCase() + word.slice(1)).join("");
  return /^[A-Za-z_]/.test(joined) ? joined : `Remote${joined}`;
}
