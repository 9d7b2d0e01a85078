import { entityContract, entityTest, entityText } from './entity-sources.js';
import type { EntityNames } from './entity-names.js';
import { keyedContract, keyedController, keyedTest, keyedText } from './keyed-entity-sources.js';
import type { GameChanges } from './game-changes.js';
import { nameEntity } from './game-contracts.js';
import { addControllerToModule, addEntityToModule } from './game-module.js';
import { requireServerType } from './require-server-type.js';
import { roomContract, roomController, roomTest, roomText } from './room-sources.js';
import { assertConstant, assertName, camelCase, kebabCase, pascalCase } from './words.js';

/**
 * A room: its contract, its class, a handler by which players get in, and a test that moves it to another server.
 *
 * @param kind `dice.table`
 * @throws Error when the server type isn't there, or the kind is
 */
export function addRoom(changes: GameChanges, kind: string): void {
  const names = namesOf(changes, kind);
  const { type, pascal } = names;
  const path = `${type}/${names.file}`;
  const contract = roomContract(names);
  changes.createFile(`game/src/${path}.contract.ts`, contract);
  changes.createFile(`game/src/${path}.room.ts`, roomText(names));
  changes.createFile(`game/src/${path}.room.spec.ts`, roomTest(names));
  changes.createFile(`game/src/${path}.controller.ts`, roomController(names));
  addControllerToModule(changes, type, { name: `${pascal}Controller`, file: `${path}.controller` });
  addEntityToModule(changes, type, { name: `${pascal}Room`, file: `${path}.room` });
  addStream(changes, type);
  nameEntity(changes, names, contract, true);
}

/** The options of `ccgame new entity`. */
export interface NewEntityOptions {
  /** It has an id of its own, such as a clan: not the player's. */
  keyed?: boolean;
}

/**
 * An entity that each player has one of, or one with an id of its own: its contract, its class and a test, and for the latter a handler by which
 * players make it.
 *
 * @param kind `chat.profile`
 * @throws as {@link addRoom}
 */
export function addEntity(
  changes: GameChanges,
  kind: string,
  { keyed = false }: NewEntityOptions = {},
): void {
  const names = namesOf(changes, kind);
  const { type, pascal } = names;
  const path = `${type}/${names.file}`;
  const [contractOf, text, test] = keyed
    ? [keyedContract, keyedText, keyedTest]
    : [entityContract, entityText, entityTest];
  const contract = contractOf(names);
  changes.createFile(`game/src/${path}.contract.ts`, contract);
  changes.createFile(`game/src/${path}.entity.ts`, text(names));
  changes.createFile(`game/src/${path}.entity.spec.ts`, test(names));
  if (keyed) {
    changes.createFile(`game/src/${path}.controller.ts`, keyedController(names));
    addControllerToModule(changes, type, { name: `${pascal}Controller`, file: `${path}.controller` });
  }
  addEntityToModule(changes, type, { name: `${pascal}Entity`, file: `${path}.entity` });
  addStream(changes, type);
  nameEntity(changes, names, contract);
}

function namesOf(changes: GameChanges, kind: string): EntityNames {
  const [type = '', name = '', ...more] = kind.split('.');
  if (more.length > 0 || name === '') throw new Error(`It is named like dice.table, not ${kind}.`);
  assertName('serverType', type);
  assertName('entity', name);
  assertConstant(name);
  requireServerType(changes, type);
  return { type, name, camel: camelCase(name), pascal: pascalCase(name), file: kebabCase(name) };
}

/** Where a server type's entities are kept; servers may not make it themselves. */
function addStream(changes: GameChanges, type: string): void {
  const storage = 'game/src/storage.ts';
  const text = changes.readText(storage);
  if (text.includes(`\n  ...entityStreams('${type}')`)) return;
  if (!/^import .*\bentityStreams\b/m.test(text))
    changes.insertAfterLast(storage, /^import .*\n/m, "import { entityStreams } from '@ccgame/entities';\n");
  changes.insertAfterLast(storage, /^ {2}\.\.\..*,\n/m, `  ...entityStreams('${type}'),\n`);
}
