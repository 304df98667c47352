/**
 * Writes what a run has found into the pages: between `<!-- bench:NAME -->` and `<!-- /bench -->`, where nothing is written by hand.
 *
 * @module
 */

import { readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import type { Findings, Table } from "./part.js";
import { plot } from "./plot.js";
import { inMarkdown, targetTable } from "./table.js";

type Run = Readonly<Record<string, Findings>>;

const root = new URL("../../../../", import.meta.url);

/** Replaces what stands between the markers of a section. @throws Error if the page has no such section. */
export function replaceSection(page: string, name: string, content: string): string {
  const pattern = new RegExp(`(<!-- bench:${name} -->\n)[\\s\\S]*?(<!-- /bench -->)`);
  if (!pattern.test(page)) throw new Error(`no <!-- bench:${name} --> … <!-- /bench --> here`);
  return page.replace(pattern, (_, begin, end) => `${begin}\n${content.trim()}\n\n${end}`);
}

const tablesOf = (tables: readonly Table[]): string =>
  tables.map((table) => `### ${table.title}\n\n${inMarkdown(table)}`).join("\n");

/** Where and when it was measured, as far as it matters to figures. */
function settingOf(): string {
  const [cpu] = cpus();
  const { node, v8 } = process.versions;
  const model = (cpu?.model ?? "an unknown processor").replaceAll(/\s+/g, " ").trim();
  return `${cpus().length} × ${model}, Node ${node} (V8 ${v8}).`;
}

/** The sections of `docs/bench.md`, by name. */
export function sectionsOf(run: Run): Record<string, string> {
  const all = Object.values(run);
  const targets = inMarkdown(targetTable(all.flatMap((findings) => findings.targets)));
  const missing = all.flatMap((findings) => findings.missing).map((line) => `- ${line}\n`);
  const parts = Object.entries(run).map(([name, { tables }]) => [name, tablesOf(tables)]);
  return {
    setting: settingOf(),
    targets,
    missing: missing.length === 0 ? "Nothing." : missing.join(""),
    ...Object.fromEntries(parts),
  };
}

/** Writes docs/bench.md, docs/bench.svg and the README's section. */
export function writePages(run: Run): void {
  const sections = sectionsOf(run);
  rewrite("docs/bench.md", (page) => {
    return Object.entries(sections).reduce(
      (text, [name, content]) => replaceSection(text, name, content),
      page,
    );
  });
  const curves = Object.values(run).flatMap((findings) => findings.curves ?? []);
  writeFileSync(new URL("docs/bench.svg", root), plot("One decision of a leader", curves));
  const chosen = Object.values(run).flatMap(({ tables }) =>
    tables.filter((one) => one.isForReadme),
  );
  const content = [targetTable(Object.values(run).flatMap(({ targets }) => targets)), ...chosen];
  rewrite("README.md", (page) => {
    return replaceSection(page, "readme", content.map((table) => inMarkdown(table)).join("\n"));
  });
}

function rewrite(path: string, change: (page: string) => string): void {
  const file = new URL(path, root);
  writeFileSync(file, change(readFileSync(file, "utf8")));
}
