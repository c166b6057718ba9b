import type { ReactNode } from 'react';
import { SafeText } from '../../components/safe-text.tsx';
import { describedAt, type Marked as Value } from '../../payload/envelope.ts';

const SHOWN = 8;
const TITLES: Readonly<Record<string, string>> = { recipient: 'To', amount: 'Amount', subject: 'Subject' };

/** Recipients, amounts and subjects, taken out of the payload by the marks of the tool's schema. */
export function Marked({ values, schema }: { values: readonly Value[]; schema: unknown }): ReactNode {
  if (values.length === 0) return null;
  const of = (role: string): readonly Value[] => values.filter((value) => value.role === role);
  const currency = of('currency').map(({ value }) => value);
  return (
    <dl className="grid gap-2.5 rounded-doc bg-well px-4 py-3">
      {Object.entries(TITLES).map(([role, title]) => {
        const found = of(role);
        const [first] = found;
        if (first === undefined) return null;
        // An amount is a number in some unit, which only its schema knows: cents are not euros.
        const unit = role === 'amount' ? describedAt(schema, first.steps) : '';
        return (
          <div key={role} data-marked={role} className="grid gap-x-4 sm:grid-cols-[4.5rem_1fr]">
            <dt className="text-sm leading-7 text-soft">{title}</dt>
            <dd className="min-w-0 text-lg leading-7 font-semibold break-words">
              {found.slice(0, SHOWN).map(({ value }, at) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: the values of one payload never change places
                <span key={at} className={role === 'recipient' ? 'block' : 'mr-3'}>
                  <SafeText text={write(value)} />
                  {role === 'amount' && currency.length > 0 && (
                    <SafeText text={` ${write(currency[at] ?? currency[0])}`} />
                  )}
                </span>
              ))}
              {unit !== '' && (
                <span className="text-sm font-normal text-soft">
                  <SafeText text={unit} />
                </span>
              )}
              {found.length > SHOWN && (
                <span className="block text-base font-normal text-soft">
                  and {found.length - SHOWN} more, all below
                </span>
              )}
            </dd>
          </div>
        );
      })}
    </dl>
  );
}

function write(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
