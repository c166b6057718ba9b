import { Link, useLocation } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { ApiProblem } from '../api/http.ts';
import { problemKind, problemText } from '../api/problem-text.ts';
import { Button, buttonClass } from './button.tsx';
import { Icon, type IconName } from './icon.tsx';
import { SignInAgain } from './sign-in-again.tsx';

function State({
  icon,
  title,
  children,
  live = false,
  kind,
}: {
  icon: IconName;
  title: string;
  children: ReactNode;
  live?: boolean;
  kind: string;
}): ReactNode {
  return (
    <div
      role={live ? 'alert' : undefined}
      data-state={kind}
      className="mx-auto grid max-w-xl justify-items-center gap-2 px-5 py-12 text-center"
    >
      <span className="grid size-12 place-items-center rounded-full border border-rule text-soft">
        <Icon name={icon} size={22} />
      </span>
      <h2 className="text-xl">{title}</h2>
      <div className="grid w-full justify-items-center gap-3 text-soft">{children}</div>
    </div>
  );
}

/** Nothing is there yet: says what will be, and how to make it so. */
export function EmptyState({
  icon = 'inbox',
  title,
  children,
}: {
  icon?: IconName;
  title: string;
  children: ReactNode;
}): ReactNode {
  return (
    <State icon={icon} title={title} kind="empty">
      {children}
    </State>
  );
}

/** Something is there, but the filters leave nothing of it. */
export function NoMatch({ onClear }: { onClear: () => void }): ReactNode {
  return (
    <State icon="search" title="Nothing matches these filters" kind="no-match">
      <Button onClick={onClear}>Clear the filters</Button>
    </State>
  );
}

/** The role does not allow it: says which role, and who can help. */
export function ForbiddenState({ what, role }: { what: string; role?: string }): ReactNode {
  return (
    <State icon="stop" title="Not for your role" kind="forbidden">
      <p>
        {role ? `As ${role} you may not ${what}.` : what} An owner or admin of this workspace can do it, or give you
        another role.
      </p>
    </State>
  );
}

/** Something could not be read: what failed, the id to ask about, and a way on. Each kind of problem has its own. */
export function ErrorState({ problem, onRetry }: { problem: unknown; onRetry?: (() => void) | undefined }): ReactNode {
  const here = useLocation({ select: ({ href }) => href });
  const kind = problemKind(problem);
  const requestId = problem instanceof ApiProblem ? problem.requestId : null;
  const about = requestId && <p className="font-mono text-xs break-all">request {requestId}</p>;
  if (kind === 'signed-out') {
    return (
      <State icon="out" title="You are signed out" live kind="unauthenticated">
        <p>Your sign-in has ended. Sign in again and you come back to this page.</p>
        <Link to="/sign-in" search={{ to: here }} className={buttonClass('primary')}>
          Sign in
        </Link>
      </State>
    );
  }
  if (kind === 'forbidden') return <ForbiddenState what={problemText(problem)} />;
  if (kind === 'not-found') {
    return (
      <State icon="search" title="Not found" kind="not-found">
        <p>{problemText(problem)} It may be in another workspace, or the link may be incomplete.</p>
        {about}
      </State>
    );
  }
  return (
    <State
      icon="warn"
      title={kind === 'unreachable' ? 'Cannot reach Countersign' : 'This could not be loaded'}
      live
      kind="error"
    >
      <p>{problemText(problem)} Nothing was changed.</p>
      {about}
      {onRetry && <Button onClick={onRetry}>Try again</Button>}
    </State>
  );
}

/** The shape of what is being read. */
export function Loading({ rows = 5, label = 'Loading' }: { rows?: number; label?: string }): ReactNode {
  return (
    <div data-state="loading" className="grid gap-3 px-4 py-4" aria-busy="true">
      <span className="sr-only" role="status">
        {label}…
      </span>
      {Array.from({ length: rows }, (_, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: placeholders are alike and never move
        <span key={row} className="h-5 animate-pulse rounded-doc bg-well" />
      ))}
    </div>
  );
}

/**
 * What the API said about a change that it refused, once. `shown` are the fields whose errors stand at the fields
 * themselves: of them the note only says to look there; other fields are called what the form calls them, by `words`.
 */
export function ProblemNote({
  problem,
  shown = [],
  words = {},
  signsIn = false,
  children,
}: {
  problem: unknown;
  shown?: readonly string[];
  words?: Readonly<Record<string, string>>;
  /** The form is itself one that signs in: there is nothing to sign in to before. */
  signsIn?: boolean;
  children?: ReactNode;
}): ReactNode {
  if (!problem) return null;
  const api = problem instanceof ApiProblem ? problem : null;
  const within = (field: string, name: string): boolean => field === name || field.startsWith(`${name}.`);
  const errors = api?.errors ?? [];
  const others = errors.filter(({ field }) => !shown.some((name) => within(field, name)));
  const atFields = errors.length - others.length;
  const word = (field: string): string =>
    Object.entries(words).find(([name]) => within(field, name))?.[1] ?? field.replaceAll('_', ' ');
  return (
    <div
      role="alert"
      data-problem={api?.code ?? 'fault'}
      className="rounded-doc border-l-4 border-no bg-no-wash px-3 py-2 text-sm wrap-anywhere"
    >
      {errors.length === 0 ? (
        <strong>
          {api?.code === 'version_mismatch'
            ? 'Somebody changed this meanwhile, so nothing was saved. What they changed is shown here; look at it, and save again.'
            : problemText(problem)}
        </strong>
      ) : (
        <>
          {atFields > 0 && <strong className="block">Not saved. Look at what is marked in red.</strong>}
          {others.map(({ field, message }) => (
            <strong key={`${field} ${message}`} className="block">
              {word(field)}: {message}
            </strong>
          ))}
        </>
      )}
      {children && <span className="block">{children}</span>}
      {api?.code === 'unauthenticated' && !signsIn && <SignInAgain />}
      {api?.requestId && errors.length === 0 && (
        <span className="block font-mono text-xs text-soft">request {api.requestId}</span>
      )}
    </div>
  );
}
