import type { RpcError } from '@ccgame/rpc';
import type { Answer, StoredInput } from '../live/records.js';
import type { HeldEntity } from '../memory/held-entity.js';

/** An input that was applied and is not stored yet. */
export class PendingInput {
  /** Resolves when it is stored, or fails with what its caller is to be told. */
  readonly stored: Promise<void>;
  /** The size of its JSON. */
  readonly bytes: number;
  private tellStored!: () => void;
  private tellLost!: (error: RpcError) => void;

  /** @param json of the input, as it came: what the handler did to the payload since doesn't count */
  constructor(
    readonly held: HeldEntity,
    readonly input: StoredInput,
    readonly json: string,
    public answer: Answer,
  ) {
    this.bytes = Buffer.byteLength(json);
    this.stored = new Promise((resolve, reject) => {
      this.tellStored = resolve;
      this.tellLost = reject;
    });
    held.unstored += 1;
    held.lastStored = this.stored;
    // An input of the engine's own has nobody who waits.
    this.stored.catch(() => undefined);
  }

  settle(): void {
    this.held.unstored -= 1;
    this.tellStored();
  }

  lose(error: RpcError): void {
    this.held.unstored -= 1;
    this.tellLost(error);
  }
}
