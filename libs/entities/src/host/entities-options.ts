import type { EntityClass } from '../contract/decorators.js';

export interface EntitiesOptions {
  /** The classes of this server type, each with `@Entity` or `@Room`. */
  entities: EntityClass[];
}

/** Injection token of {@link EntitiesOptions}. */
export const ENTITIES_OPTIONS = Symbol('ENTITIES_OPTIONS');
