import type { ReactNode } from 'react';
import { ExactNumber, Repeated } from '../api/exact-json.ts';
import { SafeText } from '../components/safe-text.tsx';
import { type Highlight, rolesAt } from './envelope.ts';

type Props = { value: unknown; path?: readonly (string | number)[]; highlights?: readonly Highlight[] };

/** A JSON value as nested names and values. Every text in it is somebody else's, so it is all `SafeText`. */
export function Structured({ value, path = [], highlights = [] }: Props): ReactNode {
  if (typeof value === 'string') return <Text text={value} />;
  if (value instanceof ExactNumber) return <span className="font-mono font-semibold break-all">{value.text}</span>;
  if (value instanceof Repeated) {
    return (
      <>
        <p className="text-soft">Given {value.values.length} times under this name:</p>
        <Structured value={value.values} path={path} highlights={highlights} />
      </>
    );
  }
  if (typeof value !== 'object' || value === null)
    return <span className="font-mono font-semibold">{String(value)}</span>;
  const entries: [string | number, unknown][] = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  if (entries.length === 0)
    return <span className="text-soft">{Array.isArray(value) ? 'empty list' : 'empty object'}</span>;
  return (
    <dl className={path.length > 0 ? 'border-l border-rule pl-3' : ''}>
      {entries.map(([key, inner]) => (
        <Row key={key} name={key} value={inner} path={[...path, key]} highlights={highlights} />
      ))}
    </dl>
  );
}

function Row({
  name,
  value,
  path,
  highlights,
}: {
  name: string | number;
  value: unknown;
  path: readonly (string | number)[];
  highlights: readonly Highlight[];
}): ReactNode {
  const nested = typeof value === 'object' && value !== null && Object.keys(value).length > 0;
  const roles = rolesAt(highlights, path);
  return (
    <div className={`py-1 ${nested ? '' : 'grid gap-x-4 sm:grid-cols-[minmax(5rem,9rem)_1fr]'}`}>
      <dt className="min-w-0 font-mono text-[0.8125rem] leading-6 break-words text-soft">
        {typeof name === 'number' ? `${name + 1}.` : <SafeText text={name} />}
        {roles.map((role) => (
          <span
            key={role}
            className="ml-2 rounded-doc bg-accent-wash px-1 font-sans text-xs font-semibold text-accent sm:ml-0 sm:block sm:w-fit"
          >
            {role}
          </span>
        ))}
      </dt>
      <dd className="min-w-0">
        <Structured value={value} path={path} highlights={highlights} />
      </dd>
    </div>
  );
}

function Text({ text }: { text: string }): ReactNode {
  if (text === '') return <span className="text-soft">empty text</span>;
  return <SafeText text={text} block />;
}
