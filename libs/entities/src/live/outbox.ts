import type { HandlerContract } from '@ccgame/rpc';
import { assertStorable } from './check-call.js';
import type { PushChoice } from './entity-of.js';
import { OutgoingCalls } from './outgoing-calls.js';
import { plainData } from './plain-data.js';
import type { Checkpoint, Output } from './records.js';

/** Sends a push that leaves an entity at once, without being stored. */
export type SendVolatile = (to: readonly string[], route: string, data: unknown) => void;

/** All that is to leave an entity, in the order in which its code gave it. */
export class Outbox {
  readonly calls: OutgoingCalls;
  /** Counts what has to be stored before it leaves. */
  added = 0;
  private scope = '';
  private restsOn = 0;
  private at?: number;
  private counter = 0;
  private unsent: Output[] = [];
  private unsentBytes = 0;
  /** Bytes of a push as JSON: it is a part of each checkpoint until it is sent. */
  private readonly sizes = new WeakMap<Output, number>();

  constructor(
    from: Pick<Checkpoint, 'outputs' | 'calls' | 'lastCall'>,
    private readonly sendVolatile: SendVolatile,
  ) {
    this.outputs = from.outputs;
    this.calls = new OutgoingCalls(from);
  }

  /** Reliable pushes that have not been sent yet, or may not have been. */
  get outputs(): Output[] {
    return this.unsent;
  }

  set outputs(all: readonly Output[]) {
    this.unsent = [...all];
    this.unsentBytes = all.reduce((sum, output) => sum + this.sizeOf(output), 0);
  }

  /** Bytes of those pushes as JSON. */
  get pushBytes(): number {
    return this.unsentBytes;
  }

  /**
   * @param scope a name of the input or tick in the entity's life; empty: it isn't stored
   * @param restsOn the number of the input that has to be stored first
   * @param at epoch ms by the clock of NATS
   */
  beginScope(scope: string, restsOn: number, at?: number): void {
    this.scope = scope;
    this.restsOn = restsOn;
    this.at = at;
    this.counter = 0;
  }

  addPush(to: readonly string[], route: string, data: unknown, choice: PushChoice = {}): void {
    if (to.length === 0) return;
    if (choice.volatile) return this.sendVolatile([...to], route, data);
    if (this.scope === '') throw new Error(`${route}: what isn't stored can only push what is volatile`);
    this.addOutput({ id: `${this.scope}-${this.counter++}`, to: [...to], route, data, n: this.restsOn });
  }

  addOutput(output: Output): void {
    this.added += 1;
    const added = { ...output, data: plainData(output.data), at: this.at };
    this.unsent.push(added);
    this.unsentBytes += this.sizeOf(added);
  }

  /** All pushes and calls have arrived. */
  get isEmpty(): boolean {
    return this.outputs.length === 0 && this.calls.all.length === 0;
  }

  /** @throws see `EntityOf.sendCall` */
  addCall(contract: HandlerContract, id: string, payload: unknown): void {
    const { entity } = assertStorable(contract, payload);
    if (this.scope === '') throw new Error(`${contract.handler}: what isn't stored can't send a call`);
    const { serverType, handler } = contract;
    const target = { serverType, handler, entity: entity.name, id, key: entity.keyOf(id) };
    this.calls.addCall({ ...target, d: plainData(payload), n: this.restsOn });
    this.added += 1;
  }

  private sizeOf(output: Output): number {
    const known = this.sizes.get(output);
    if (known !== undefined) return known;
    const size = Buffer.byteLength(JSON.stringify(output));
    this.sizes.set(output, size);
    return size;
  }
}
