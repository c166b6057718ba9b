import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, type KeyboardEvent, type ReactNode, useEffect, useState } from 'react';
import { Dialog } from '../components/dialog.tsx';
import { TextField } from '../components/field.tsx';
import { useSlug } from '../workspace.tsx';
import { PLACES } from './places.ts';

type Goal = { readonly label: string; readonly href: string };

/** Where an id leads. */
function goalsOf(text: string, slug: string): Goal[] {
  const id = text.trim();
  const root = `/w/${slug}`;
  if (/^apv_[0-9a-z]{26}$/.test(id)) return [{ label: `Approval ${id}`, href: `${root}/inbox/${id}` }];
  if (/^exe_[0-9a-z]{26}$/.test(id)) return [{ label: `Call ${id}`, href: `${root}/activity/${id}` }];
  if (/^icl_[0-9a-z]{26}$/.test(id)) return [{ label: `Client ${id}`, href: `${root}/clients/${id}` }];
  if (/^tool_[0-9a-z]{26}$/.test(id)) return [{ label: `Tool ${id}`, href: `${root}/tools/${id}` }];
  const words = id.toLowerCase();
  const places = PLACES.map(({ to, label }) => ({ label, href: `${root}/${to}` }));
  const all = [...places, { label: 'Stop something (kill switch)', href: `${root}/kill-switches?flip=workspace` }];
  return all.filter(({ label }) => label.toLowerCase().includes(words));
}

/** Ctrl K: a page by name, or an approval, call, client or tool by its id. It only goes places; it changes nothing. */
export function Palette(): ReactNode {
  const slug = useSlug();
  const navigate = useNavigate();
  const [open, setOpen] = useState(false);
  const [text, setText] = useState('');
  const [chosen, setChosen] = useState(0);
  const goals = goalsOf(text, slug);

  useEffect(() => {
    const press = (event: globalThis.KeyboardEvent): void => {
      if (event.key.toLowerCase() !== 'k' || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey)
        return;
      event.preventDefault();
      setText('');
      setChosen(0);
      setOpen(true);
    };
    document.addEventListener('keydown', press);
    return () => document.removeEventListener('keydown', press);
  }, []);

  const search = (next: string): void => {
    setText(next);
    setChosen(0);
  };
  const go = (goal: Goal | undefined): void => {
    if (goal === undefined) return;
    setOpen(false);
    void navigate({ href: goal.href });
  };
  const move = (event: KeyboardEvent): void => {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (by === undefined || goals.length === 0) return;
    event.preventDefault();
    setChosen((chosen + by + goals.length) % goals.length);
  };
  return (
    <Dialog open={open} onClose={() => setOpen(false)} title="Go to">
      <form
        onSubmit={(event: FormEvent) => {
          event.preventDefault();
          go(goals[chosen]);
        }}
      >
        <TextField
          label="A page, or an id such as apv_…"
          value={text}
          onKeyDown={move}
          onChange={(event) => search(event.target.value)}
        />
        <ul className="mt-3 grid gap-0.5">
          {goals.map((goal, at) => (
            <li key={goal.href}>
              <button
                type="button"
                onClick={() => go(goal)}
                aria-current={at === chosen || undefined}
                className="w-full rounded-doc px-3 py-2 text-left break-all hover:bg-accent-wash aria-[current]:bg-accent-wash aria-[current]:font-semibold"
              >
                {goal.label}
              </button>
            </li>
          ))}
          {goals.length === 0 && <li className="px-3 py-2 text-soft">There is no such page or id.</li>}
        </ul>
      </form>
    </Dialog>
  );
}
