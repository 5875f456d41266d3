// SPDX-License-Identifier: MIT

/*
 * Where the keys of a TOML document are, for errors about what is written there: the parser gives values without their
 * places. The document has been parsed already, so this reads on trust: whatever it does not know it passes over, and a
 * place that it has not found is that of the table around it.
 */

/** Keys, and indexes into arrays (of tables too), from the document's root. */
export type TomlPath = readonly (string | number)[];

export interface TomlPlace {
  /** From 1. */
  readonly line: number;
  /** From 1, in characters. */
  readonly column: number;
}

/** The places of a document's keys and array items. A path that is not there has the place of the nearest that is. */
export function tomlPlaces(text: string): (path: TomlPath) => TomlPlace {
  const offsets = new Scanner(text).document();
  return (path) => {
    for (let length = path.length; length > 0; length -= 1) {
      const offset = offsets.get(JSON.stringify(path.slice(0, length)));
      if (offset !== undefined) return placeAt(text, offset);
    }
    return { line: 1, column: 1 };
  };
}

function placeAt(text: string, offset: number): TomlPlace {
  const before = text.slice(0, offset);
  const line = before.split("\n").length;
  return { line, column: Array.from(before.slice(before.lastIndexOf("\n") + 1)).length + 1 };
}

const VOID = /(?:[ \t\r\n]|#[^\n]*)+/y;
const BARE_KEY = /[A-Za-z0-9_-]+/y;
const BASIC = /"(?:[^"\\\n]|\\.)*"/y;
const LITERAL = /'[^'\n]*'/y;
const BASIC_LONG = /"""(?:[^\\]|\\[\s\S])*?"{3,5}(?!")/y;
const LITERAL_LONG = /'''[\s\S]*?'{3,5}(?!')/y;
const OTHER = /[^\s,\]}#]+/y;

class Scanner {
  readonly #text: string;
  readonly #offsets = new Map<string, number>();
  /** The index of the last table of each array of tables, by the array's path. */
  readonly #last = new Map<string, number>();
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  document(): ReadonlyMap<string, number> {
    let base: TomlPath = [];
    for (this.#take(VOID); this.#at < this.#text.length; this.#take(VOID)) {
      if (this.#text.startsWith("[", this.#at)) base = this.#header();
      else if (!this.#pair(base)) this.#at += 1;
    }
    return this.#offsets;
  }

  /** "[a.b]" or "[[a.b]]": the path of the table that it opens. */
  #header(): TomlPath {
    const start = this.#at;
    const isArray = this.#text.startsWith("[[", this.#at);
    this.#at += isArray ? 2 : 1;
    let path: TomlPath = [];
    const keys = this.#key();
    for (const [index, { name, at }] of keys.entries()) {
      path = [...path, name];
      this.#note(path, index === keys.length - 1 ? start : at);
      const array = JSON.stringify(path);
      if (isArray && index === keys.length - 1) this.#last.set(array, (this.#last.get(array) ?? -1) + 1);
      const last = this.#last.get(array);
      if (last === undefined) continue;
      path = [...path, last];
      this.#note(path, start);
    }
    while (this.#text.startsWith("]", this.#at)) this.#at += 1;
    return path;
  }

  /** "a.b = value" below a table. False when there is no key. */
  #pair(base: TomlPath): boolean {
    const keys = this.#key();
    if (keys.length === 0) return false;
    let path = base;
    for (const { name, at } of keys) {
      path = [...path, name];
      this.#note(path, at);
    }
    this.#take(VOID);
    if (this.#text.startsWith("=", this.#at)) this.#at += 1;
    this.#value(path);
    return true;
  }

  #value(path: TomlPath): void {
    this.#take(VOID);
    switch (this.#text[this.#at]) {
      case "[":
        this.#items("]", (index) => {
          this.#note([...path, index], this.#at);
          this.#value([...path, index]);
        });
        return;
      case "{":
        this.#items("}", () => {
          if (!this.#pair(path)) this.#at += 1;
        });
        return;
      default:
        if (this.#string() === undefined) this.#take(OTHER);
    }
  }

  /** What is between brackets, apart by commas. */
  #items(close: string, item: (index: number) => void): void {
    this.#at += 1;
    for (let index = 0; ; ) {
      this.#take(VOID);
      const next = this.#text[this.#at];
      if (next === undefined) return;
      if (next === close || next === ",") {
        this.#at += 1;
        if (next === close) return;
      } else {
        const before = this.#at;
        item(index);
        index += 1;
        if (this.#at === before) this.#at += 1;
      }
    }
  }

  /** A dotted key. */
  #key(): readonly { readonly name: string; readonly at: number }[] {
    const keys: { readonly name: string; readonly at: number }[] = [];
    for (;;) {
      this.#take(VOID);
      const at = this.#at;
      const name = this.#string() ?? this.#take(BARE_KEY);
      if (name === undefined) return keys;
      keys.push({ name, at });
      this.#take(VOID);
      if (!this.#text.startsWith(".", this.#at)) return keys;
      this.#at += 1;
    }
  }

  /** The text of a string: exact for one on one line, which a key is. */
  #string(): string | undefined {
    if (this.#text.startsWith('"""', this.#at)) return this.#take(BASIC_LONG);
    if (this.#text.startsWith("'''", this.#at)) return this.#take(LITERAL_LONG);
    const literal = this.#take(LITERAL);
    if (literal !== undefined) return literal.slice(1, -1);
    const basic = this.#take(BASIC);
    return basic === undefined ? undefined : unescaped(basic);
  }

  #take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    if (found !== undefined) this.#at += found.length;
    return found;
  }

  /** The first place of a path counts: that of its own header or key. */
  #note(path: TomlPath, offset: number): void {
    const key = JSON.stringify(path);
    if (!this.#offsets.has(key)) this.#offsets.set(key, offset);
  }
}

const ESCAPE = /\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|x([0-9A-Fa-f]{2})|([\s\S]))/g;
const ESCAPES: Readonly<Record<string, string>> = {
  b: "\b",
  t: "\t",
  n: "\n",
  f: "\f",
  r: "\r",
  e: "\x1b",
};

function unescaped(basic: string): string {
  return basic
    .slice(1, -1)
    .replace(ESCAPE, (_, four?: string, eight?: string, two?: string, letter?: string) => {
      const digits = four ?? eight ?? two;
      if (digits !== undefined) return String.fromCodePoint(Number.parseInt(digits, 16));
      return ESCAPES[letter ?? ""] ?? letter ?? "";
    });
}
