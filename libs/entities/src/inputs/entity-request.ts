import type { BuiltIn, InputKind } from '../contract/entity-contract.js';
import type { StoredInput } from '../live/records.js';

/** One call to an entity. */
export interface EntityRequest extends Pick<StoredInput, 'p' | 'c' | 's'> {
  entity: string;
  id: string;
  /** The method, or the engine's own. */
  method: string;
  builtIn?: BuiltIn;
  payload: unknown;
  /** The number of the player's call that has to be applied before this one. */
  after?: number;
  input: InputKind;
  /** A server may call what it likes; a player whom the entity admits may name it, and one who is bound to it need not. */
  asked: 'by-server' | 'by-id' | 'by-binding';
}
