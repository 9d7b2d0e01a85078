import { ccgameCommand, earlyCommands, earlyHelp } from '@ccgame/cli';
import { commandReference } from './command-reference.js';
import { commandTable, environmentTable } from './environment-variables.js';
import { errorTables, listErrors } from './error-codes.js';
import { withWrittenPart } from './written-part.js';

/** The pages and texts that are made from the code, or have a part that is, each with what makes it of the one that is there. */
export const referencePages: Record<string, (page: string) => string | Promise<string>> = {
  'docs/environment.md': async (page) =>
    withWrittenPart(
      withWrittenPart(page, 'variables', environmentTable()),
      'command',
      commandTable(await ccgameCommand()),
    ),
  'docs/command.md': async (page) =>
    withWrittenPart(page, 'commands', commandReference(await ccgameCommand())),
  'docs/errors.md': (page) => withWrittenPart(page, 'errors', errorTables(listErrors())),
  ...Object.fromEntries(
    [...earlyCommands.keys()].map((name) => [`libs/cli/bin/help/${name}.txt`, () => earlyHelp(name)]),
  ),
};
