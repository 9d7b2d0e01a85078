import { setTimeout as sleep } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { noteRetry } from '@ccgame/nats';
import { isPermanent } from '@ccgame/rpc';
import type { PushService } from '@ccgame/sessions';
import type { Output } from '../live/records.js';
import { metrics } from '../metrics.js';
import type { HeldEntity } from '../memory/held-entity.js';

const retryMs = { first: 1_000, most: 10_000 };

/** Sends what an entity pushes, once what it rests on is stored. */
export class OutputSender {
  private readonly log = new Logger('entities');
  private isOver = false;
  /** By entity and player, the last push that is on its way. */
  private readonly tails = new Map<string, Promise<void>>();

  /** @param now epoch ms on the clock of NATS */
  constructor(
    private readonly pushes: Pick<PushService, 'toPlayers'>,
    private readonly now: () => number,
  ) {}

  /**
   * Sends the pushes of an entity that aren't on their way yet: to each player in their order, so that one which is refused holds back
   * those behind it.
   *
   * @param upTo the newest input that is stored: what rests on later ones waits
   * @param isAgain they come of a stored state or of a replay: an owner before this one may have sent them
   */
  sendPushes(held: HeldEntity, upTo: number, isAgain = false): void {
    for (const output of held.live.outbox.outputs) {
      if (held.sending.has(output.id) || output.n > upTo) continue;
      held.sending.add(output.id);
      this.sendInTurn(held, output, isAgain);
    }
  }

  private sendInTurn(held: HeldEntity, output: Output, isAgain: boolean): void {
    const chains = output.to.map((playerId) => `${held.key} ${playerId}`);
    const before = new Set(chains.flatMap((chain) => this.tails.get(chain) ?? []));
    const sendOutput = (): Promise<void> => this.send(held, output, isAgain ? output.at : undefined);
    const sent = before.size === 0 ? sendOutput() : Promise.all(before).then(sendOutput);
    for (const chain of chains) this.tails.set(chain, sent);
    void sent.then(() => {
      for (const chain of chains) if (this.tails.get(chain) === sent) this.tails.delete(chain);
    });
  }

  sendVolatile(to: readonly string[], route: string, data: unknown): void {
    this.pushes.toPlayers(to, route, data, { volatile: true }).catch((error: unknown) => {
      this.log.warn({ event: 'entity.push.failed', route, err: error });
    });
  }

  close(): void {
    this.isOver = true;
  }

  /** @param triedAt when it may have been sent first, epoch ms; undefined: it wasn't */
  private async send(held: HeldEntity, { id, to, route, data }: Output, triedAt?: number): Promise<void> {
    const begunAt = performance.now();
    // By `performance.now()`: the clock of NATS may be set back between two tries.
    let firstAt = triedAt === undefined ? undefined : begunAt - (this.now() - triedAt);
    for (let pauseMs = retryMs.first; !this.isOver; pauseMs = Math.min(2 * pauseMs, retryMs.most)) {
      try {
        const triedAgoMs = firstAt === undefined ? undefined : performance.now() - firstAt;
        await this.pushes.toPlayers(to, route, data, { id, triedAgoMs });
        break;
      } catch (error) {
        firstAt ??= begunAt;
        if (isPermanent(error)) {
          metrics.droppedPushes.inc({ route });
          this.log.error({ event: 'entity.push.dropped', entity: held.key, id, route, err: error });
          break;
        }
        noteRetry('entity-push', error, { entity: held.key, route });
        await sleep(pauseMs, undefined, { ref: false });
      }
    }
    const { outbox } = held.live;
    outbox.outputs = outbox.outputs.filter((one) => one.id !== id);
    held.sending.delete(id);
    // Its stored state says that it is to be sent, which is harmless for as long as the push log knows the id.
    held.markDirty();
  }
}
