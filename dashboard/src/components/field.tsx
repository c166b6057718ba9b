import {
  type InputHTMLAttributes,
  type ReactNode,
  type SelectHTMLAttributes,
  type TextareaHTMLAttributes,
  useId,
} from 'react';

export type Labelled = { label: string; hint?: ReactNode; error?: string | undefined; hideLabel?: boolean };
export type Wired = { id: string; 'aria-describedby': string | undefined; 'aria-invalid': true | undefined };

/** The look of something to write in. */
export const CONTROL =
  'w-full min-h-9 pointer-coarse:min-h-11 rounded-doc border border-edge bg-sheet px-2.5 py-1.5 text-ink placeholder:text-soft aria-invalid:border-no';

/** A label, what is wrong, and a hint, around something to write in or choose from. */
export function Field({
  label,
  hint,
  error,
  hideLabel,
  children,
}: Labelled & { children: (wired: Wired) => ReactNode }): ReactNode {
  const id = useId();
  const about = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(' ');
  return (
    <div className="grid content-start gap-1">
      <label htmlFor={id} className={hideLabel ? 'sr-only' : 'text-sm font-semibold'}>
        {label}
      </label>
      {children({ id, 'aria-describedby': about || undefined, 'aria-invalid': error ? true : undefined })}
      {error && (
        <p id={`${id}-error`} className="text-sm font-medium text-no">
          {error}
        </p>
      )}
      {hint && (
        <p id={`${id}-hint`} className="text-[0.8125rem] text-soft">
          {hint}
        </p>
      )}
    </div>
  );
}

/** A line to write in, with its label, hint and what is wrong with it. */
export function TextField({
  label,
  hint,
  error,
  hideLabel,
  className = '',
  ...rest
}: Labelled & InputHTMLAttributes<HTMLInputElement>): ReactNode {
  return (
    <Field {...{ label, hint, error, hideLabel }}>
      {(wired) => <input autoComplete="off" {...rest} {...wired} className={`${CONTROL} ${className}`} />}
    </Field>
  );
}

/** Several lines to write in. */
export function TextArea({
  label,
  hint,
  error,
  hideLabel,
  className = '',
  ...rest
}: Labelled & TextareaHTMLAttributes<HTMLTextAreaElement>): ReactNode {
  return (
    <Field {...{ label, hint, error, hideLabel }}>
      {(wired) => <textarea rows={3} {...rest} {...wired} className={`${CONTROL} ${className}`} />}
    </Field>
  );
}

/** A choice. The browser's own list: it works with every thumb and screen reader. */
export function Select({
  label,
  hint,
  error,
  hideLabel,
  className = '',
  children,
  ...rest
}: Labelled & SelectHTMLAttributes<HTMLSelectElement>): ReactNode {
  return (
    <Field {...{ label, hint, error, hideLabel }}>
      {(wired) => (
        <select {...rest} {...wired} className={`${CONTROL} pr-8 ${className}`}>
          {children}
        </select>
      )}
    </Field>
  );
}

/** A box to tick. */
export function Checkbox({
  label,
  hint,
  ...rest
}: { label: string; hint?: string } & InputHTMLAttributes<HTMLInputElement>): ReactNode {
  const id = useId();
  return (
    <div className="flex items-start gap-2.5">
      <input
        id={id}
        type="checkbox"
        aria-describedby={hint && `${id}-hint`}
        {...rest}
        className="mt-0.5 size-5 shrink-0 accent-accent"
      />
      <div>
        <label htmlFor={id} className="text-sm font-semibold">
          {label}
        </label>
        {hint && (
          <p id={`${id}-hint`} className="text-[0.8125rem] text-soft">
            {hint}
          </p>
        )}
      </div>
    </div>
  );
}
