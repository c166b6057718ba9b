import { type ReactNode, useId } from 'react';
import { Button } from '../../../components/button.tsx';
import { CONTROL } from '../../../components/field.tsx';
import { Icon } from '../../../components/icon.tsx';

export type Row = Readonly<Record<string, unknown>>;

/** One column of {@link RowsField}: what is written, chosen or ticked there. */
export type RowColumn = {
  readonly head: string;
  readonly show: (row: Row) => string | boolean;
  readonly write: (row: Row, value: string | boolean) => Row;
  /** What can be chosen; left out, something is written, or ticked where `show` gives a boolean. */
  readonly options?: readonly (readonly [value: string, word: string])[];
};

/** A list of things with a few members each, to be added, changed and taken away. */
export function RowsField({
  label,
  hint,
  error,
  add,
  first,
  columns,
  rows,
  onChange,
}: {
  label: string;
  hint?: string;
  error?: string | undefined;
  /** What the button says that adds one, which begins as `first`. */
  add: string;
  first: Row;
  columns: readonly RowColumn[];
  rows: readonly Row[];
  onChange: (rows: readonly Row[]) => void;
}): ReactNode {
  const id = useId();
  const set = (at: number, row: Row): void => onChange(rows.map((each, index) => (index === at ? row : each)));
  return (
    <fieldset className="grid gap-2" aria-describedby={hint && `${id}-hint`}>
      <legend className="text-sm font-semibold">{label}</legend>
      {hint && (
        <p id={`${id}-hint`} className="text-[0.8125rem] text-soft">
          {hint}
        </p>
      )}
      {rows.map((row, at) => (
        // Rows have no name of their own, and one that is being renamed must keep the focus.
        // biome-ignore lint/suspicious/noArrayIndexKey: the place is what a row is known by
        <div key={at} className="flex flex-wrap items-end gap-2 border-l-2 border-rule pl-3">
          {columns.map((column) => (
            <Cell
              key={column.head}
              label={`${column.head} (${at + 1})`}
              column={column}
              row={row}
              onChange={(next) => set(at, next)}
            />
          ))}
          <Button
            kind="quiet"
            aria-label={`Take away (${at + 1})`}
            onClick={() => onChange(rows.filter((_, index) => index !== at))}
          >
            <Icon name="cross" size={16} />
          </Button>
        </div>
      ))}
      {error && <p className="text-sm font-medium text-no">{error}</p>}
      <div>
        <Button icon="plus" onClick={() => onChange([...rows, first])}>
          {add}
        </Button>
      </div>
    </fieldset>
  );
}

function Cell({
  label,
  column: { head, show, write, options },
  row,
  onChange,
}: {
  label: string;
  column: RowColumn;
  row: Row;
  onChange: (row: Row) => void;
}): ReactNode {
  const value = show(row);
  if (typeof value === 'boolean') {
    return (
      <label className="flex min-h-9 items-center gap-2 text-sm pointer-coarse:min-h-11">
        <input
          type="checkbox"
          className="size-5 accent-accent"
          checked={value}
          onChange={(event) => onChange(write(row, event.target.checked))}
        />
        {head}
      </label>
    );
  }
  return (
    <div className="grid min-w-28 flex-1 gap-0.5 text-[0.8125rem]">
      <span aria-hidden="true">{head}</span>
      {options === undefined ? (
        <input
          aria-label={label}
          autoComplete="off"
          spellCheck={false}
          maxLength={200}
          className={`${CONTROL} font-mono`}
          value={value}
          onChange={(event) => onChange(write(row, event.target.value))}
        />
      ) : (
        <select
          aria-label={label}
          className={`${CONTROL} pr-8`}
          value={value}
          onChange={(event) => onChange(write(row, event.target.value))}
        >
          {options.map(([each, word]) => (
            <option key={each} value={each}>
              {word}
            </option>
          ))}
        </select>
      )}
    </div>
  );
}

/** A member of a row that is a text, and left out where it is empty. */
export function textColumn(head: string, member: string): RowColumn {
  return {
    head,
    show: (row) => String(row[member] ?? ''),
    write: ({ [member]: _, ...rest }, value) => (value === '' ? rest : { ...rest, [member]: value }),
  };
}

/** A member of a row that is true, or left out. */
export function tickColumn(head: string, member: string): RowColumn {
  return {
    head,
    show: (row) => row[member] === true,
    write: ({ [member]: _, ...rest }, value) => (value === true ? { ...rest, [member]: true } : rest),
  };
}
