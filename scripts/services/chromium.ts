import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { install, mayInstall, onPath } from './debian.ts';

const FONTS = ['fonts-noto-core', 'fonts-noto-color-emoji'];

/** Chromium without windows, which takes a quarter less of a processor for the same pages. */
const SHELL = 'chromium-headless-shell';
/** Chromium with windows. It alone shows notices: the shell takes a push and shows nothing. */
const WHOLE = 'chromium';

type Found = { path?: string; missing?: string };

/** A Chromium to test pages in: CHROMIUM_PATH, or a browser of that family where systems keep it. `{ path }` or `{ missing }`. */
export function findChromium(): Found {
  const given = process.env.TEST_CHROMIUM || process.env.CHROMIUM_PATH;
  if (given) return existsSync(given) ? { path: given } : { missing: `CHROMIUM_PATH (${given}) does not exist` };
  const path = onPath(SHELL) ?? installed();
  return path ? { path } : { missing: 'there is no Chromium here' };
}

/** A Chromium that shows notices: the one of `findChromium` unless that is the shell, or what else the system has. */
export function findWholeChromium(): Found {
  const given = process.env.TEST_CHROMIUM_WHOLE || process.env.CHROMIUM_PATH;
  const path = given && existsSync(given) && !isShell(given) ? given : installed();
  return path ? { path } : { missing: 'there is no Chromium here that shows notices' };
}

/** The same; in CI, where everything is run, Debian's package is installed if there is none. */
export async function fetchWholeChromium(): Promise<Found> {
  const found = findWholeChromium();
  if (found.path) return found;
  if (process.env.CI !== 'true' || !mayInstall())
    return { missing: `${found.missing}; install it (Debian: apt-get install ${WHOLE}) or set CHROMIUM_PATH` };
  try {
    await install([WHOLE]);
    return findWholeChromium();
  } catch (error) {
    return { missing: `${found.missing}, and it could not be installed: ${(error as Error).message}` };
  }
}

/** The same as `findChromium`, installing Debian's package if there is none and we are root; in CI also where there is one with windows. */
export async function fetchChromium(): Promise<Found> {
  const found = findChromium();
  const isSlow = process.env.CI === 'true' && found.path !== undefined && !isShell(found.path);
  if (found.path && !(isSlow && mayInstall())) return found;
  if (!mayInstall())
    return { missing: `${found.missing}; install it (Debian: apt-get install ${SHELL}) or set CHROMIUM_PATH` };
  try {
    await install([SHELL, ...FONTS]);
    return findChromium();
  } catch (error) {
    if (found.path) return found;
    return { missing: `${found.missing}, and it could not be installed: ${(error as Error).message}` };
  }
}

const isShell = (path: string): boolean => /headless[-_]shell(?:\.exe)?$/.test(path);

/** A browser with windows where systems keep it. */
function installed(): string | undefined {
  return (
    [WHOLE, 'chromium-browser', 'google-chrome', 'google-chrome-stable'].map(onPath).find(Boolean) ??
    applications().find((it) => existsSync(it))
  );
}

function applications(): string[] {
  const windows = ['PROGRAMFILES', 'PROGRAMFILES(X86)', 'LOCALAPPDATA'].flatMap((name) => {
    const folder = process.env[name];
    return folder
      ? [join(folder, 'Google/Chrome/Application/chrome.exe'), join(folder, 'Microsoft/Edge/Application/msedge.exe')]
      : [];
  });
  return [
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
    ...windows,
  ];
}
