import type { ButtonHTMLAttributes, ReactNode } from 'react';
import { OFFLINE, useOnline } from '../live/online.ts';
import { Icon, type IconName } from './icon.tsx';

export type ButtonKind = 'primary' | 'plain' | 'quiet' | 'yes' | 'no';

const KINDS: Readonly<Record<ButtonKind, string>> = {
  primary: 'bg-accent text-on-accent border-accent hover:brightness-110',
  plain: 'bg-sheet text-ink border-edge hover:bg-accent-wash',
  quiet: 'bg-transparent text-accent border-transparent hover:bg-accent-wash',
  yes: 'bg-yes text-on-yes border-yes hover:brightness-110',
  no: 'bg-sheet text-no border-no hover:bg-no-wash',
};

/** The look of something to press, also for links. */
export function buttonClass(kind: ButtonKind = 'plain'): string {
  return `inline-flex min-h-9 pointer-coarse:min-h-11 items-center justify-center gap-2 rounded-doc border px-3.5 py-1.5 text-sm font-semibold whitespace-nowrap transition-colors ${KINDS[kind]} disabled:border-rule disabled:bg-well disabled:text-soft disabled:brightness-100`;
}

type Props = ButtonHTMLAttributes<HTMLButtonElement> & {
  kind?: ButtonKind;
  icon?: IconName;
  /** Given for one that asks the server for something: whether that is under way. */
  busy?: boolean;
};

/**
 * A button. While busy it says so, and cannot be pressed again. One that asks the server for something cannot be pressed
 * while it is out of reach, and can by itself once it is there again: nothing is sent later, and nothing typed is lost.
 */
export function Button({ kind, icon, busy, className = '', children, disabled, ...rest }: Props): ReactNode {
  const online = useOnline();
  const isHeld = busy !== undefined && !online;
  return (
    <>
      <button
        type="button"
        {...rest}
        {...(isHeld && { title: OFFLINE })}
        disabled={disabled || busy || isHeld}
        aria-busy={busy || undefined}
        className={`${buttonClass(kind)} ${className}`}
      >
        {icon && <Icon name={icon} size={16} />}
        {children}
        {busy && <span aria-hidden="true">…</span>}
      </button>
      {isHeld && rest.type === 'submit' && !disabled && (
        <p role="status" className="w-full text-sm text-care">
          {OFFLINE}
        </p>
      )}
    </>
  );
}
