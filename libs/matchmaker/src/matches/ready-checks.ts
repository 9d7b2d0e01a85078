import { Injectable } from '@nestjs/common';
import { readAgain } from '@ccgame/jetstream';
import { GameErrors } from '@ccgame/protocol';
import { type MatchRecord } from '../contracts/matches.js';
import { type ReadyCheck } from '../contracts/ready-check.js';
import { MatchAllocators } from '../allocation/match-allocators.js';
import { matchMessage } from '../store/messages.js';
import { type Stored, TicketStore } from '../store/ticket-store.js';
import { type WriteAttempt, untilStored } from '../tickets/until-stored.js';
import { cancelMatch, confirmMatch } from './match-outcome.js';
import { ticketsOfMatch } from './tickets-of-match.js';

/** Takes players' answers to a proposed match. Any server does; the match's owner tells what comes of it. */
@Injectable()
export class ReadyChecks {
  /** The last answer to each match that is being stored: those of one match come at once, and would refuse each other. */
  private readonly tails = new Map<string, Promise<unknown>>();

  constructor(
    private readonly store: TicketStore,
    private readonly allocators: MatchAllocators,
  ) {}

  /** @throws RpcError NOT_FOUND when the player isn't in that match; TIMEOUT */
  acceptMatch(player: string, matchId: string): Promise<ReadyCheck> {
    return this.inTurn(matchId, () =>
      this.changeMatch(player, matchId, (match) => this.accepted(match, player)),
    );
  }

  /** @throws as {@link acceptMatch} */
  declineMatch(player: string, matchId: string): Promise<ReadyCheck> {
    return this.inTurn(matchId, () =>
      this.changeMatch(player, matchId, (match) => this.declined(match, player)),
    );
  }

  /** Ends a match that has a banned player, also one that waits for its game server. @throws as {@link acceptMatch} */
  removePlayer(player: string, matchId: string): Promise<ReadyCheck> {
    const changing = ['proposed', 'allocating'] as const;
    return this.inTurn(matchId, () =>
      this.changeMatch(player, matchId, (match) => this.declined(match, player), changing),
    );
  }

  private changeMatch(
    player: string,
    matchId: string,
    next: (match: Stored<MatchRecord>) => Promise<WriteAttempt<ReadyCheck>>,
    changing: readonly MatchRecord['state'][] = ['proposed'],
  ): Promise<ReadyCheck> {
    return untilStored(this.store, async () => {
      // A very quick answer comes before a replica of NATS has the match.
      const match = await readAgain(() => this.store.readMatch(matchId));
      if (!match?.record.teams.flat().includes(player)) throw GameErrors.NOT_FOUND();
      const { state, acceptUntil = 0 } = match.record;
      const now = this.store.clock.now();
      const isOver = !changing.includes(state) || (state === 'proposed' && acceptUntil < now);
      return isOver ? { done: answerOf(match.record, now) } : next(match);
    });
  }

  private async accepted(
    { record, seq }: Stored<MatchRecord>,
    player: string,
  ): Promise<WriteAttempt<ReadyCheck>> {
    const now = this.store.clock.now();
    const before = record.accepted ?? [];
    if (before.includes(player)) return { done: answerOf(record, now) };
    const next: MatchRecord = { ...record, accepted: [...before, player] };
    const players = record.teams.flat();
    if (next.accepted?.length !== players.length)
      return { write: [matchMessage(next, seq)], then: answerOf(next, now) };
    const allocator = this.allocators.allocatorOf(record.mode);
    if (allocator) {
      const asking: MatchRecord = {
        ...next,
        state: 'allocating',
        allocateUntil: now + allocator.patienceMs,
      };
      return { write: [matchMessage(asking, seq)], then: answerOf(asking, now) };
    }
    const formed = confirmMatch({ record: next, seq }, await ticketsOfMatch(this.store, { record, seq }));
    if (!formed) return { done: { ...answerOf(record, now), outcome: 'over' } };
    return { write: formed.messages, then: answerOf(formed.record, now) };
  }

  private async declined(match: Stored<MatchRecord>, player: string): Promise<WriteAttempt<ReadyCheck>> {
    const now = this.store.clock.now();
    const stored = await ticketsOfMatch(this.store, match);
    const { record, messages } = cancelMatch(match, stored, 'declined', [player]);
    return { write: messages, then: answerOf(record, now) };
  }

  private inTurn<T>(matchId: string, work: () => Promise<T>): Promise<T> {
    const mine = (this.tails.get(matchId) ?? Promise.resolve()).then(work, work);
    this.tails.set(matchId, mine);
    const forget = (): void => {
      if (this.tails.get(matchId) === mine) this.tails.delete(matchId);
    };
    mine.then(forget, forget);
    return mine;
  }
}

function answerOf({ state, accepted = [], teams, acceptUntil = 0 }: MatchRecord, now: number): ReadyCheck {
  const players = teams.flat().length;
  const isWaiting = state === 'proposed' && acceptUntil >= now;
  const isComplete = state === 'allocating' || state === 'formed' || state === 'announced';
  return {
    outcome: isWaiting ? 'waiting' : isComplete ? 'complete' : 'over',
    accepted: accepted.length,
    players,
  };
}
