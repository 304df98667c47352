/**
 * What hook tools print: Juju's formats smart, json and yaml; and what they read with `--file`.
 *
 * @module
 */

import { isMap, isScalar, type Pair, parseDocument, stringify } from "yaml";
import { usage } from "./arguments.js";
import { ToolError } from "./errors.js";
import { setOwn } from "./values.js";

export type Format = "smart" | "json" | "yaml";

/** @throws ToolError `usage` for a format that is not one of these. */
export function formatOf(text: string, spelled: string, known: readonly Format[]): Format {
  const format = known.find((one) => one === text);
  if (format === undefined) {
    const quoted = JSON.stringify(text);
    throw usage(`invalid value ${quoted} for option ${spelled}: unknown format ${quoted}`);
  }
  return format;
}

/** The text a tool prints, with its newline; `""` where Juju prints nothing. */
export function render(value: unknown, format: Format): string {
  const text = { smart: smartText, json: jsonText, yaml: yamlText }[format](value);
  return text === "" ? "" : `${text}\n`;
}

function smartText(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "string") return value;
  if (typeof value === "boolean") return value ? "True" : "False";
  if (Array.isArray(value) && value.every((item) => typeof item === "string")) {
    return value.join("\n");
  }
  return yamlText(value);
}

/** As Go writes it: one line, keys sorted, and `<`, `>`, `&` escaped. */
function jsonText(value: unknown): string {
  return compact(value ?? null).replace(
    /[<>&\u2028\u2029]/g,
    (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

function compact(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(compact).join(",")}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  const fields = sortedEntries(value).map(
    ([key, item]) => `${JSON.stringify(key)}:${compact(item)}`,
  );
  return `{${fields.join(",")}}`;
}

/** YAML 1.1, as Juju's writer: what an old reader would take for a boolean or a time is quoted. */
function yamlText(value: unknown): string {
  if (value === null || value === undefined) return "";
  return stringify(value, { lineWidth: 0, version: "1.1", sortMapEntries }).trimEnd();
}

function sortMapEntries(a: Pair, b: Pair): number {
  return byBytes(String(a.key), String(b.key));
}

function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

function sortedEntries(value: object): [string, unknown][] {
  return Object.entries(value).sort(([a], [b]) => byBytes(a, b));
}

/**
 * The map of strings in a `--file`: YAML (so JSON too); every scalar is taken as it is written, null is `""`.
 *
 * @throws ToolError `no_file` if it is no map of strings.
 */
export function readValues(text: string): Record<string, string> {
  const document = parseDocument(text, { schema: "failsafe" });
  const problem = document.errors[0];
  if (problem !== undefined) throw new ToolError("no_file", `yaml: ${firstLine(problem.message)}`);
  const values: Record<string, string> = {};
  if (document.contents === null) return values;
  if (!isMap(document.contents)) {
    throw new ToolError("no_file", "yaml: unmarshal errors: cannot unmarshal into map of strings");
  }
  for (const { key, value } of document.contents.items) {
    if (!isScalar(key) || !(value === null || isScalar(value))) {
      throw new ToolError("no_file", `yaml: unmarshal errors: ${String(key)} is not a string`);
    }
    setOwn(values, String(key.value), value === null ? "" : scalarText(value));
  }
  return values;
}

function scalarText(scalar: { value: unknown; type?: string | undefined }): string {
  const text = String(scalar.value ?? "");
  return scalar.type === "PLAIN" && /^(~|null|Null|NULL)$/.test(text) ? "" : text;
}

function firstLine(text: string): string {
  return text.split("\n")[0]!;
}
