// SPDX-License-Identifier: MIT

/*
 * What a configuration file may hold, as data: kinds of values, and tables of keys. Reading by such a table gives typed
 * values and finds everything that is wrong, not only the first of it.
 */

/** Keys and indexes from the root of the file. */
export type Path = readonly (string | number)[];

/** Told of each thing that is wrong: where, and what was expected there. */
export type Report = (path: Path, text: string) => void;

/** A kind of value. */
export interface Kind<T> {
  /** What it is, for a reader: "a size such as 64K". */
  readonly expects: string;
  /** The value, or undefined for one that is not of this kind; then it has told why unless "expects" says it all. */
  readonly read: (value: unknown, path: Path, report: Report) => T | undefined;
}

export interface Key<T, R extends boolean = boolean> {
  readonly kind: Kind<T>;
  readonly required: R;
  /** What it is for, in one sentence without a full stop. */
  readonly describe: string;
}

/** A table's keys. */
export type Keys = Readonly<Record<string, Key<unknown>>>;

/** What reading a table by its keys gives. */
export type Fields<K extends Keys> = {
  readonly [N in keyof K]: K[N] extends Key<infer T, infer R> ? (R extends true ? T : T | undefined) : never;
};

export function required<T>(kind: Kind<T>, describe: string): Key<T, true> {
  return { kind, required: true, describe };
}

export function optional<T>(kind: Kind<T>, describe: string): Key<T, false> {
  return { kind, required: false, describe };
}

/** A value without values inside. `read` returns undefined for one that is not of the kind. */
export function scalar<T>(expects: string, read: (value: unknown) => T | undefined): Kind<T> {
  return {
    expects,
    read: (value, path, report) => {
      const known = read(value);
      return known === undefined ? unexpected(expects, value, path, report) : known;
    },
  };
}

/** An array whose items are of one kind. */
export function list<T>(item: Kind<T>, expects: string): Kind<readonly T[]> {
  return {
    expects,
    read: (value, path, report) => {
      if (!Array.isArray(value)) return unexpected(expects, value, path, report);
      const items = value.map((one: unknown, index) => item.read(one, [...path, index], report));
      return items.every((one) => one !== undefined) ? items : undefined;
    },
  };
}

/** Tells of a value that is no kind of what was expected. */
function unexpected(expects: string, value: unknown, path: Path, report: Report): undefined {
  report(path, `expected ${expects}, found ${shown(value)}`);
  return undefined;
}

/** A table whose content is read by a function of its own. */
function tableBy<T>(
  expects: string,
  read: (value: Readonly<Record<string, unknown>>, path: Path, report: Report) => T | undefined,
): Kind<T> {
  return {
    expects,
    read: (value, path, report) =>
      isTable(value) ? read(value, path, report) : unexpected(expects, value, path, report),
  };
}

/** A table of these keys and no others. */
export function table<K extends Keys>(keys: K, expects: string): Kind<Fields<K>> {
  return tableBy(expects, (value, path, report) => {
    let isWhole = true;
    for (const name of Object.keys(value)) {
      if (Object.hasOwn(keys, name)) continue;
      isWhole = false;
      report([...path, name], `unknown key; expected one of ${Object.keys(keys).join(", ")}`);
    }
    const fields: Record<string, unknown> = {};
    for (const [name, key] of Object.entries(keys)) {
      if (Object.hasOwn(value, name)) {
        const field = key.kind.read(value[name], [...path, name], report);
        if (field === undefined) isWhole = false;
        fields[name] = field;
      } else if (key.required) {
        isWhole = false;
        report(path, `the key ${name} is missing; expected ${key.kind.expects}`);
      }
    }
    return isWhole ? (fields as Fields<K>) : undefined;
  });
}

/** A table whose keys are names of the file's own. `checkName` says what is wrong with one, if something is. */
export function named<T>(
  kind: Kind<T>,
  expects: string,
  checkName: (name: string) => string | undefined,
): Kind<ReadonlyMap<string, T>> {
  return tableBy(expects, (value, path, report) => {
    let isWhole = true;
    const entries = new Map<string, T>();
    for (const [name, one] of Object.entries(value)) {
      const wrong = checkName(name);
      if (wrong !== undefined) report([...path, name], wrong);
      const entry = kind.read(one, [...path, name], report);
      if (entry === undefined || wrong !== undefined) isWhole = false;
      else entries.set(name, entry);
    }
    return isWhole ? entries : undefined;
  });
}

/** A table by one kind, anything else by another. */
export function tableOr<A, B>(tables: Kind<A>, others: Kind<B>, expects: string): Kind<A | B> {
  return {
    expects,
    read: (value, path, report) =>
      isTable(value)
        ? tables.read(value, path, report)
        : others.read(value, path, (at, text) =>
            report(at, at.length === path.length ? `expected ${expects}, found ${shown(value)}` : text),
          ),
  };
}

export function isTable(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

/** The longest text that is repeated in an error. */
const SHOWN_MAX = 60;

function shown(value: unknown): string {
  if (typeof value === "string") {
    return JSON.stringify(value.length > SHOWN_MAX ? `${value.slice(0, SHOWN_MAX)}…` : value);
  }
  if (value instanceof Date) return "a date";
  if (Array.isArray(value)) return "an array";
  return isTable(value) ? "a table" : String(value);
}
