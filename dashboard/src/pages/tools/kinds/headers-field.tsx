import { type ReactNode, useState } from 'react';
import { TextArea } from '../../../components/field.tsx';

type Headers = Readonly<Record<string, string>>;

/** Headers as people write them, one a line. A line without a colon is no header yet. */
export function HeadersField({
  headers,
  error,
  onChange,
}: {
  headers: Headers;
  error?: string | undefined;
  onChange: (headers: Headers | undefined) => void;
}): ReactNode {
  const [text, setText] = useState(() =>
    Object.entries(headers)
      .map(([name, value]) => `${name}: ${value}`)
      .join('\n'),
  );
  const write = (next: string): void => {
    setText(next);
    const lines = next.split('\n').map((line) => /^\s*([^:\s]+)\s*:\s*(.*?)\s*$/.exec(line));
    const pairs = lines.flatMap((line) => (line === null ? [] : [[line[1]!, line[2]!] as const]));
    onChange(pairs.length === 0 ? undefined : Object.fromEntries(pairs));
  };
  return (
    <TextArea
      label="Headers (optional)"
      hint="Sent with every request, one a line. {{secret:NAME}} takes a secret: Authorization: Bearer {{secret:API_KEY}}"
      error={error}
      className="font-mono"
      spellCheck={false}
      value={text}
      onChange={(event) => write(event.target.value)}
    />
  );
}
