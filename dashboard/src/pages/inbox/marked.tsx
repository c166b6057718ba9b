import type { ReactNode } from 'react';
import { SafeText } from '../../components/safe-text.tsx';
import { describedAt, pathKey, type Marked as Value } from '../../payload/envelope.ts';
import { OneLine } from '../../payload/structured.tsx';

const SHOWN = 8;
const TITLES: Readonly<Record<string, string>> = { recipient: 'To', amount: 'Amount', subject: 'Subject' };

/** Recipients, amounts and subjects, taken out of the payload by the marks of the tool's schema. */
export function Marked({ values, schema }: { values: readonly Value[]; schema: unknown }): ReactNode {
  const titled = Object.keys(TITLES).some((role) => values.some((value) => value.role === role));
  if (!titled) return null;
  return (
    <dl className="grid gap-2.5 rounded-doc bg-well px-4 py-3">
      {Object.entries(TITLES).map(([role, title]) => {
        const found = values.filter((value) => value.role === role);
        if (found.length === 0) return null;
        return (
          <div key={role} data-marked={role} className="grid gap-x-4 sm:grid-cols-[4.5rem_minmax(0,1fr)]">
            <dt className="text-sm leading-7 text-soft">{title}</dt>
            <dd className="min-w-0 text-lg leading-7 font-semibold wrap-anywhere">
              {found.slice(0, SHOWN).map((one) => (
                <span key={pathKey(one.path)} className={role === 'subject' ? 'mr-3' : 'block'}>
                  {role === 'amount' ? (
                    <Amount value={one} values={values} schema={schema} />
                  ) : (
                    <OneLine value={one.value} />
                  )}
                </span>
              ))}
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

/** The places that `Marked` shows in full, by `pathKey`. */
export function placesShown(values: readonly Value[]): ReadonlySet<string> {
  const shown = Object.keys(TITLES).flatMap((role) => values.filter((one) => one.role === role).slice(0, SHOWN));
  return new Set(shown.map(({ path }) => pathKey(path)));
}

/** `369.52 EUR`, as the schema says how its number counts; else the number as it is, and that its unit is not stated. */
function Amount({
  value: one,
  values,
  schema,
}: {
  value: Value;
  values: readonly Value[];
  schema: unknown;
}): ReactNode {
  const { mark, value } = one;
  if (mark.unit && mark.text) return <SafeText text={mark.text} />;
  const beside = values.find(({ role, path }) => role === 'currency' && isBeside(path, one.path));
  const described = describedAt(schema, mark.steps);
  return (
    <>
      <OneLine value={value} />
      {beside && (
        <>
          {' '}
          <SafeText text={write(beside.value)} />
        </>
      )}{' '}
      <span className="text-sm font-normal text-care" data-unit="not stated">
        unit not stated
      </span>
      {described !== '' && (
        <span className="block text-sm font-normal text-soft">
          The schema says: <SafeText text={described} />
        </span>
      )}
    </>
  );
}

function isBeside(one: readonly string[], other: readonly string[]): boolean {
  return pathKey(one.slice(0, -1)) === pathKey(other.slice(0, -1));
}

function write(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
