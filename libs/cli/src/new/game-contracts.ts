import type { EntityNames } from './entity-names.js';
import type { GameChanges } from './game-changes.js';
import { pascalCase } from './words.js';

const contracts = 'game/src/contracts.ts';
const importLine = /^(?:import .*|\} from .*)\n/m;

/** Additions to `contracts.ts`. */
interface Named {
  /** The name that is imported: `chatGreet` */
  imports: string;
  /** From `game/src` on: `chat/greet.contract` */
  from: string;
  /** The lines of `clientHandlers`: `chatGreet` */
  handlers: string[];
}

/** Lets players call a handler, and gives the client its types. @throws Error when something else has its name there */
export function nameHandler(changes: GameChanges, name: string, from: string): void {
  if (hasName(changes, name))
    throw new Error(
      `${contracts} has ${name} already, which is something else: give the handler another name.`,
    );
  nameForPlayers(changes, { imports: name, from, handlers: [name] });
}

/**
 * Lets players call the handlers of a room or an entity, and gives the client their types. Where another server type, or a package, has a group
 * of that name, each handler gets a name with the server type: two groups with the same keys would hide each other.
 *
 * @param contract the text of the kind's contract, which has `tableHandlers`
 * @param hasRooms the contract has `TableRooms`, too
 */
export function nameEntity(
  changes: GameChanges,
  { type, camel, pascal, file }: EntityNames,
  contract: string,
  hasRooms = false,
): void {
  const from = `${type}/${file}.contract`;
  const group = `${camel}Handlers`;
  const rooms = `${pascal}Rooms`;
  const ownRooms = hasName(changes, rooms) ? `${pascalCase(type)}${rooms}` : rooms;
  const importedRooms = ownRooms === rooms ? rooms : `${rooms} as ${ownRooms}`;
  const withRooms = hasRooms ? `, type ${importedRooms}` : '';
  if (hasName(changes, group)) {
    const own = `${type}${pascal}Handlers`;
    const handlers = keysOf(contract, group).map((key) => `${type}${pascalCase(key)}: ${own}.${key}`);
    nameForPlayers(changes, { imports: `${group} as ${own}${withRooms}`, from, handlers });
  } else nameForPlayers(changes, { imports: `${group}${withRooms}`, from, handlers: [`...${group}`] });
  if (hasRooms) nameRooms(changes, ownRooms);
}

function hasName(changes: GameChanges, name: string): boolean {
  return new RegExp(`\\b${name}\\b`).test(changes.readText(contracts));
}

/** @param group `tableHandlers`, which the contract makes in one line @throws Error when it doesn't */
function keysOf(contract: string, group: string): string[] {
  const [, inside] = new RegExp(`export const ${group} = \\{ (.*) \\};`).exec(contract) ?? [];
  if (!inside) throw new Error(`The contract has no line "export const ${group} = { … };".`);
  return inside.split(', ').map((entry) => entry.split(':')[0]);
}

function nameForPlayers(changes: GameChanges, { imports, from, handlers }: Named): void {
  changes.insertAfterLast(contracts, importLine, `import { ${imports} } from './${from}.js';\n`);
  const lines = handlers.map((line) => `  ${line},\n`).join('');
  changes.insertAfterLast(contracts, /^export const clientHandlers = \{\n(?: {2}.*\n)*/m, lines);
}

/** Gives the client the types of rooms' views, and of the push that says that a room was stopped. @param rooms `TableRooms` */
function nameRooms(changes: GameChanges, rooms: string): void {
  const text = changes.readText(contracts);
  if (/^ {2}rooms: /m.test(text)) changes.insertAfterLast(contracts, /^ {2}rooms: .*(?=;)/m, ` & ${rooms}`);
  else
    changes.insertAfterLast(contracts, /^export interface Game \{\n(?: {2}.*\n)*/m, `  rooms: ${rooms};\n`);
  if (/\broomPushes\b/.test(text)) return;
  changes.insertAfterLast(contracts, importLine, "import { roomPushes } from '@ccgame/entities';\n");
  changes.insertAfterLast(contracts, /^export const pushes = \{\n(?: {2}.*\n)*/m, '  ...roomPushes,\n');
}
