import { type Command, InvalidArgumentError } from 'commander';
import { type OperatorOptions, operatorSubcommand } from '../operate/operator-options.js';
import { list } from '../release/options.js';
import type { RestoreOptions } from './restore-backup.js';

/** `ccgame backup …`: what NATS stores, copied into a folder. */
export function backupCommand(): Command {
  return operatorSubcommand('backup', 'copies all that NATS stores for the game into a new folder', [
    'backup ./backup',
  ])
    .argument('<folder>', 'made by this')
    .action(async (folder: string, options: OperatorOptions) =>
      (await import('./back-up.js')).backUp(folder, options),
    );
}

/** `ccgame restore …`: the way back, while no server runs. */
export function restoreCommand(): Command {
  return operatorSubcommand('restore', 'makes what NATS stores of a backup, while no server runs', [
    'restore ./backup',
    'restore ./backup --only KV_guests',
    'restore ./backup --replace',
  ])
    .argument('<folder>', 'of a backup')
    .option('--only <streams>', 'these streams alone, names by comma', list)
    .option('--replace', 'in place of streams that have something in them, which is deleted', false)
    .option(
      '--replicas <number>',
      'how many NATS servers keep it (default: as many as the servers ask for)',
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
