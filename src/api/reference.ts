import { PROBLEMS, REFUSALS } from '../kernel/codes.ts';

/** The reference pages: plain HTML without scripts, made from the same tables the server runs on. */

const STYLE = `<style>
:root{color-scheme:light dark}
body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
h2{margin-top:2.5rem}code{font:13px ui-monospace,monospace}
table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:.35rem .6rem;border-bottom:1px solid #8884;vertical-align:top}
</style>`;

function pageOf(title: string, body: string): string {
  return `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}</title>${STYLE}<main><h1>${title}</h1>${body}</main></html>`;
}

function escapeHtml(text: unknown): string {
  return String(text).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}

type Operation = { summary?: string; tags?: string[]; 'x-permission'?: string };

/** Every path with what it does and the permission it needs. */
export function referencePage(document: Record<string, unknown>): string {
  const byTag = new Map<string, string[]>();
  for (const [path, methods] of Object.entries(document.paths as Record<string, Record<string, Operation>>)) {
    for (const [method, { summary, tags, 'x-permission': permission }] of Object.entries(methods)) {
      const tag = tags?.[0] ?? 'Other';
      const row = `<tr><td><code>${method.toUpperCase()}</code></td><td><code>${escapeHtml(path)}</code></td><td>${escapeHtml(summary)}</td><td>${permission ? `<code>${permission}</code>` : ''}</td></tr>`;
      byTag.set(tag, [...(byTag.get(tag) ?? []), row]);
    }
  }
  const sections = [...byTag].map(
    ([tag, rows]) =>
      `<h2>${escapeHtml(tag)}</h2><table><tr><th>Method<th>Path<th>What it does<th>Permission</tr>${rows.join('')}</table>`,
  );
  return pageOf(
    'Countersign API',
    `<p>The machine-readable description is <a href="/openapi.json">/openapi.json</a> (OpenAPI 3.1). Every refusal has a stable code: <a href="/docs/refusals">the table of refusals</a>.</p>${sections.join('')}`,
  );
}

/** Every refusal and problem code with its step, status and sentence; problems link here. */
export function refusalsPage(): string {
  const refusals = Object.entries(REFUSALS).map(
    ([code, { status, step, message }]) =>
      `<tr id="${code}"><td><code>${code}</code></td><td>${status}</td><td>${step}</td><td>${escapeHtml(message)}</td></tr>`,
  );
  const problems = Object.entries(PROBLEMS).map(
    ([code, { status, message }]) =>
      `<tr id="${code}"><td><code>${code}</code></td><td>${status}</td><td></td><td>${escapeHtml(message)}</td></tr>`,
  );
  return pageOf(
    'Refusals',
    `<table><tr><th>Code<th>HTTP<th>Step<th>Meaning</tr>${refusals.join('')}${problems.join('')}</table>`,
  );
}
