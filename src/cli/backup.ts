import { existsSync, rmSync } from 'node:fs';
import { backUp } from '../backup/back-up.ts';
import { readKeptFiles } from '../backup/kept-files.ts';
import { Sequencer } from '../ledger/sequencer.ts';
import { createLog } from '../log.ts';
import { BadSettings, readSettings } from '../settings.ts';
import { directoryFault } from '../startup/data-directory.ts';
import { openStore } from '../startup/open-store.ts';
import { summary } from './restore.ts';

/** `countersign backup <file>`: copies everything into a new file, verifies every chain, and says where each ends. */
export async function backupCommand(args: readonly string[]): Promise<void> {
  const [file] = args;
  if (file === undefined || args.length > 1) throw new BadSettings('Write: countersign backup <new file>');
  if (existsSync(file)) throw new BadSettings(`${file} is there already. Write the path of a new file.`);
  const settings = readSettings(process.env);
  const store = await openStore(settings);
  try {
    // What has been done is in its chain then, unless somebody goes on doing things.
    await new Sequencer(store, createLog(settings.COUNTERSIGN_LOG_LEVEL)).drain();
    const files = readKeptFiles(settings);
    const copied = await backUp(store, file, files);
    process.stdout.write(`${summary(copied)}Kept in ${file}.\n`);
    if (files['secrets.key'] === undefined)
      process.stdout.write('Keep COUNTERSIGN_SECRETS_KEY beside it: it is not in there.\n');
    const broken = copied.heads.filter(({ fault }) => fault !== undefined);
    if (broken.length > 0) {
      throw new BadSettings(
        `The backup was made, but of ${broken.length} workspace(s) the audit chain does not hold, see above.`,
      );
    }
  } catch (fault) {
    if (!(fault instanceof BadSettings)) rmSync(file, { force: true });
    throw 'path' in (fault as object) ? fileFault(file, fault) : fault;
  } finally {
    await store.close();
  }
}

function fileFault(file: string, fault: unknown): unknown {
  const told = directoryFault(file, fault);
  if (!(told instanceof BadSettings)) return fault;
  return new BadSettings(
    `${file} cannot be written (${(fault as { code?: string }).code}). Write a path where there is room and this account may write.`,
  );
}
