import { type ReactNode, useState } from 'react';
import { TextArea } from '../../../components/field.tsx';

/** A value as its JSON text. What is no JSON yet is kept as it was typed, and said; the value stays what it was. */
export function JsonField<T>({
  label,
  hint,
  value,
  error,
  accepts,
  rows = 6,
  onChange,
}: {
  label: string;
  hint?: ReactNode;
  value: T;
  error?: string | undefined;
  /** Why a value is none that belongs here, or null. */
  accepts?: (value: unknown) => string | null;
  rows?: number;
  onChange: (value: T) => void;
}): ReactNode {
  const [typed, setTyped] = useState<string | null>(null);
  const [fault, setFault] = useState<string | undefined>();
  const type = (text: string): void => {
    setTyped(text);
    const read = readJson(text);
    const wrong = 'value' in read ? (accepts?.(read.value) ?? null) : read.fault;
    setFault(wrong ?? undefined);
    if (wrong === null && 'value' in read) onChange(read.value as T);
  };
  return (
    <TextArea
      label={label}
      hint={hint}
      rows={rows}
      spellCheck={false}
      className="font-mono text-[0.8125rem]"
      error={fault ?? error}
      value={typed ?? JSON.stringify(value, null, 2)}
      onChange={(event) => type(event.target.value)}
      onBlur={() => fault === undefined && setTyped(null)}
    />
  );
}

function readJson(text: string): { readonly value: unknown } | { readonly fault: string } {
  try {
    return { value: JSON.parse(text) };
  } catch (error) {
    return { fault: `This is no JSON yet: ${(error as Error).message}` };
  }
}

/** Why a value is no object, or null. */
export function objectOnly(value: unknown): string | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? null : 'Write an object: {…}';
}
