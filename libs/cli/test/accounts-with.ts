import { accountsManifest } from '@ccgame/testing';
import { GameChanges } from '../src/new/game-changes.js';
import { addNatsUser } from '../src/new/nats-user.js';

/** The text of accounts.yaml as `ccgame new server` leaves it for these types. */
export function accountsWith(...types: string[]): string {
  const changes = new GameChanges(process.cwd());
  for (const type of types) addNatsUser(changes, type);
  return changes.readText(accountsManifest);
}
