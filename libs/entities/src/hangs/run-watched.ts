import { beginWork, endWork } from '@ccgame/server';
import type { EntityMark } from '../contract/decorators.js';
import { hangSubject } from './hang-subject.js';

/** The entity whose code runs. */
export interface WatchedEntity {
  key: string;
  birth: string;
  isBorn: boolean;
  mark: Pick<EntityMark, 'contract'>;
}

/** The life of an entity as marks of hangs have it; empty: it is to be born. */
export const lifeOf = ({ isBorn, birth }: Pick<WatchedEntity, 'isBorn' | 'birth'>): string =>
  isBorn ? birth : '';

/**
 * Runs code of a game's entity, with a note of which one it is, for the case that it never ends.
 *
 * @param what the method, or the engine's word for it
 */
export function runWatched<T>(entity: WatchedEntity, what: string, work: () => T): T {
  beginWork(hangSubject(entity.mark.contract.serverType, entity.key), lifeOf(entity), what);
  try {
    return work();
  } finally {
    endWork();
  }
}
