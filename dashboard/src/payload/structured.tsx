import type { ReactNode } from 'react';
import { ExactNumber, Repeated } from '../api/exact-json.ts';
import { SafeText } from '../components/safe-text.tsx';
import { type Highlight, pathKey, rolesAt } from './envelope.ts';

type Path = readonly (string | number)[];
type Props = {
  value: unknown;
  path?: Path;
  highlights?: readonly Highlight[];
  /** Places (`pathKey`) that are shown in full elsewhere: they are folded, not left out. */
  shown?: ReadonlySet<string>;
};

/** Deeper than this, rows stand no further to the right: the screen has an end, and nesting has none. */
const INDENTED_MAX = 5;

/** A JSON value as nested names and values. Every text in it is somebody else's, so it is all `SafeText`. */
export function Structured({ value, path = [], highlights = [], shown }: Props): ReactNode {
  if (typeof value === 'string') return <Text text={value} />;
  if (value instanceof ExactNumber) return <Literal text={value.text} type="number" />;
  if (value instanceof Repeated) {
    return (
      <>
        <p className="text-soft">Given {value.values.length} times under this name:</p>
        <Structured value={value.values} path={path} highlights={highlights} />
      </>
    );
  }
  if (typeof value !== 'object' || value === null)
    return <Literal text={String(value)} type={value === null ? 'null' : typeof value} />;
  const isList = Array.isArray(value);
  const entries: [string | number, unknown][] = isList ? [...value.entries()] : Object.entries(value);
  if (entries.length === 0) return <Kind type="empty">{isList ? 'empty list' : 'empty object'}</Kind>;
  const deep = path.length > INDENTED_MAX;
  return (
    <>
      {path.length > 0 && (
        <Kind type={isList ? 'list' : 'object'}>
          {isList ? 'list' : 'object'} of {entries.length}
          {deep && `, ${path.length} levels down`}
        </Kind>
      )}
      <dl className={path.length > 0 ? `border-l border-rule ${deep ? 'pl-px' : 'pl-3'}` : ''}>
        {entries.map(([key, inner]) => (
          <Row
            key={key}
            name={key}
            value={inner}
            path={[...path, key]}
            highlights={highlights}
            {...(shown && { shown })}
          />
        ))}
      </dl>
    </>
  );
}

function Row({
  name,
  value,
  path,
  highlights,
  shown,
}: {
  name: string | number;
  value: unknown;
  path: Path;
  highlights: readonly Highlight[];
  shown?: ReadonlySet<string>;
}): ReactNode {
  const nested = typeof value === 'object' && value !== null && Object.keys(value).length > 0;
  const roles = rolesAt(highlights, path);
  const isFolded = shown !== undefined && isShown(value, path, shown);
  const inner = <Structured value={value} path={path} highlights={highlights} {...(shown && !isFolded && { shown })} />;
  return (
    <div
      className={`py-1 ${nested && !isFolded ? '' : 'grid gap-x-4 sm:grid-cols-[minmax(5rem,9rem)_minmax(0,1fr)]'}`}
      data-field={path.join('.')}
    >
      <dt className="min-w-0 font-mono text-[0.8125rem] leading-6 text-soft">
        {typeof name === 'number' ? (
          <span className="font-sans" data-type="index">
            {name + 1}.
          </span>
        ) : (
          <Name name={name} />
        )}
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
        {isFolded ? (
          <details data-folded>
            <summary className="w-fit py-0.5 text-sm text-accent">shown above</summary>
            {inner}
          </details>
        ) : (
          inner
        )}
      </dd>
    </div>
  );
}

/** Whether a place, or all there is in it, is shown elsewhere. */
function isShown(value: unknown, path: Path, shown: ReadonlySet<string>): boolean {
  if (shown.has(pathKey(path))) return true;
  if (!Array.isArray(value) || value.length === 0) return false;
  return value.every((item, at) => isShown(item, [...path, at], shown));
}

function Name({ name }: { name: string }): ReactNode {
  if (name === '') return <Kind type="empty-name">empty name</Kind>;
  const isTellable = !/^(?:empty name|\d+\.)$/.test(name);
  return (
    <>
      <SafeText text={name} />
      {!isTellable && <Kind type="name"> name</Kind>}
    </>
  );
}

/** Texts that would be taken for another type, or for what this page itself says. */
const AMBIGUOUS =
  /^(?:null|true|false|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|\[.*\]|\{.*\}|empty (?:text|list|object)|NaN|-?Infinity|undefined|shown above)$/su;

function Text({ text }: { text: string }): ReactNode {
  if (text === '') return <Kind type="empty-text">empty text</Kind>;
  return (
    <>
      <SafeText text={text} block />
      <TextKind text={text} />
    </>
  );
}

function TextKind({ text }: { text: string }): ReactNode {
  if (!AMBIGUOUS.test(text.trim())) return null;
  return (
    <>
      {' '}
      <Kind type="text">text</Kind>
    </>
  );
}

/** A single value on one line, in which even a line break is labelled: who something goes to, what it is called. */
export function OneLine({ value }: { value: unknown }): ReactNode {
  if (typeof value !== 'string' || value === '') return <Structured value={value} />;
  return (
    <>
      <SafeText text={value} />
      <TextKind text={value} />
    </>
  );
}

/** A value that is no text. */
function Literal({ text, type }: { text: string; type: string }): ReactNode {
  return (
    <span className="font-mono font-semibold break-all" data-type={type}>
      {text}
      {type === 'null' && <Kind type="null-word"> no value</Kind>}
    </span>
  );
}

/** What this page says of a value: drawn as nothing in a payload can be. */
function Kind({ type, children }: { type: string; children: ReactNode }): ReactNode {
  return (
    <em data-type={type} className="font-serif text-[0.8125rem] font-normal text-soft">
      {children}
    </em>
  );
}
