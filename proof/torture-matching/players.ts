import { matchingHandlers, partyHandlers, readyCheckHandlers, type TicketView } from '@ccgame/matchmaker';
import { RpcError, rpcContext, type RpcService } from '@ccgame/rpc';
import { waitingMode } from './modes.js';
import type { Recorder } from './recorder.js';

/** A client would give up then. */
const patienceMs = 20_000;
const mayBeSentAgain = new Set(['GONE', 'NO_SERVER', 'BUSY', 'TIMEOUT']);
const pauseMs = 50;
/** Shares of the players who are asked to accept a match. */
const declining = 0.05;
const silent = 0.05;
/** The share of the waiting players who lose patience. */
const leaving = 0.1;

/** The outcomes of the players' requests. */
export class Tally {
  joins = 0;
  cancels = 0;
  answers = 0;
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
    /** That of their sessions. */
    public version: string,
  ) {}

  /** Opens a ticket that nobody can be matched with. */
  async wait(player: string, attributes: Record<string, string | number>): Promise<void> {
    await this.join(player, waitingMode, attributes);
  }

  /** Joins, is matched, and joins again after a rest; now and then it leaves instead. */
  play(player: string, mode: string, region: string, restMs: number): void {
    this.loops.push(this.loop([player], mode, region, restMs));
  }

  /** Alone or as a party: as {@link play}, with matches that have to be accepted. Some decline, some say nothing. */
  playChecked(party: string[], region: string, restMs: number): void {
    this.loops.push(this.loop(party, 'torture-checked', region, restMs));
  }

  /** No new ticket, and resolves when the last request is answered. */
  async stop(): Promise<void> {
    this.isPlaying = false;
    await Promise.all(this.loops);
  }

  private async loop(party: string[], mode: string, region: string, restMs: number): Promise<void> {
    const rest = (): Promise<void> =>
      new Promise((resolve) => setTimeout(resolve, restMs * (0.5 + Math.random())));
    const [leader = '', ...others] = party;
    await rest();
    for (const player of others) await this.joinParty(player, leader);
    while (this.isPlaying) {
      const over = this.untilOver(party, restMs * 4);
      const ticket = await this.join(leader, mode, { region }, others);
      if (ticket && Math.random() < leaving) await this.leave(leader, ticket.ticketId);
      else await over;
      await rest();
    }
  }

  /** Answers proposals, and resolves when the party is matched or out of the queue, or has waited too long. */
  private untilOver(party: string[], longestMs: number): Promise<void> {
    return new Promise((resolve) => {
      setTimeout(resolve, longestMs).unref();
      for (const player of party)
        this.recorder.onPush(player, (route, matchId) => {
          if (route === 'match.proposed') void this.answer(player, matchId);
          if (route === 'matched' || route === 'ticket.closed') resolve();
        });
    });
  }

  private async answer(player: string, matchId: string): Promise<void> {
    const chance = Math.random();
    if (chance < silent) return;
    const handler = chance < silent + declining ? readyCheckHandlers.decline : readyCheckHandlers.accept;
    this.tally.answers += 1;
    await this.ask(player, () => this.rpc.doRPC({ handler, version: this.version }, { matchId }));
  }

  private async joinParty(player: string, leader: string): Promise<void> {
    const target = { handler: partyHandlers.join, version: this.version };
    await this.ask(player, () => this.rpc.doRPC(target, { leader }));
  }

  private async join(
    player: string,
    mode: string,
    attributes: Record<string, string | number>,
    party: string[] = [],
  ): Promise<TicketView | undefined> {
    this.tally.joins += 1;
    const requestId = crypto.randomUUID();
    const started = performance.now();
    const ticket = await this.ask(player, () =>
      this.rpc.doRPC(
        { handler: matchingHandlers.join, version: this.version },
        { mode, attributes, requestId, ...(party.length > 0 && { party }) },
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
