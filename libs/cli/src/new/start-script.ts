import type { GameChanges } from './game-changes.js';

/** Adds `npm run start:<name>` behind the others of package.json. @throws Error when there is one */
export function addStartScript(changes: GameChanges, name: string, command: string): void {
  if (changes.readText('package.json').includes(`"start:${name}":`))
    throw new Error(`package.json has a script start:${name} already.`);
  const line = `\n    "start:${name}": ${JSON.stringify(command)},`;
  changes.insertAfterLast('package.json', /^ {4}"start:[^"]+": ".*",$/m, line);
}
