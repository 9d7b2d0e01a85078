import { type Command, InvalidArgumentError } from 'commander';
import { type OperatorOptions, operatorSubcommand } from '../operate/operator-options.js';
import { list } from '../release/options.js';
import type { RestoreOptions } from './restore-backup.js';

/** `ccgame backup …`: what NATS stores, copied into a folder. */
export function backupCommand(): Command {
  return operatorSubcommand('backup', 'copies all that NATS stores for the game into a new folder', [
    'backup ./backup',
  ])
    .argument('<folder>', 'a new folder; the command makes it')
    .action(async (folder: string, options: OperatorOptions) =>
      (await import('./back-up.js')).backUp(folder, options),
    );
}

/** `ccgame restore …`: the way back, while no server runs. */
export function restoreCommand(): Command {
  return operatorSubcommand('restore', 'writes a backup into NATS again, while no server runs', [
    'restore ./backup',
    'restore ./backup --only KV_guests',
    'restore ./backup --replace',
  ])
    .argument('<folder>', 'the folder that "ccgame backup" made')
    .option('--only <streams>', 'restore only these streams, names by comma', list)
    .option('--replace', 'replace streams that are not empty: what is in them is deleted', false)
    .option(
      '--replicas <number>',
      'how many NATS servers keep each stream (default: as many as the servers ask for)',
      replicas,
    )
    .action(async (folder: string, options: RestoreOptions) =>
      (await import('./restore-backup.js')).restoreBackup(folder, options),
    );
}

/** @throws InvalidArgumentError */
function replicas(text: string): number {
  if (!/^[135]$/.test(text)) throw new InvalidArgumentError('Expected 1, 3 or 5.');
  return Number(text);
}
