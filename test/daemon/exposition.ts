// SPDX-License-Identifier: MIT

/* A reader of Prometheus' text format 0.0.4, strict where the format is. */

export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Exposition {
  /** "counter", "gauge", "histogram" or "summary", by the names of the metrics. */
  readonly types: ReadonlyMap<string, string>;
  readonly samples: readonly Sample[];
  /** The one value with these labels, others not looked at; undefined when there is none. Throws when there are several. */
  readonly value: (name: string, labels?: Readonly<Record<string, string>>) => number | undefined;
}

const COMMENT = /^# (HELP|TYPE) ([a-zA-Z_:][\w:]*) (.+)$/;
const SAMPLE = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/;
const LABEL = /([a-zA-Z_]\w*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)/y;

/** Throws an Error with the line that is none. */
export function parseExposition(text: string): Exposition {
  const types = new Map<string, string>();
  const samples: Sample[] = [];
  const seen = new Set<string>();
  for (const line of text.split("\n").filter((one) => one !== "")) {
    const [, keyword, about = "", rest = ""] = COMMENT.exec(line) ?? [];
    if (keyword === "TYPE" && types.has(about)) throw new Error(`a second type: ${line}`);
    if (keyword === "TYPE") types.set(about, rest);
    if (keyword !== undefined) continue;
    const [, name, labelText = "", valueText = ""] = SAMPLE.exec(line) ?? [];
    if (name === undefined) throw new Error(`no sample: ${line}`);
    if (!types.has(name) && types.get(name.replace(/_(?:bucket|sum|count)$/, "")) !== "histogram")
      throw new Error(`a sample without a type: ${line}`);
    const key = line.slice(0, line.lastIndexOf(" "));
    if (seen.has(key)) throw new Error(`a sample twice: ${line}`);
    seen.add(key);
    samples.push({ name, labels: labelsOf(labelText, line), value: numberOf(valueText, line) });
  }
  return {
    types,
    samples,
    value: (name, labels = {}) => {
      const found = samples.filter(
        (sample) =>
          sample.name === name &&
          Object.entries(labels).every(([key, value]) => sample.labels[key] === value),
      );
      if (found.length > 1) throw new Error(`${found.length} samples of ${name}`);
      return found[0]?.value;
    },
  };
}

function labelsOf(text: string, line: string): Readonly<Record<string, string>> {
  const labels: Record<string, string> = {};
  LABEL.lastIndex = 0;
  while (LABEL.lastIndex < text.length) {
    const [, name, value] = LABEL.exec(text) ?? [];
    if (name === undefined || value === undefined || name in labels) throw new Error(`no labels: ${line}`);
    labels[name] = value.replaceAll(/\\(.)/g, (_, letter: string) => (letter === "n" ? "\n" : letter));
  }
  return labels;
}

function numberOf(text: string, line: string): number {
  const special: Readonly<Record<string, number>> = {
    "+Inf": Infinity,
    "-Inf": -Infinity,
    Nan: NaN,
    NaN: NaN,
  };
  const value = special[text] ?? Number(text);
  if (Number.isNaN(value) && !(text in special)) throw new Error(`no number: ${line}`);
  return value;
}
