import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** How many pixels of the page are wider than the window. */
export async function tooWide(page: Page): Promise<number> {
  return Number(
    await page.evaluate('Math.max(0, document.documentElement.scrollWidth - document.documentElement.clientWidth)'),
  );
}

/** What is looked at beside the width: every rule, what depends on colours alone (half of the time), or the rest. */
type Look = 'all' | 'colours' | 'structure' | 'nothing';

/**
 * Breaches of WCAG 2.2 AA on the page as it is now, and whether it is wider than the window. DevTools runs the script, which
 * the page's policy does not concern.
 */
export async function faultsOf(page: Page, look: Look = 'all'): Promise<string[]> {
  const wide = await tooWide(page);
  const found = look === 'nothing' ? [] : await breaches(page, look);
  return [...found, ...(wide <= 0 ? [] : [`${wide} px too wide`])];
}

const COLOURS = 'color-contrast';

async function breaches(page: Page, look: Exclude<Look, 'nothing'>): Promise<string[]> {
  const options = {
    ...(look === 'colours' ? { runOnly: { type: 'rule', values: [COLOURS] } } : { runOnly: RULES }),
    resultTypes: ['violations'],
    preload: false,
    ...(look === 'structure' && { rules: { [COLOURS]: { enabled: false } } }),
  };
  await page.evaluate(`${axe};void 0`);
  const found = (await page.evaluate(
    `axe.run(document, ${JSON.stringify(options)}).then(({ violations }) => violations)`,
  )) as { id: string; nodes: { html: string; failureSummary: string }[] }[];
  return found.map(({ id, nodes }) => `${id}: ${nodes[0]?.html} ${nodes[0]?.failureSummary}`);
}
