import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import { Popover } from 'radix-ui';
import { type KeyboardEvent, type ReactNode, type UIEvent, useEffect, useId, useRef, useState } from 'react';
import { problemText } from '../api/problem-text.ts';
import { useSlug } from '../workspace.tsx';
import { useDebounced } from './debounced.ts';
import { CONTROL, Field, type Labelled } from './field.tsx';
import { Icon } from './icon.tsx';
import type { Choice, Source } from './pick-sources.ts';
import { SafeText } from './safe-text.tsx';
import { totalText } from './total.ts';

type Props = Labelled & {
  readonly source: Source;
  /** The value that is chosen; empty for none. */
  readonly value: string;
  readonly onChange: (value: string, choice: Choice | undefined) => void;
  readonly placeholder?: string;
  /** None may be chosen again. */
  readonly clearable?: boolean;
  /** Why one may not be chosen, for those that may not. */
  readonly unfit?: (choice: Choice) => string | undefined;
};

const NEAR_THE_END_PX = 80;
const SOON_OPTIONS = 3;

/**
 * Chooses one of many by writing a part of its name: the server searches, so nothing is out of reach, and says how
 * many there are. The combobox of the ARIA practices: arrows move, Enter chooses, Escape closes; focus stays in it.
 */
export function Picker({
  source,
  value,
  onChange,
  placeholder = 'Write a part of the name',
  clearable = false,
  unfit = () => undefined,
  ...labelled
}: Props): ReactNode {
  const slug = useSlug();
  const listId = useId();
  const input = useRef<HTMLInputElement>(null);
  const list = useRef<HTMLUListElement>(null);
  /** What is being written; null while nothing is. */
  const [text, setText] = useState<string | null>(null);
  const [active, setActive] = useState(0);
  const [around, setAround] = useState<HTMLElement | null>(null);
  const open = text !== null;
  const q = useDebounced((text ?? '').trim());
  const queryClient = useQueryClient();
  const nameKey = (of: string): readonly string[] => [slug, source.family, 'named', source.id, of];
  const named = useQuery({
    queryKey: nameKey(value),
    queryFn: ({ signal }) => source.name(slug, value, signal),
    enabled: value !== '',
    staleTime: 60_000,
  });
  const found = useInfiniteQuery({
    queryKey: [slug, source.family, 'pick', source.id, q],
    queryFn: ({ signal, pageParam }) => source.find(slug, q, pageParam, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
    enabled: open,
  });
  const choices = found.data?.pages.flatMap((page) => page.choices) ?? [];
  const total = found.data?.pages[0]?.total;
  const settled = q === (text ?? '').trim() && !found.isFetching;
  const more = (): void => {
    if (found.hasNextPage && !found.isFetchingNextPage) void found.fetchNextPage();
  };
  const show = (next: string): void => {
    setAround(input.current?.closest<HTMLElement>('[role="dialog"], main') ?? null);
    setText(next);
    setActive(0);
  };
  const close = (): void => setText(null);
  const choose = (choice: Choice | undefined): void => {
    if (choice === undefined || unfit(choice) !== undefined) return;
    queryClient.setQueryData(nameKey(choice.value), choice.label);
    onChange(choice.value, choice);
    close();
  };
  const move = (to: number): void => {
    const next = Math.max(0, Math.min(choices.length - 1, to));
    setActive(next);
    if (next >= choices.length - SOON_OPTIONS) more();
  };
  useEffect(() => {
    if (open) list.current?.children[active]?.scrollIntoView({ block: 'nearest' });
  }, [active, open]);
  const press = (event: KeyboardEvent): void => {
    if (!open) {
      if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
      event.preventDefault();
      show('');
      return;
    }
    const steps: Readonly<Record<string, number>> = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10 };
    const step = steps[event.key];
    if (step !== undefined) {
      event.preventDefault();
      move(active + step);
    } else if (event.key === 'Enter') {
      // What is listed for an older text is not what Enter means.
      event.preventDefault();
      if (settled) choose(choices[active]);
    } else if (event.key === 'Tab') close();
  };
  const shown = value === '' ? '' : (named.data ?? (named.isPending ? '…' : value));
  const said = !open
    ? ''
    : found.isPending
      ? 'Searching…'
      : choices.length === 0
        ? 'Nothing matches.'
        : `${choices.length} of ${totalText(total, choices.length)} listed${found.hasNextPage ? '; write more to narrow it' : ''}.`;
  return (
    <Popover.Root open={open} onOpenChange={(next) => !next && close()}>
      <Field {...labelled}>
        {(wired) => (
          <Popover.Anchor className="relative">
            <input
              {...wired}
              ref={input}
              type="text"
              role="combobox"
              autoComplete="off"
              spellCheck={false}
              aria-autocomplete="list"
              aria-expanded={open}
              aria-controls={listId}
              aria-activedescendant={open && choices[active] ? `${listId}-${active}` : undefined}
              placeholder={placeholder}
              className={`${CONTROL} pr-9 text-ellipsis`}
              value={text ?? shown}
              onFocus={(event) => event.target.select()}
              onClick={() => !open && show('')}
              onChange={(event) => show(event.target.value)}
              onKeyDown={press}
              onBlur={close}
            />
            {clearable && value !== '' && !open ? (
              <button
                type="button"
                aria-label={`Clear ${labelled.label}`}
                className="absolute top-1/2 right-1 grid size-7 -translate-y-1/2 place-items-center rounded-doc hover:bg-accent-wash"
                onClick={() => {
                  onChange('', undefined);
                  input.current?.focus();
                }}
              >
                <Icon name="cross" size={14} />
              </button>
            ) : (
              <span
                aria-hidden="true"
                className="pointer-events-none absolute top-1/2 right-2.5 -translate-y-1/2 text-soft"
              >
                <Icon name="search" size={16} />
              </span>
            )}
          </Popover.Anchor>
        )}
      </Field>
      <span role="status" className="sr-only">
        {said}
      </span>
      {/* Within the dialog or the page, so that it is in a landmark, and in a dialog's own world. */}
      <Popover.Portal container={around}>
        <Popover.Content
          role="presentation"
          align="start"
          sideOffset={4}
          collisionPadding={8}
          className="z-[70] w-max max-w-[min(32rem,calc(100vw-1rem))] min-w-(--radix-popover-trigger-width) rounded-doc border border-edge bg-sheet shadow-sheet"
          onOpenAutoFocus={(event) => event.preventDefault()}
          onCloseAutoFocus={(event) => event.preventDefault()}
          onInteractOutside={(event) => input.current?.contains(event.target as Node) && event.preventDefault()}
          // Focus stays where the text is written.
          onPointerDown={(event) => event.preventDefault()}
          onMouseDown={(event) => event.preventDefault()}
        >
          <ul
            ref={list}
            id={listId}
            // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: the options' list of the combobox
            role="listbox"
            aria-label={labelled.label}
            className="max-h-64 overflow-y-auto py-1"
            onScroll={({ currentTarget: at }: UIEvent) => {
              if (at.scrollHeight - at.scrollTop - at.clientHeight < NEAR_THE_END_PX) more();
            }}
          >
            {choices.map((choice, nth) => {
              const why = unfit(choice);
              return (
                // biome-ignore lint/a11y/useKeyWithClickEvents: keys go to the combobox, which has the focus
                // biome-ignore lint/a11y/useFocusableInteractive: the combobox names the active one
                <li
                  key={choice.value}
                  id={`${listId}-${nth}`}
                  // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: an option of the listbox
                  role="option"
                  aria-selected={nth === active}
                  aria-disabled={why !== undefined || undefined}
                  data-value={choice.value}
                  onClick={() => choose(choice)}
                  onPointerMove={() => setActive(nth)}
                  className="cursor-pointer px-3 py-1.5 wrap-anywhere aria-disabled:cursor-not-allowed aria-disabled:text-soft aria-selected:bg-accent-wash"
                >
                  <SafeText text={choice.label} />
                  {(why ?? choice.hint) && (
                    <span className="block text-[0.8125rem] text-soft">
                      <SafeText text={why ?? choice.hint ?? ''} />
                    </span>
                  )}
                </li>
              );
            })}
          </ul>
          <p aria-hidden="true" className="border-t border-rule px-3 py-1.5 text-[0.8125rem] text-soft">
            {found.error ? problemText(found.error) : said}
          </p>
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
