import type { EntityClass } from '../contract/decorators.js';
import type { EntityStoreFactory } from '../storage/entity-store.js';

/** The entities of a server type, and where they are stored. */
export interface EntitiesOptions {
  /** The classes of this server type, each with `@Entity` or `@Room`. */
  entities: EntityClass[];
  /** Where they are stored, the same for all versions of the server type. Default: `jetStreamStore()`. */
  store?: EntityStoreFactory;
  /** The folder for rooms with `record`, at most 256 MiB. Default `.ccgame/recordings`. */
  recordings?: string;
}

/** Injection token of {@link EntitiesOptions}. */
export const ENTITIES_OPTIONS = Symbol('ENTITIES_OPTIONS');
