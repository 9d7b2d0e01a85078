import { Injectable, Logger } from '@nestjs/common';
import type { BackfilledPlayers } from '../contracts/backfill.js';
import type { MatchRecord } from '../contracts/matches.js';
import { isPermanent, RpcService } from '@ccgame/rpc';
import { allocateWithin, releaseAllocation } from '../allocation/allocate-within.js';
import { MatchAllocators } from '../allocation/match-allocators.js';
import { metrics } from '../metrics.js';
import { matchMessage } from '../store/messages.js';
import { PlayedMatches } from '../store/played-matches.js';
import { isConflict } from '@ccgame/jetstream';
import { type Stored, TicketStore } from '../store/ticket-store.js';
import { MatchAnnouncer } from './match-announcer.js';
import { cancelMatch, confirmMatch, type MatchOutcome } from './match-outcome.js';
import { tellServer } from './tell-server.js';
import { knownEverywhereMs, ticketsOfMatch } from './tickets-of-match.js';

const firstPauseMs = 200;
const longestPauseMs = 5_000;
/** Shorter than the push log keeps: until then players are not told twice by the same id. */
const notifyForMs = 30_000;

/**
 * Takes matches on, step by step, until their players know: from proposed to formed or cancelled, from allocating to formed,
 * from formed to told. Each step is stored by compare-and-set, so it does no harm when two servers take the same one, and a
 * server that dies between two leaves the rest to whoever owns the partition then.
 */
@Injectable()
export class MatchSteps {
  private readonly log = new Logger('matching');
  private readonly underWay = new Map<string, Promise<void>>();
  /** Matches whose players were asked to accept. */
  private readonly proposals = new Set<string>();
  /** Where each match was stored last from here: the view may show an older step for a moment. */
  private readonly written = new Map<string, number>();
  private readonly retries = new Map<string, { at: number; pauseMs: number }>();

  constructor(
    private readonly store: TicketStore,
    private readonly played: PlayedMatches,
    private readonly announcer: MatchAnnouncer,
    private readonly rpc: RpcService,
    private readonly allocators: MatchAllocators,
  ) {}

  /** How long a game server is asked for, ms; undefined where matches of the mode need none. */
  allocateWithinMs(mode: string): number | undefined {
    return this.allocators.allocatorOf(mode)?.patienceMs;
  }

  /** Never rejects: what fails is tried again at the owner's next look. */
  advance(match: Stored<MatchRecord>): void {
    const { matchId } = match.record;
    if (this.underWay.has(matchId) || !this.isDue(match)) return;
    const work = this.advanceUntilSettled(match)
      .catch((error: unknown) => this.stepFailed(match.record, error))
      .finally(() => this.underWay.delete(matchId));
    this.underWay.set(matchId, work);
  }

  /** The stream has no more to do with it. */
  forgetMatch(matchId: string): void {
    const drop = (): void => {
      this.proposals.delete(matchId);
      this.retries.delete(matchId);
      this.written.delete(matchId);
    };
    const work = this.underWay.get(matchId);
    if (work) void work.then(drop);
    else drop();
  }

  /** The stream was made anew, or is read again: where matches stood in it says nothing any more. */
  forgetAll(): void {
    for (const known of [this.written, this.retries, this.proposals, this.underWay])
      for (const matchId of known.keys()) this.forgetMatch(matchId);
  }

  /** Resolves when nothing is on its way. */
  async whenIdle(): Promise<void> {
    await Promise.all(this.underWay.values());
  }

  private isDue({ record: { matchId, state, acceptUntil = 0 }, seq }: Stored<MatchRecord>): boolean {
    const now = this.store.clock.now();
    if (seq < (this.written.get(matchId) ?? 0)) return false;
    if ((this.retries.get(matchId)?.at ?? 0) > performance.now()) return false;
    return state !== 'proposed' || !this.proposals.has(matchId) || acceptUntil < now;
  }

  private async advanceUntilSettled(match: Stored<MatchRecord>): Promise<void> {
    for (let next: Stored<MatchRecord> | undefined = match; next;) next = await this.takeStep(next);
  }

  private async takeStep(match: Stored<MatchRecord>): Promise<Stored<MatchRecord> | undefined> {
    const { record } = match;
    switch (record.state) {
      case 'proposed':
        return this.awaitAcceptance(match);
      case 'allocating':
        return this.allocateServer(match);
      case 'formed':
        // Before anybody can report its result.
        await this.played.keep(record);
        await this.announceMatch(record);
        return this.writeMatch({ ...record, state: 'announced' }, match.seq);
      case 'cancelled':
        await Promise.all([
          this.orSetAside(record, this.announcer.announceCancellation(record)),
          this.giveBack(record),
        ]);
        metrics.cancelled.inc({ mode: record.mode, reason: record.reason });
        return this.writeMatch({ ...record, state: 'cancellationAnnounced' }, match.seq);
      case 'announced':
      case 'cancellationAnnounced':
      case undefined:
        return undefined;
    }
  }

  private async awaitAcceptance(match: Stored<MatchRecord>): Promise<Stored<MatchRecord> | undefined> {
    const { record } = match;
    const { matchId, accepted = [], acceptUntil = 0 } = record;
    if (acceptUntil < this.store.clock.now()) {
      const silent = record.teams.flat().filter((player) => !accepted.includes(player));
      const stored = await ticketsOfMatch(this.store, match);
      return this.settleMatch(cancelMatch(match, stored, 'not-accepted', silent));
    }
    await this.orSetAside(record, this.announcer.announceProposal(record));
    this.proposals.add(matchId);
    return undefined;
  }

  private async allocateServer(match: Stored<MatchRecord>): Promise<Stored<MatchRecord> | undefined> {
    const { record, seq } = match;
    const allocator = this.allocators.allocatorOf(record.mode);
    if (!allocator || (record.allocateUntil ?? 0) < this.store.clock.now()) {
      this.log.error({ event: 'match.no-game-server', matchId: record.matchId, mode: record.mode });
      const stored = await ticketsOfMatch(this.store, match);
      return this.settleMatch(cancelMatch(match, stored, 'no-game-server', []));
    }
    const allocation = await allocateWithin(
      allocator,
      record,
      (record.allocateUntil ?? 0) - this.store.clock.now(),
    );
    const stored = await ticketsOfMatch(this.store, match);
    const formed = confirmMatch({ record: { ...record, allocation }, seq }, stored);
    return this.settleMatch(formed ?? cancelMatch(match, stored, 'no-game-server', []));
  }

  /** The game server of a match that did not come about, if one was asked for. */
  private async giveBack(record: MatchRecord): Promise<void> {
    const { matchId, mode, allocateUntil } = record;
    const allocator = allocateUntil === undefined ? undefined : this.allocators.allocatorOf(mode);
    if (!allocator?.release) return;
    await releaseAllocation(allocator, record).catch((error: unknown) =>
      this.log.error({ event: 'match.game-server-not-released', matchId, mode, err: error }),
    );
  }

  /** A push that can never be sent doesn't keep the match from going on. */
  private async orSetAside({ matchId, mode, state }: MatchRecord, announced: Promise<void>): Promise<void> {
    try {
      await announced;
    } catch (error) {
      if (!isPermanent(error)) throw error;
      this.log.error({ event: 'match.not-announced', matchId, mode, state, err: error });
    }
  }

  /**
   * The running match that players join hears of them first: it has them in its room when they are told, and ask for it. One that doesn't
   * answer keeps nobody waiting, and is told again.
   *
   * @throws what {@link tellGame} throws
   */
  private async announceMatch(record: MatchRecord): Promise<void> {
    const [told] = await Promise.allSettled([this.tellGame(record)]);
    await this.orSetAside(record, this.announcer.announceMatch(record));
    if (told.status === 'rejected') throw told.reason;
  }

  /** Where players join a running match, tells the server that runs it. One that doesn't answer for long is gone. */
  private async tellGame({
    matchId,
    version,
    backfillOf,
    notify,
    teams,
    roles,
    createdAt,
  }: MatchRecord): Promise<void> {
    if (backfillOf === undefined || !notify) return;
    const players: BackfilledPlayers = {
      matchId: backfillOf,
      teams: teams.map((team) => ({ players: team })),
      ...(roles && { roles }),
    };
    const waitedMs = this.store.clock.now() - createdAt;
    try {
      await tellServer(this.rpc, notify, version, players, waitedMs);
    } catch (error) {
      if (!isPermanent(error) && waitedMs < notifyForMs) throw error;
      this.log.error({
        event: 'backfill.not-told',
        matchId,
        backfillOf,
        serverId: notify.serverId,
        err: error,
      });
    }
  }

  private async settleMatch({ record, messages }: MatchOutcome): Promise<Stored<MatchRecord> | undefined> {
    return this.orElsewhere(
      record,
      async () => (await this.store.writeBatch(messages)) + messages.length - 1,
    );
  }

  private writeMatch(record: MatchRecord, seq: number): Promise<Stored<MatchRecord> | undefined> {
    return this.orElsewhere(record, () => this.store.writeBatch([matchMessage(record, seq)]));
  }

  /** Undefined: another server took the step. */
  private async orElsewhere(
    record: MatchRecord,
    write: () => Promise<number>,
  ): Promise<Stored<MatchRecord> | undefined> {
    try {
      const seq = await write();
      this.written.set(record.matchId, seq);
      return { record, seq };
    } catch (error) {
      if (!isConflict(error)) throw error;
      await this.lookAgain(record);
      return undefined;
    }
  }

  /**
   * Another server took the step. The state in the stream may then be over for so long that the view never hears of it; a younger
   * match may be there all the same, where a replica of NATS is behind.
   */
  private async lookAgain({ matchId, createdAt }: MatchRecord): Promise<void> {
    const stands = await this.store.readMatch(matchId);
    if (stands) this.written.set(matchId, stands.seq);
    else if (this.store.clock.now() - createdAt > knownEverywhereMs) this.written.set(matchId, Infinity);
  }

  private stepFailed({ matchId, state, mode }: MatchRecord, error: unknown): void {
    const before = this.retries.get(matchId)?.pauseMs ?? firstPauseMs / 2;
    const pauseMs = Math.min(longestPauseMs, before * 2);
    this.retries.set(matchId, { at: performance.now() + pauseMs * (0.75 + Math.random() / 2), pauseMs });
    metrics.failedSteps.inc({ mode, state: state ?? 'formed' });
    this.log.warn({ event: 'match.step-failed', matchId, mode, state, err: error });
  }
}
