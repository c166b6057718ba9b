import { type FormEvent, type ReactNode, useEffect, useRef, useState } from 'react';
import type { Total } from '../api/types.ts';
import { Button } from './button.tsx';
import { TYPING_MS } from './debounced.ts';
import { Select, TextField } from './field.tsx';
import type { Source } from './pick-sources.ts';
import { Picker } from './picker.tsx';
import { totalText } from './total.ts';

export type FilterField = {
  readonly name: string;
  readonly label: string;
  /** A choice of these; without them a text, or a moment. */
  readonly options?: readonly (readonly [value: string, label: string])[];
  readonly kind?: 'time';
  /** Chosen by searching, where there may be many. */
  readonly pick?: Source;
  readonly placeholder?: string;
};

type Filters = Readonly<Record<string, string | undefined>>;
type Props = {
  fields: readonly FilterField[];
  values: Filters;
  /** `typing` while somebody writes: then the history needs no entry for each letter. */
  onChange: (next: Filters, typing?: boolean) => void;
  /** What the list's search is called and looks at; without it there is no search. It is the filter `q`. */
  search?: { readonly label: string; readonly within: string };
  /** How many the list holds under its filters, and what one and several are called. */
  total?: Total | null;
  what?: readonly [one: string, several: string];
  aside?: ReactNode;
};

/**
 * The head of a list: its search, its filters, all of them in the URL, and how many there are. A choice applies at
 * once, the search while it is written, another text with Enter or when it is left.
 */
export function FilterBar({ fields, values, onChange, search, total, what, aside }: Props): ReactNode {
  const set = (name: string, value: string): void => {
    if ((values[name] ?? '') !== value) onChange({ ...values, [name]: value || undefined });
  };
  const isFiltered = fields.some(({ name }) => values[name]);
  // On a phone the rows matter more; filters that are set stay in sight.
  const [open, setOpen] = useState(isFiltered);
  const folded = fields.length > 1 && !open && !isFiltered;
  return (
    <search aria-label="Filters" className="flex flex-wrap items-end gap-2 border-b border-rule px-4 py-3 sm:px-5">
      {search !== undefined && (
        <div className="min-w-0 max-w-80 grow-[2] basis-48">
          <SearchField
            {...search}
            value={values.q ?? ''}
            onSet={(q) => onChange({ ...values, q: q || undefined }, true)}
          />
        </div>
      )}
      {folded && (
        <Button className="sm:hidden" icon="search" aria-expanded={false} onClick={() => setOpen(true)}>
          Filter
        </Button>
      )}
      {fields.map((field) => (
        <div
          key={field.name}
          className={`${folded ? 'max-sm:hidden ' : ''}min-w-0 grow ${field.kind === 'time' ? 'max-w-64 basis-60' : 'max-w-60 basis-32'}`}
        >
          <FilterInput field={field} value={values[field.name] ?? ''} onSet={(value) => set(field.name, value)} />
        </div>
      ))}
      {isFiltered && (
        <Button
          kind="quiet"
          onClick={() =>
            onChange(
              Object.fromEntries(
                Object.entries(values).filter(([name]) => !fields.some((field) => field.name === name)),
              ),
            )
          }
        >
          Clear
        </Button>
      )}
      {(aside || what) && (
        <div className="ml-auto flex flex-wrap items-center gap-x-3 gap-y-2">
          {what && (
            <span role="status" data-total={total?.count} className="py-1.5 text-sm text-soft">
              {total && `${totalText(total, 0)} ${total.count === 1 ? what[0] : what[1]}`}
            </span>
          )}
          {aside}
        </div>
      )}
    </search>
  );
}

type InputProps = { field: FilterField; value: string; onSet: (value: string) => void };

function FilterInput({ field, value, onSet }: InputProps): ReactNode {
  if (field.pick) {
    return (
      <Picker
        label={field.label}
        source={field.pick}
        value={value}
        placeholder={field.placeholder ?? 'any'}
        clearable
        onChange={onSet}
      />
    );
  }
  if (!field.options) return <TextFilter key={value} field={field} value={value} onSet={onSet} />;
  return (
    <Select label={field.label} value={value} onChange={(event) => onSet(event.target.value)}>
      <option value="">any</option>
      {field.options.map(([each, label]) => (
        <option key={each} value={each}>
          {label}
        </option>
      ))}
    </Select>
  );
}

/** Searches while it is written, a moment after the last letter. */
function SearchField({
  label,
  within,
  value,
  onSet,
}: {
  label: string;
  within: string;
  value: string;
  onSet: (q: string) => void;
}): ReactNode {
  const [text, setText] = useState(value);
  const sent = useRef(value);
  const send = useRef(onSet);
  useEffect(() => {
    send.current = onSet;
  });
  // Another text than was sent came by a link, the way back, or "Clear".
  useEffect(() => {
    if (value === sent.current) return;
    sent.current = value;
    setText(value);
  }, [value]);
  useEffect(() => {
    const q = text.trim();
    if (q === sent.current) return;
    const timer = setTimeout(() => {
      sent.current = q;
      send.current(q);
    }, TYPING_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return (
    <TextField
      label={label}
      type="search"
      placeholder={within}
      maxLength={200}
      spellCheck={false}
      value={text}
      onChange={(event) => setText(event.target.value)}
    />
  );
}

function TextFilter({ field, value, onSet }: InputProps): ReactNode {
  const [text, setText] = useState(field.kind === 'time' ? toLocal(value) : value);
  const apply = (): void => onSet(field.kind === 'time' ? fromLocal(text) : text.trim());
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    apply();
  };
  return (
    <form onSubmit={submit}>
      <TextField
        label={field.label}
        type={field.kind === 'time' ? 'datetime-local' : 'text'}
        placeholder={field.placeholder}
        value={text}
        onChange={(event) => setText(event.target.value)}
        onBlur={apply}
      />
    </form>
  );
}

/** A moment as the browser's field writes it: local, to the minute. */
function toLocal(iso: string): string {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return '';
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

function fromLocal(local: string): string {
  const date = new Date(local);
  return Number.isNaN(date.getTime()) ? '' : date.toISOString();
}
