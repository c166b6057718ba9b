import { type ReactNode, useState } from 'react';
import { TextArea } from '../../../components/field.tsx';

/** A list of words, or pairs of a name and a value, as people write them: one a line. */
export function LinesField({
  label,
  hint,
  lines,
  error,
  onChange,
}: {
  label: string;
  hint: string;
  lines: readonly string[];
  error?: string | undefined;
  onChange: (lines: readonly string[]) => void;
}): ReactNode {
  const [text, setText] = useState(() => lines.join('\n'));
  return (
    <TextArea
      label={label}
      hint={hint}
      error={error}
      className="font-mono"
      spellCheck={false}
      value={text}
      onChange={(event) => {
        setText(event.target.value);
        onChange(
          event.target.value
            .split('\n')
            .map((line) => line.trim())
            .filter((line) => line !== ''),
        );
      }}
    />
  );
}

/** Lines such as `name=value` by their names. */
export function pairsOf(lines: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    lines.map((line) => {
      const at = line.indexOf('=');
      return at === -1 ? [line, ''] : [line.slice(0, at).trim(), line.slice(at + 1).trim()];
    }),
  );
}
