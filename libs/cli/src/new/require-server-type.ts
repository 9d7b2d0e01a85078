import type { GameChanges } from './game-changes.js';

/** @throws Error with the command that makes it */
export function requireServerType(changes: GameChanges, type: string): void {
  if (!changes.has(`apps/${type}/src/main.ts`))
    throw new Error(`There is no server type ${type}; make it by: npx ccgame new server ${type}`);
}
