import type { ReactNode } from 'react';
import { summarize } from '../../../../src/kernel/call-summary.ts';
import type { Effect } from '../../../../src/kernel/codes.ts';
import { amountOf } from '../../../../src/kernel/money.ts';
import type { JsonObject, JsonValue } from '../../../../src/kernel/strict-json.ts';
import { EffectBadge } from '../../components/badge.tsx';
import { SafeText } from '../../components/safe-text.tsx';
import { type Highlight, markedValues } from '../../payload/envelope.ts';
import { Structured } from '../../payload/structured.tsx';
import { exampleOf } from '../clients/example.ts';
import { Destination } from '../inbox/destination.tsx';
import { Marked } from '../inbox/marked.tsx';
import type { Plan } from './make.ts';
import { FIELD_TYPES, type FieldRow } from './schema-of.ts';

/** The approval card as it will look, with made-up values, while its tool is being described. */
export function Preview({ plan, rows }: { plan: Plan; rows: readonly FieldRow[] }): ReactNode {
  const values = exampleOf(allRequired(plan.schema)) as JsonObject;
  const marked = markedValues(highlightsOf(rows, values), values);
  const url = `${plan.baseUrl.trim().replace(/\/$/, '') || 'https://…'}${filledIn(plan.path, values)}`;
  const { summary } = summarize(
    { name: plan.tool || 'a tool', effect: plan.effect as Effect },
    marked.map(({ role, value, path, mark }) => ({
      role: role as 'recipient' | 'amount' | 'subject',
      path: '',
      steps: path,
      value: value as JsonValue,
      around: values,
      ...(mark.unit && mark.currency ? { amount: { unit: mark.unit, currency: mark.currency } } : {}),
    })),
    values,
  );
  return (
    <section aria-label="What an approver will see" data-preview-card className="min-w-0">
      <p className="caps mb-2">What an approver will see</p>
      <div className="grid grid-cols-1 gap-4 rounded-doc border border-rule bg-sheet px-4 pt-4 pb-5 shadow-sheet sm:px-6">
        <header className="double-rule grid gap-2 pb-3">
          <p className="caps">Approval request</p>
          <p data-sentence className="font-serif text-xl leading-snug font-semibold wrap-anywhere sm:text-2xl">
            <SafeText text={`${summary} through ${plan.method} ${url}`} />
          </p>
          <Destination call={{ destination: { method: plan.method, url } }} />
          <p className="flex flex-wrap items-center gap-x-2 text-soft">
            <span className="min-w-0 wrap-anywhere">
              <code className="font-mono text-sm font-semibold">
                <SafeText text={plan.tool || 'a tool'} />
              </code>{' '}
              asked for by{' '}
              <strong className="text-ink">
                <SafeText text={plan.client || 'a client'} />
              </strong>
            </span>
            <EffectBadge effect={plan.effect} />
          </p>
        </header>
        <Marked values={marked} schema={plan.schema} />
        <div>
          <p className="caps mb-1">What will be sent</p>
          {Object.keys(values).length === 0 ? (
            <p className="text-soft">Nothing yet: name the fields.</p>
          ) : (
            <Structured value={values} />
          )}
        </div>
      </div>
      <p className="mt-2 text-sm text-soft">The values are made up. Marked fields come first on the real card, too.</p>
    </section>
  );
}

/** With every field, not only those that must be there. */
function allRequired(schema: Record<string, unknown>): Record<string, unknown> {
  return { ...schema, required: Object.keys(schema.properties as object) };
}

/** What the rows mark, as the server will read it from their schema. */
function highlightsOf(rows: readonly FieldRow[], values: JsonObject): Highlight[] {
  return rows.flatMap(({ name: written, type, mark, unit, currency: code }): Highlight[] => {
    const name = written.trim();
    if (name === '' || mark === '') return [];
    const steps = 'items' in FIELD_TYPES[type][1] ? [name, null] : [name];
    if (mark !== 'amount') return [{ role: mark, steps }];
    const amount = amountOf(values[name], unit, code.trim().toUpperCase());
    return [{ role: mark, steps, ...amount }];
  });
}

/** A path with its arguments in their places. */
function filledIn(path: string, values: JsonObject): string {
  return path.replaceAll(/\{([^{}]+)\}/g, (place, name: string) =>
    Object.hasOwn(values, name) ? encodeURIComponent(String(values[name])) : place,
  );
}
