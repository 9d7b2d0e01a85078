import { setTimeout as sleep } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { noteRetry } from '@ccgame/nats';
import { codeLabel, RpcError, rpcContext } from '@ccgame/rpc';
import type { CallSource, OutgoingCall } from '../live/records.js';
import type { HeldEntity } from '../memory/held-entity.js';
import { metrics } from '../metrics.js';
import type { PendingInput } from '../storage/pending-input.js';

/** The way from a sender of calls to the servers of other entities. */
export interface EntityCalls {
  /** @throws RpcError CALL_REFUSED with the code of its handler's error; others as `EntityClient.call` */
  deliverCall(call: OutgoingCall, source: CallSource): Promise<void>;
  /** Tells the target that the sender keeps a call no longer, as its arrival is stored. */
  settleCall(call: OutgoingCall, source: CallSource): Promise<void>;
}

/** The owner of the entities that send. */
export interface CallSenderContext {
  calls: EntityCalls;
  /** Resolves when this server is known to own the partition still. */
  confirmOwner: () => Promise<void>;
  /** False: another owner or version has the entity by now, and sends its calls. */
  isHere: (held: HeldEntity) => boolean;
  /** Undefined: nothing is stored, as another version sends the call once more, or the entity was stopped. */
  storeArrival: (held: HeldEntity, numbers: readonly number[]) => PendingInput | undefined;
}

const retryMs = { first: 100, most: 10_000 };
/** A call that nobody takes is given up after so long of one owner, ms: the next owner begins to count anew. */
const givenUpAfterMs = 86_400_000;
/** Codes that leave open whether the call was done; all others say that it is never taken. */
const transientCodes = new Set<string>([
  'TIMEOUT',
  'NO_SERVER',
  'BUSY',
  'GONE',
  'MOVED',
  'INTERNAL',
  'VERSION_GONE',
  // Another version may take the target.
  'ENTITY_REFUSED',
]);

interface Progress {
  /** The newest input that is stored. */
  storedUpTo: number;
  /** Those to which a call is on its way. */
  targets: Set<string>;
}

/**
 * Sends an entity's calls to others: each again until it has arrived; those to one target in their order, one at a time. The arrival is
 * stored as an input of the sending entity.
 */
export class CallSender {
  private readonly log = new Logger('entities');
  private readonly progress = new WeakMap<HeldEntity, Progress>();
  private isOver = false;

  constructor(private readonly context: CallSenderContext) {}

  /**
   * Sends the calls that aren't on their way yet.
   *
   * @param upTo the newest input that is stored: what rests on later ones waits
   */
  sendCalls(held: HeldEntity, upTo: number): void {
    if (held.live.outbox.calls.all.length === 0) return;
    const progress = this.progress.get(held) ?? { storedUpTo: 0, targets: new Set() };
    this.progress.set(held, progress);
    progress.storedUpTo = Math.max(progress.storedUpTo, upTo);
    for (const target of new Set(held.live.outbox.calls.all.map(targetOf))) {
      if (progress.targets.has(target)) continue;
      progress.targets.add(target);
      // Later calls go the same way, whoever began it.
      void rpcContext.runOutside(() => this.sendTo(held, target, progress));
    }
  }

  close(): void {
    this.isOver = true;
  }

  private async sendTo(held: HeldEntity, target: string, progress: Progress): Promise<void> {
    for (let done = 0; ;) {
      // On its way to another version, which sends the rest; or it stays.
      await held.leaving;
      const next = held.live.outbox.calls.all.find(
        (call) => targetOf(call) === target && call.number > done && call.n <= progress.storedUpTo,
      );
      // A call that rests on a volatile input waits for the state to be stored.
      const mayGo = next && this.mustSend(held) && !held.live.hasTaintedCall;
      if (!mayGo || !(await this.sendCall(held, next))) break;
      done = next.number;
      // Where the other version has it by then, that one sends the call once more, and notes that it arrived.
      await held.leaving;
      this.noteArrival(held, next);
    }
    progress.targets.delete(target);
  }

  private mustSend(held: HeldEntity): boolean {
    return !this.isOver && this.context.isHere(held);
  }

  /** @returns whether the call is over; false: this server isn't the owner any more */
  private async sendCall(held: HeldEntity, call: OutgoingCall): Promise<boolean> {
    const endsAt = performance.now() + givenUpAfterMs;
    for (let pauseMs = retryMs.first; ; pauseMs = Math.min(2 * pauseMs, retryMs.most)) {
      await this.context.confirmOwner().catch(() => undefined);
      if (!this.mustSend(held)) return false;
      try {
        await this.context.calls.deliverCall(call, sourceOf(held, call));
        metrics.arrivedCalls.inc({ entity: held.kind.mark.contract.name });
        return true;
      } catch (error) {
        // The next owner or version sends it, and tells what becomes of it.
        await held.leaving;
        if (!this.mustSend(held)) return false;
        const isTransient = !(error instanceof RpcError) || transientCodes.has(error.code);
        if (!isTransient || performance.now() > endsAt) return this.reportRefusal(held, call, error);
        noteRetry('entity-call', error, { entity: held.key, target: targetOf(call), handler: call.handler });
        await sleep(pauseMs, undefined, { ref: false });
      }
    }
  }

  /** Tells of a call that is over without having been done. */
  private reportRefusal(held: HeldEntity, call: OutgoingCall, error: unknown): true {
    const { handler, d: payload } = call;
    const { code: own, details } =
      error instanceof RpcError ? error : { code: 'INTERNAL', details: undefined };
    // CALL_REFUSED carries the code that the handler threw.
    const { code = own } = Object(details) as { code?: string };
    metrics.refusedCalls.inc({ handler, code: codeLabel(code) });
    const about = { entity: held.key, target: targetOf(call), handler, code, payload, err: error };
    this.log.error({ event: 'entity.call-refused', ...about });
    return true;
  }

  /** Until the arrival is stored the call may be sent again; after it, the target need not know the call any more. */
  private noteArrival(held: HeldEntity, call: OutgoingCall): void {
    const { calls, storeArrival } = this.context;
    const pending = this.mustSend(held) ? storeArrival(held, [call.number]) : undefined;
    pending?.stored.then(
      () => calls.settleCall(call, sourceOf(held, call)).catch(() => undefined),
      async () => {
        await sleep(retryMs.most, undefined, { ref: false });
        if (!this.isOver) this.sendCalls(held, 0);
      },
    );
  }
}

const targetOf = ({ serverType, entity, id }: OutgoingCall): string => `${serverType}.${entity}.${id}`;

const sourceOf = ({ key, kind }: HeldEntity, { number }: OutgoingCall): CallSource => ({
  from: `${kind.mark.contract.serverType}.${key}`,
  number,
});
