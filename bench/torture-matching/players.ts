import { matchingHandlers, type TicketView } from '#contracts';
import { RpcError, rpcContext, type RpcService } from '#rpc';
import type { Recorder } from './recorder.js';

/** A client would give up then. */
const patienceMs = 20_000;
const mayBeSentAgain = new Set(['GONE', 'NO_SERVER', 'BUSY', 'TIMEOUT']);
const pauseMs = 50;

/** What happened to the players' requests. */
export class Tally {
  joins = 0;
  cancels = 0;
  /** Tries that broke and were sent again, as the SDK does it. */
  repeated = 0;
  failed: string[] = [];
  slowestMs = 0;
  private readonly joinTimes: number[] = [];

  time(ms: number): void {
    this.joinTimes.push(ms);
    this.slowestMs = Math.max(this.slowestMs, ms);
  }

  /** The slowest join since the last call, ms. */
  slowestSince(): number {
    return Math.max(0, ...this.joinTimes.splice(0));
  }
}

/** Players who play again and again, through the same calls that connectors make for them. */
export class Players {
  readonly tally = new Tally();
  private isPlaying = true;
  private readonly loops: Promise<void>[] = [];

  constructor(
    private readonly rpc: RpcService,
    private readonly recorder: Recorder,
    private readonly version: string,
  ) {}

  /** Opens a ticket that nobody can be matched with. */
  async wait(player: string, attributes: Record<string, string | number>): Promise<void> {
    await this.join(player, 'torture-wait', attributes);
  }

  /** Joins, is matched, and joins again after a rest; now and then it leaves instead. */
  play(player: string, region: string, restMs: number): void {
    this.loops.push(this.loop(player, region, restMs));
  }

  /** No new ticket, and resolves when the last request is answered. */
  async stop(): Promise<void> {
    this.isPlaying = false;
    await Promise.all(this.loops);
  }

  private async loop(player: string, region: string, restMs: number): Promise<void> {
    const rest = (): Promise<void> =>
      new Promise((resolve) => setTimeout(resolve, restMs * (0.5 + Math.random())));
    await rest();
    while (this.isPlaying) {
      const matched = new Promise<boolean>((resolve) => {
        this.recorder.onMatched(player, () => resolve(true));
        setTimeout(() => resolve(false), restMs * 4).unref();
      });
      const ticket = await this.join(player, 'torture-duel', { region });
      // Some lose patience.
      if (ticket && Math.random() < 0.1) await this.leave(player, ticket.ticketId);
      else await matched;
      await rest();
    }
  }

  private async join(
    player: string,
    mode: string,
    attributes: Record<string, string | number>,
  ): Promise<TicketView | undefined> {
    this.tally.joins += 1;
    const requestId = crypto.randomUUID();
    const started = performance.now();
    const ticket = await this.ask(player, () =>
      this.rpc.doRPC(
        { handler: matchingHandlers.join, version: this.version },
        { mode, attributes, requestId },
      ),
    );
    this.tally.time(performance.now() - started);
    if (ticket) {
      const { ticketId, waitingSinceMs: since } = ticket;
      this.recorder.acknowledged.push({ player, what: 'joined', ticketId, since });
    }
    return ticket;
  }

  private async leave(player: string, ticketId: string): Promise<void> {
    this.tally.cancels += 1;
    const answer = await this.ask(player, () =>
      this.rpc.doRPC({ handler: matchingHandlers.cancel, version: this.version }, { ticketId }),
    );
    if (answer?.outcome === 'left') this.recorder.acknowledged.push({ player, what: 'left', ticketId });
  }

  private async ask<T>(uid: string, call: () => Promise<T>): Promise<T | undefined> {
    const end = performance.now() + patienceMs;
    for (;;) {
      try {
        return await rpcContext.run({ version: this.version, attributes: { uid } }, call);
      } catch (error) {
        const code = error instanceof RpcError ? error.code : String(error);
        if (!mayBeSentAgain.has(code) || performance.now() > end) {
          this.tally.failed.push(`${uid}: ${code}`);
          return undefined;
        }
        this.tally.repeated += 1;
        await new Promise((resolve) => setTimeout(resolve, pauseMs));
      }
    }
  }
}
