import type { ReactNode } from 'react';
import { useRowKeys } from './row-keys.ts';

export type Column<T> = {
  readonly head: string;
  readonly cell: (row: T) => ReactNode;
  /** Shown from this width on; narrower screens leave it out. */
  readonly from?: 'sm' | 'md' | 'lg' | 'xl';
  readonly right?: boolean;
};

const FROM = {
  sm: 'hidden sm:table-cell',
  md: 'hidden md:table-cell',
  lg: 'hidden lg:table-cell',
  xl: 'hidden xl:table-cell',
} as const;

type Props<T> = {
  readonly caption: string;
  readonly rows: readonly T[];
  readonly columns: readonly Column<T>[];
  readonly id: (row: T) => string;
  readonly selected?: string | undefined;
};

/**
 * Rows of alike things. The caption names the table to those who cannot see where it stands. `j` and `k` go from row
 * to row.
 */
export function Table<T>({ caption, rows, columns, id, selected }: Props<T>): ReactNode {
  useRowKeys();
  return (
    <div className="overflow-x-auto">
      <table className="w-full border-collapse text-left">
        <caption className="sr-only">{caption}</caption>
        <thead>
          <tr className="border-b border-edge">
            {columns.map(({ head, from, right }) => (
              <th
                key={head}
                scope="col"
                className={`caps px-1 py-2 whitespace-nowrap first:pl-4 last:pr-4 sm:px-3 sm:first:pl-5 sm:last:pr-4 ${from ? FROM[from] : ''} ${right ? 'text-right' : ''}`}
              >
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr
              key={id(row)}
              data-row={id(row)}
              aria-selected={selected === id(row) || undefined}
              className="border-b border-rule last:border-0 hover:bg-well aria-selected:bg-accent-wash"
            >
              {columns.map(({ head, cell, from, right }) => (
                <td
                  key={head}
                  className={`px-1 py-2 align-top first:pl-4 last:pr-4 sm:px-3 sm:first:pl-5 sm:last:pr-4 ${from ? FROM[from] : ''} ${right ? 'text-right' : ''}`}
                >
                  {cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
