import type { ReactNode } from 'react';
import { Dialog } from '../components/dialog.tsx';
import { Checkbox } from '../components/field.tsx';
import { useKeyboard } from './keyboard.tsx';

const KEYS: readonly (readonly [string, string])[] = [
  ['j / k', 'next, previous in the list'],
  ['Enter', 'open'],
  ['a a', 'approve (twice, so that a slip does nothing)'],
  ['d', 'deny, with a reason'],
  ['v', 'fields or exact bytes'],
  ['Ctrl K / ⌘ K', 'search: pages, names, ids, and “stop …”'],
  ['?', 'this'],
];

/** The keys, and the way to switch them off. */
export function KeyboardHelp({ open, onClose }: { open: boolean; onClose: () => void }): ReactNode {
  const keyboard = useKeyboard();
  return (
    <Dialog open={open} onClose={onClose} title="Keyboard">
      <dl className="mb-4 grid grid-cols-[auto_1fr] gap-x-6 gap-y-2">
        {KEYS.map(([keys, what]) => (
          <div key={keys} className="contents">
            <dt>
              <kbd className="rounded-doc border border-edge bg-well px-1.5 py-0.5 font-mono text-sm">{keys}</kbd>
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
      <Checkbox
        label="Single keys do things"
        hint="Off: only Tab, Enter and Ctrl K. Kept in this browser."
        checked={keyboard.on}
        onChange={(event) => keyboard.set(event.target.checked)}
      />
    </Dialog>
  );
}
