import { Command } from 'commander';
import { launcherCommand } from './dev/options.js';
import { linesOfExamples } from './examples-text.js';

/** The commands that `bin/ccgame.mjs` carries out itself, since they work in a folder where nothing is installed yet. */
export const earlyCommands: ReadonlyMap<string, () => Command> = new Map([
  ['start', () => launcherCommand('start')],
  ['dev', () => launcherCommand('dev')],
  ['test', testCommand],
  ['build', buildCommand],
]);

/** The help of such a command, as `bin/help/<name>.txt` has it. */
export function earlyHelp(name: string): string {
  const command = earlyCommands.get(name)?.();
  if (!command) throw new Error(`${name} is no command that works before anything is installed.`);
  let text = '';
  const writeOut = (part: string): unknown => (text += part);
  command.configureOutput({ writeOut, getOutHelpWidth: () => 80, getOutHasColors: () => false }).outputHelp();
  return text;
}

function testCommand(): Command {
  return new Command('test')
    .configureHelp({ commandUsage: () => 'npm test -- [options and files of Jest]' })
    .description('Installs, builds and runs the tests. The last line is "N passed, N failed".')
    .addHelpText('after', linesOfExamples(['npm test', 'npm test -- matching --verbose']));
}

function buildCommand(): Command {
  return new Command('build')
    .configureHelp({ commandUsage: () => 'npm run build' })
    .description('Compiles the sources that have changed, and bundles the servers and the pages.')
    .addHelpText('after', linesOfExamples(['npm run build']));
}
