import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import {
  type FormEvent,
  type KeyboardEvent,
  type ReactNode,
  useDeferredValue,
  useEffect,
  useId,
  useState,
} from 'react';
import { flushSync } from 'react-dom';
import { searchQuery } from '../api/overview.ts';
import { useDebounced } from '../components/debounced.ts';
import { Dialog } from '../components/dialog.tsx';
import { TextField } from '../components/field.tsx';
import { Icon } from '../components/icon.tsx';
import { SafeText } from '../components/safe-text.tsx';
import { ProblemNote } from '../components/states.tsx';
import { useHere, useMay } from '../workspace.tsx';
import { foundGoals, type Goal, ownGoals, searchedText } from './goals.ts';

/** How long somebody must not have typed for the server to be asked. */
const PAUSE_MS = 150;

type Props = { readonly open: boolean; readonly onOpen: () => void; readonly onClose: () => void };

/**
 * Ctrl K, or the top bar's search: pages, actions, ids, and clients, tools, connectors, people, approvals and calls by
 * name. It only goes places; it changes nothing.
 */
export function Palette({ open, onOpen, onClose }: Props): ReactNode {
  useEffect(() => {
    const press = (event: globalThis.KeyboardEvent): void => {
      if (event.key.toLowerCase() !== 'k' || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey)
        return;
      event.preventDefault();
      // At once: the next key is the first letter of what is searched.
      if (!document.querySelector('[role="dialog"]')) flushSync(onOpen);
    };
    document.addEventListener('keydown', press);
    return () => document.removeEventListener('keydown', press);
  }, [onOpen]);
  return (
    <Dialog open={open} onClose={onClose} title="Search">
      <Search onClose={onClose} />
    </Dialog>
  );
}

function Search({ onClose }: { onClose: () => void }): ReactNode {
  const id = useId();
  const { workspace } = useHere();
  const may = useMay();
  const navigate = useNavigate();
  const [text, setText] = useState('');
  const [chosen, setChosen] = useState(0);
  const asked = useDeferredValue(useDebounced(searchedText(text), PAUSE_MS));
  const search = useQuery(searchQuery(workspace.slug, asked));
  const found = asked === '' ? [] : (search.data?.items ?? []);
  const goals = [...ownGoals(text, may), ...foundGoals(found, text, may)];
  const isSearching = search.isFetching || asked !== searchedText(text);

  const go = (goal: Goal | undefined): void => {
    if (goal === undefined) return;
    onClose();
    void navigate({ href: `/w/${workspace.slug}${goal.path}` });
  };
  const move = (event: KeyboardEvent): void => {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (by === undefined || goals.length === 0) return;
    event.preventDefault();
    setChosen((chosen + by + goals.length) % goals.length);
  };
  const optionId = (at: number): string => `${id}-${at}`;
  useEffect(() => {
    document.getElementById(`${id}-${chosen}`)?.scrollIntoView({ block: 'nearest' });
  }, [id, chosen]);
  return (
    <form
      onSubmit={(event: FormEvent) => {
        event.preventDefault();
        go(goals[chosen]);
      }}
    >
      <TextField
        label="A name, an id, a page, or “stop …”"
        role="combobox"
        aria-expanded={goals.length > 0}
        aria-controls={`${id}-list`}
        aria-activedescendant={goals.length > 0 ? optionId(chosen) : undefined}
        aria-autocomplete="list"
        maxLength={200}
        value={text}
        onKeyDown={move}
        onChange={(event) => {
          setText(event.target.value);
          setChosen(0);
        }}
      />
      <ul
        id={`${id}-list`}
        // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: the list of a combobox, which keeps the focus
        role="listbox"
        aria-label="Where to go"
        className="mt-3 grid max-h-[50dvh] gap-0.5 overflow-y-auto"
      >
        {goals.map((goal, at) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents lint/a11y/useFocusableInteractive: the field above has the focus and the keys
          <li
            key={`${goal.kind} ${goal.path}`}
            id={optionId(at)}
            // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: an option of the list above
            role="option"
            aria-selected={at === chosen}
            onClick={() => go(goal)}
            onPointerMove={() => setChosen(at)}
            className="flex min-h-9 cursor-pointer items-center gap-3 rounded-doc px-3 py-1 aria-selected:bg-accent-wash pointer-coarse:min-h-11"
          >
            <Icon name={goal.icon} />
            <span className="min-w-0 flex-1">
              <span className="block font-semibold break-words">
                <SafeText text={goal.title} />
              </span>
              {goal.subtitle && (
                <span className="block truncate text-sm text-soft">
                  <SafeText text={goal.subtitle} />
                </span>
              )}
            </span>
            <span className="shrink-0 text-sm text-soft">{goal.kind}</span>
          </li>
        ))}
      </ul>
      <p role="status" className="min-h-6 px-3 pt-2 text-sm text-soft">
        {isSearching ? 'Searching…' : goals.length === 0 ? 'Nothing has this name or id.' : `${goals.length} found`}
      </p>
      {asked !== '' && <ProblemNote problem={search.error} />}
    </form>
  );
}
