import { type ReactNode, useState } from 'react';
import { TextArea } from '../../../components/field.tsx';

/** A list of words, or pairs of a name and a value, as people write them: one a line. */
export function LinesField({
  label,
  hint,
  lines,
  onChange,
}: {
  label: string;
  hint: string;
  lines: readonly string[];
  onChange: (lines: readonly string[]) => void;
}): ReactNode {
  const [text, setText] = useState(() => lines.join('\n'));
  return (
    <TextArea
      label={label}
      hint={hint}
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
