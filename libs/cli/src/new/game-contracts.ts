import type { GameChanges } from './game-changes.js';

const contracts = 'game/src/contracts.ts';
const importLine = /^(?:import .*|\} from .*)\n/m;

/** Additions to `contracts.ts`. */
interface Named {
  /** The name that is imported: `chatGreet` */
  imports: string;
  /** From `game/src` on: `chat/greet.contract` */
  from: string;
  /** A line of `clientHandlers`: `chatGreet` */
  handlers: string;
}

/** Lets players call handlers, and gives the client their types. */
export function nameForPlayers(changes: GameChanges, { imports, from, handlers }: Named): void {
  changes.insertAfterLast(contracts, importLine, `import { ${imports} } from './${from}.js';\n`);
  changes.insertAfterLast(contracts, /^export const clientHandlers = \{\n(?: {2}.*\n)*/m, `  ${handlers},\n`);
}

/** Gives the client the types of rooms' views, and of the push that says that a room was stopped. @param rooms `TableRooms` */
export function nameRooms(changes: GameChanges, rooms: string): void {
  const text = changes.readText(contracts);
  if (/^ {2}rooms: /m.test(text)) changes.insertAfterLast(contracts, /^ {2}rooms: .*(?=;)/m, ` & ${rooms}`);
  else
    changes.insertAfterLast(contracts, /^export interface Game \{\n(?: {2}.*\n)*/m, `  rooms: ${rooms};\n`);
  if (/\broomPushes\b/.test(text)) return;
  changes.insertAfterLast(contracts, importLine, "import { roomPushes } from '@ccgame/entities';\n");
  changes.insertAfterLast(contracts, /^export const pushes = \{\n(?: {2}.*\n)*/m, '  ...roomPushes,\n');
}
