import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type ReactNode, useId } from 'react';
import { ask } from '../api/http.ts';
import { useHere } from '../workspace.tsx';

/** Goes to another workspace. The path names it, so each tab stays in its own. */
export function WorkspaceSwitcher(): ReactNode {
  const id = useId();
  const { me, workspace } = useHere();
  const navigate = useNavigate();
  const choose = (slug: string): void => {
    void ask('/v1/me/workspace', { method: 'PUT', body: { workspace: slug } }).catch(() => {});
    void navigate({ to: '/w/$slug/inbox', params: { slug } });
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

/** Who is signed in, and the way out. */
export function Person({ onHelp }: { onHelp: () => void }): ReactNode {
  const { me, workspace } = useHere();
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  const signOut = async (): Promise<void> => {
    await ask('/api/auth/sign-out', { method: 'POST', body: {} });
    queryClient.clear();
    await navigate({ to: '/sign-in', search: {} });
  };
  return (
    <section aria-label="You" className="text-sm">
      <p className="truncate font-semibold" title={me.user.email}>
        {me.user.name}
      </p>
      <p className="text-rail-soft">
        {workspace.role} of {workspace.name}
      </p>
      <div className="mt-1 flex gap-4">
        <button
          type="button"
          className="min-h-8 text-rail-soft underline hover:text-on-rail pointer-coarse:min-h-11"
          onClick={() => void signOut()}
        >
          Sign out
        </button>
        <button
          type="button"
          className="min-h-8 text-rail-soft underline hover:text-on-rail pointer-coarse:min-h-11"
          onClick={onHelp}
        >
          Keys
        </button>
      </div>
    </section>
  );
}
