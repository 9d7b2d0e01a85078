import type { EntityClass } from '../contract/decorators.js';
import type { EntityStoreFactory } from '../storage/entity-store.js';

export interface EntitiesOptions {
  /** The classes of this server type, each with `@Entity` or `@Room`. */
  entities: EntityClass[];
  /** Where they are stored, the same for all versions of the server type. Default: `jetStreamStore()`. */
  store?: EntityStoreFactory;
}

/** Injection token of {@link EntitiesOptions}. */
export const ENTITIES_OPTIONS = Symbol('ENTITIES_OPTIONS');
