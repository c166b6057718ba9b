import { linkTo } from '../identity/links/token.ts';
import { makeSetupLink } from '../identity/workspaces/found.ts';
import { type Running, start } from '../server.ts';
import { readSettings } from '../settings.ts';

/** A second Ctrl-C, or this long, ends what a stop could not. */
const STOP_MAX_MS = 10_000;

/** `countersign serve`: runs until it is told to stop. */
export async function serveCommand(): Promise<void> {
  const running = await start({ settings: readSettings(process.env) });
  stopOnSignals(running);
  for (const warning of running.warnings) running.app.log.warn(warning);
  process.stdout.write(`Countersign is ready: ${running.url}\n${await setupNote(running)}`);
}

/** On an empty store: the link that makes the owner and the first workspace. Each start makes another one. */
async function setupNote({ app, url }: Running): Promise<string> {
  const token = await makeSetupLink(app.store);
  if (token === undefined) return '';
  return `Nobody has an account yet. Make the owner and the workspace here, once, within 24 hours:
${linkTo(url, 'setup', token)}
`;
}

/** Ends gracefully on SIGINT and SIGTERM, within 10 s, and at once on the second one. */
export function stopOnSignals(running: Running, also: () => Promise<void> = async () => {}): void {
  let asked = false;
  const stop = (): void => {
    if (asked) process.exit(1);
    asked = true;
    setTimeout(() => process.exit(1), STOP_MAX_MS).unref();
    running
      .stop()
      .then(also)
      .then(
        () => process.exit(0),
        (fault) => {
          process.stderr.write(`Stopping failed: ${fault}\n`);
          process.exit(1);
        },
      );
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
}
