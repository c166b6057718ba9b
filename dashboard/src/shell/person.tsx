import { useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { type ReactNode, useId, useState } from 'react';
import { ask } from '../api/http.ts';
import { Checkbox } from '../components/field.tsx';
import { SafeText } from '../components/safe-text.tsx';
import { ProblemNote } from '../components/states.tsx';
import { useOnline } from '../live/online.ts';
import { useHere } from '../workspace.tsx';
import { useDensity } from './density.ts';

/** Goes to another workspace. The path names it, so each tab stays in its own. */
export function WorkspaceSwitcher(): ReactNode {
  const id = useId();
  const { me, workspace } = useHere();
  const navigate = useNavigate();
  const choose = (slug: string): void => {
    void ask('/v1/me/workspace', { method: 'PUT', body: { workspace: slug } }).catch(() => {});
    void navigate({ to: '/w/$slug', params: { slug } });
  };
  return (
    <div className="min-w-0">
      <label htmlFor={id} className="sr-only">
        Workspace
      </label>
      <select
        id={id}
        value={workspace.slug}
        onChange={(event) => choose(event.target.value)}
        className="w-full min-w-0 truncate rounded-doc border border-rail-soft bg-rail-lit px-2 py-1.5 text-sm font-semibold text-on-rail pointer-coarse:min-h-11"
      >
        {me.workspaces.map(({ slug, name }) => (
          <option key={slug} value={slug}>
            {name}
          </option>
        ))}
      </select>
    </div>
  );
}

const ACTION =
  'min-h-8 font-semibold text-accent underline disabled:text-soft disabled:no-underline pointer-coarse:min-h-11';

/** Who is signed in, what this browser remembers of them, and the way out. */
export function Person({ onHelp }: { onHelp: () => void }): ReactNode {
  const { me, workspace } = useHere();
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  const online = useOnline();
  const [isCompact, setCompact] = useDensity();
  const [problem, setProblem] = useState<unknown>(null);
  const signOut = async (): Promise<void> => {
    try {
      await ask('/api/auth/sign-out', { method: 'POST', body: {} });
    } catch (refused) {
      setProblem(refused);
      return;
    }
    queryClient.clear();
    await navigate({ to: '/sign-in', search: {} });
  };
  return (
    <div className="grid gap-3 text-sm">
      <div>
        <p className="font-semibold break-words">
          <SafeText text={me.user.name} />
        </p>
        <p className="break-all text-soft">
          <SafeText text={me.user.email} />
        </p>
        <p className="text-soft">
          {workspace.role} of {workspace.name}
        </p>
      </div>
      <Checkbox
        label="Compact tables"
        hint="Kept in this browser."
        checked={isCompact}
        onChange={(event) => setCompact(event.target.checked)}
      />
      <div className="flex flex-wrap gap-x-5">
        <Link
          to="/w/$slug/settings/account"
          params={{ slug: workspace.slug }}
          className={`inline-flex items-center ${ACTION}`}
        >
          Your account
        </Link>
        <button type="button" data-closes className={ACTION} onClick={onHelp}>
          Keys
        </button>
        <button type="button" className={ACTION} disabled={!online} onClick={() => void signOut()}>
          Sign out
        </button>
      </div>
      <ProblemNote problem={problem} />
    </div>
  );
}
