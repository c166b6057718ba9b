import type { ReactNode } from 'react';

/** Labels of tools and runs, each as a small word. */
export function LabelList({ labels }: { labels: readonly string[] }): ReactNode {
  if (labels.length === 0) return <span className="text-soft">none</span>;
  return (
    <ul className="flex flex-wrap gap-1">
      {labels.map((label) => (
        <li key={label} className="rounded-doc border border-edge px-1.5 font-mono text-xs leading-5">
          {label}
        </li>
      ))}
    </ul>
  );
}
