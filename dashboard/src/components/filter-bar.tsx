import { type FormEvent, type ReactNode, useState } from 'react';
import { Button } from './button.tsx';
import { Select, TextField } from './field.tsx';

export type FilterField = {
  readonly name: string;
  readonly label: string;
  /** A choice of these; without them a text, or a moment. */
  readonly options?: readonly (readonly [value: string, label: string])[];
  readonly kind?: 'time';
  readonly placeholder?: string;
};

type Filters = Readonly<Record<string, string | undefined>>;
type Props = { fields: readonly FilterField[]; values: Filters; onChange: (next: Filters) => void; aside?: ReactNode };

/** Filters that live in the URL. A choice applies at once, a text with Enter or when it is left. */
export function FilterBar({ fields, values, onChange, aside }: Props): ReactNode {
  const set = (name: string, value: string): void => {
    if ((values[name] ?? '') !== value) onChange({ ...values, [name]: value || undefined });
  };
  const isFiltered = fields.some(({ name }) => values[name]);
  // On a phone the rows matter more; filters that are set stay in sight.
  const [open, setOpen] = useState(isFiltered);
  const folded = fields.length > 1 && !open && !isFiltered;
  return (
    <search aria-label="Filters" className="flex flex-wrap items-end gap-2 border-b border-rule px-4 py-3 sm:px-5">
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
          {field.options ? (
            <Select
              label={field.label}
              value={values[field.name] ?? ''}
              onChange={(event) => set(field.name, event.target.value)}
            >
              <option value="">any</option>
              {field.options.map(([value, label]) => (
                <option key={value} value={value}>
                  {label}
                </option>
              ))}
            </Select>
          ) : (
            <TextFilter
              key={values[field.name] ?? ''}
              field={field}
              value={values[field.name] ?? ''}
              onSet={(value) => set(field.name, value)}
            />
          )}
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
      {aside && <div className="ml-auto flex flex-wrap gap-2">{aside}</div>}
    </search>
  );
}

function TextFilter({
  field,
  value,
  onSet,
}: {
  field: FilterField;
  value: string;
  onSet: (value: string) => void;
}): ReactNode {
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
