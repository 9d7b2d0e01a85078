import { ccgameCommand } from '@ccgame/cli';
import { commandTable, environmentTable } from './environment-variables.js';
import { errorTables, listErrors } from './error-codes.js';
import { withWrittenPart } from './written-part.js';

/** The pages that have a part made from the code, each with what makes the page of the one that is there. */
export const referencePages: Record<string, (page: string) => string | Promise<string>> = {
  'docs/environment.md': async (page) =>
    withWrittenPart(
      withWrittenPart(page, 'variables', environmentTable()),
      'command',
      commandTable(await ccgameCommand()),
    ),
  'docs/errors.md': (page) => withWrittenPart(page, 'errors', errorTables(listErrors())),
};
