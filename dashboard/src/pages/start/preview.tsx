import type { ReactNode } from 'react';
import { EffectBadge } from '../../components/badge.tsx';
import { SafeText } from '../../components/safe-text.tsx';
import { Structured } from '../../payload/structured.tsx';
import { exampleOf } from '../clients/example.ts';
import type { Plan } from './make.ts';
import type { FieldRow } from './schema-of.ts';

const TITLES = { recipient: 'To', amount: 'Amount', subject: 'Subject' } as const;

/** The approval card as it will look, with made-up values, while its tool is being described. */
export function Preview({ plan, rows }: { plan: Plan; rows: readonly FieldRow[] }): ReactNode {
  const values = exampleOf(allRequired(plan.schema)) as Readonly<Record<string, unknown>>;
  const marked = rows.filter(({ name, mark }) => name.trim() !== '' && mark !== '');
  const address = `${plan.baseUrl.trim().replace(/\/$/, '') || 'https://…'}${plan.path}`;
  return (
    <section aria-label="What an approver will see" data-preview-card className="min-w-0">
      <p className="caps mb-2">What an approver will see</p>
      <div className="grid grid-cols-1 gap-4 rounded-doc border border-rule bg-sheet px-4 pt-4 pb-5 shadow-sheet sm:px-6">
        <header className="double-rule pb-3">
          <p className="caps">Approval request</p>
          <p className="font-serif text-2xl leading-tight font-semibold wrap-anywhere">
            <SafeText text={plan.tool || 'a tool'} />
          </p>
          <p className="mt-0.5 flex flex-wrap items-center gap-x-2 text-soft">
            <span>
              asked by{' '}
              <strong className="text-ink">
                <SafeText text={plan.client || 'a client'} />
              </strong>
            </span>
            <EffectBadge effect={plan.effect} />
          </p>
        </header>
        <p className="font-mono text-sm wrap-anywhere">
          <strong>{plan.method}</strong> <SafeText text={address} />
        </p>
        {marked.length > 0 && (
          <dl className="grid gap-2.5 rounded-doc bg-well px-4 py-3">
            {marked.map((row) => (
              <div key={row.key} data-marked={row.mark} className="grid gap-x-4 sm:grid-cols-[4.5rem_1fr]">
                <dt className="text-sm leading-7 text-soft">{TITLES[row.mark as keyof typeof TITLES]}</dt>
                <dd className="min-w-0 text-lg leading-7 font-semibold wrap-anywhere">
                  <SafeText text={shown(row, values[row.name.trim()])} />
                </dd>
              </div>
            ))}
          </dl>
        )}
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

function shown({ mark, unit, currency }: FieldRow, value: unknown): string {
  const text = Array.isArray(value) ? value.join(', ') : String(value);
  if (mark !== 'amount' || typeof value !== 'number') return text;
  try {
    const format = new Intl.NumberFormat('en', { style: 'currency', currency, currencyDisplay: 'code' });
    const decimals = format.resolvedOptions().maximumFractionDigits ?? 2;
    const amount = unit === 'minor' ? value / 10 ** decimals : value;
    return `${amount.toFixed(decimals)} ${currency}`;
  } catch {
    return `${text} ${currency}`;
  }
}
