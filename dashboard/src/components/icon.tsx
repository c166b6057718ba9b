import type { ReactNode } from 'react';

const PATHS = {
  home: 'M4 11l8-7 8 7v9h-6v-5h-4v5H4z',
  bell: 'M6 17V11a6 6 0 0 1 12 0v6l1.500 2h-15zM10 21h4',
  person: 'M12 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8M4 21c1-4 4-6 8-6s7 2 8 6',
  menu: 'M4 7h16M4 12h16M4 17h16',
  plug: 'M9 3v5M15 3v5M6 8h12v3a6 6 0 0 1-12 0zM12 17v4',
  keyboard: 'M3 6h18v12H3zM7 10h.01M11 10h.01M15 10h.01M8 14h8',
  offline: 'M3 3l18 18M8.500 15.500a5 5 0 0 1 6 -.5M5 12a10 10 0 0 1 4-2.500M12.500 9A10 10 0 0 1 19 12M12 19h.01',
  inbox: 'M3 13l3-9h12l3 9v6H3zM3 13h5l1.5 3h5L16 13h5',
  activity: 'M3 12h4l3-8 4 16 3-8h4',
  clients: 'M12 3v4M7 7h10v10H7zM4 10h3M4 14h3M17 10h3M17 14h3M10 11h.01M14 11h.01',
  tools: 'M14 6a4 4 0 0 1 5-3l-3 3 2 2 3-3a4 4 0 0 1-5 5L8 18a2 2 0 0 1-3-3z',
  stop: 'M8 3h8l5 5v8l-5 5H8l-5-5V8zM12 8v5M12 16h.01',
  audit: 'M6 3h9l4 4v14H6zM14 3v5h5M9 12h7M9 16h7',
  settings: 'M4 7h10M18 7h2M4 17h2M10 17h10M16 5v4M8 15v4',
  check: 'M4 12.5l5 5L20 6.5',
  cross: 'M6 6l12 12M18 6L6 18',
  copy: 'M9 9h11v11H9zM15 9V4H4v11h5',
  clock: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18M12 7v5l3 2',
  warn: 'M12 4l9 16H3zM12 10v4M12 17h.01',
  seal: 'M12 3l2.2 2 3-.4.6 3 2.6 1.5-1.3 2.7 1.3 2.7-2.6 1.5-.6 3-3-.4L12 21l-2.2-2-3 .4-.6-3L3.600 14.900l1.300-2.700L3.600 9.500l2.600-1.500.6-3 3 .4zM9 12l2 2 4-4',
  back: 'M15 5l-7 7 7 7',
  more: 'M5 12h.01M12 12h.01M19 12h.01',
  search: 'M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14M16 16l4 4',
  out: 'M14 4h6v16h-6M4 12h11M11 8l4 4-4 4',
  download: 'M12 4v11M8 11l4 4 4-4M4 20h16',
  plus: 'M12 5v14M5 12h14',
  draft: 'M4 20l4-1L19 8l-3-3L5 16zM14 7l3 3',
} as const;

export type IconName = keyof typeof PATHS;

/** A line drawing beside a word; never the only sign of anything. */
export function Icon({ name, size = 18 }: { name: IconName; size?: number }): ReactNode {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.7"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      className="shrink-0"
    >
      <path d={PATHS[name]} />
    </svg>
  );
}
