import { type RpcError, rpcContext } from '@ccgame/rpc';
import type { Answer, StoredInput } from '../live/records.js';
import type { HeldEntity } from '../memory/held-entity.js';

/** An input that was applied and is not stored yet. */
export class PendingInput {
  /** Resolves when it is stored, or fails with what its caller is to be told. */
  readonly stored: Promise<void>;
  /** The context of the call that it came with. */
  readonly context = rpcContext.get();
  /** The size of its JSON. */
  readonly bytes: number;
  private tellStored!: () => void;
  private tellLost!: (error: RpcError) => void;
  private isRefused = false;

  /**
   * @param json of the input, as it came: what the handler did to the payload since doesn't count
   * @param isOfPlayer a player sent it; a server's call that is made in a player's has their id, too
   */
  constructor(
    readonly held: HeldEntity,
    readonly input: StoredInput,
    readonly json: string,
    public answer: Answer,
    private readonly isOfPlayer = false,
  ) {
    this.bytes = Buffer.byteLength(json);
    this.stored = new Promise((resolve, reject) => {
      this.tellStored = resolve;
      this.tellLost = reject;
    });
    held.unstored += 1;
    const before = held.lastStored;
    held.lastStored = this.stored.catch((error: unknown) => {
      if (!this.isRefused) throw error;
      return before;
    });
    // An input of the engine's own has nobody who waits.
    held.lastStored.catch(() => undefined);
  }

  /** A player's call of a room waits for others to be stored with: what it does is seen by the room's ticks, stored or not. */
  get mayWait(): boolean {
    return this.held.isRoom && this.isOfPlayer && this.input.b === undefined;
  }

  settle(): void {
    this.held.unstored -= 1;
    this.tellStored();
  }

  /** The partition is lost, and the entity with it. */
  lose(error: RpcError): void {
    this.held.unstored -= 1;
    this.tellLost(error);
  }

  /** It was taken back: the entity goes on as the inputs before it left it. */
  refuse(error: RpcError): void {
    this.isRefused = true;
    this.lose(error);
  }
}
