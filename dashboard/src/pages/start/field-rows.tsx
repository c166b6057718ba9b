import { type ReactNode, useRef } from 'react';
import { Button } from '../../components/button.tsx';
import { Select, TextField } from '../../components/field.tsx';
import { Icon } from '../../components/icon.tsx';
import { FIELD_TYPES, type FieldRow, type FieldType, faultOf, MARKS, type Mark, newRow } from './schema-of.ts';

type Props = {
  rows: readonly FieldRow[];
  /** Names that the path takes: their rows stay. */
  fixed: readonly string[];
  onChange: (rows: readonly FieldRow[]) => void;
};

/** The arguments of an operation as rows; Enter in the last name begins another. */
export function FieldRows({ rows, fixed, onChange }: Props): ReactNode {
  const box = useRef<HTMLDivElement>(null);
  const add = (): void => {
    onChange([...rows, newRow(Math.max(-1, ...rows.map(({ key }) => key)) + 1)]);
    requestAnimationFrame(() => {
      [...(box.current?.querySelectorAll<HTMLInputElement>('[data-field-row] input[type="text"]') ?? [])]
        .at(-1)
        ?.focus();
    });
  };
  const set = (key: number, change: Partial<FieldRow>): void =>
    onChange(rows.map((row) => (row.key === key ? { ...row, ...change } : row)));
  return (
    <div ref={box} className="grid gap-3">
      {rows.map((row, at) => (
        <Row
          key={row.key}
          row={row}
          nth={at + 1}
          fault={faultOf(row, rows)}
          isFixed={fixed.includes(row.name)}
          onSet={(change) => set(row.key, change)}
          onRemove={() => onChange(rows.filter(({ key }) => key !== row.key))}
          onEnter={at === rows.length - 1 && row.name.trim() !== '' ? add : undefined}
        />
      ))}
      <div>
        <Button icon="plus" onClick={add}>
          Add a field
        </Button>
      </div>
    </div>
  );
}

function Row({
  row,
  nth,
  fault,
  isFixed,
  onSet,
  onRemove,
  onEnter,
}: {
  row: FieldRow;
  nth: number;
  fault: string | undefined;
  isFixed: boolean;
  onSet: (change: Partial<FieldRow>) => void;
  onRemove: () => void;
  onEnter: (() => void) | undefined;
}): ReactNode {
  return (
    <fieldset data-field-row className="min-w-0 rounded-doc border border-rule bg-well p-3">
      <legend className="sr-only">Field {nth}</legend>
      <div className="grid grid-cols-2 items-end gap-2 sm:grid-cols-[minmax(0,1.2fr)_minmax(0,1fr)_minmax(0,1fr)_auto]">
        <TextField
          label="Field"
          type="text"
          maxLength={64}
          readOnly={isFixed}
          spellCheck={false}
          value={row.name}
          error={fault}
          onChange={(event) => onSet({ name: event.target.value })}
          onKeyDown={(event) => {
            if (event.key !== 'Enter') return;
            event.preventDefault();
            onEnter?.();
          }}
        />
        <Select label="Type" value={row.type} onChange={(event) => onSet({ type: event.target.value as FieldType })}>
          {Object.entries(FIELD_TYPES).map(([value, [word]]) => (
            <option key={value} value={value}>
              {word}
            </option>
          ))}
        </Select>
        <Select
          label="Says"
          value={row.mark}
          onChange={(event) => {
            const mark = event.target.value as Mark;
            const isNumber = row.type === 'integer' || row.type === 'number';
            onSet({ mark, ...(mark === 'amount' && !isNumber && { type: 'integer' }) });
          }}
        >
          {Object.entries(MARKS).map(([value, word]) => (
            <option key={value} value={value}>
              {word}
            </option>
          ))}
        </Select>
        <div className="flex min-h-9 items-center justify-end gap-2">
          <label className="flex items-center gap-1.5 text-sm">
            <input
              type="checkbox"
              className="size-5 accent-accent"
              checked={row.required}
              disabled={isFixed}
              onChange={(event) => onSet({ required: event.target.checked })}
            />
            required
          </label>
          {!isFixed && (
            <button
              type="button"
              aria-label={`Leave out ${row.name || `field ${nth}`}`}
              className="grid size-8 place-items-center rounded-doc hover:bg-accent-wash"
              onClick={onRemove}
            >
              <Icon name="cross" size={14} />
            </button>
          )}
        </div>
      </div>
      {row.mark === 'amount' && (
        <div className="mt-2 grid grid-cols-2 gap-2 sm:max-w-md">
          <Select
            label="The number counts"
            value={row.unit}
            onChange={(event) => onSet({ unit: event.target.value as FieldRow['unit'] })}
          >
            <option value="minor">cents (minor units)</option>
            <option value="major">whole units</option>
          </Select>
          <TextField
            label="Currency"
            maxLength={3}
            value={row.currency}
            onChange={(event) => onSet({ currency: event.target.value.toUpperCase() })}
          />
        </div>
      )}
    </fieldset>
  );
}
