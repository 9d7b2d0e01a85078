import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import {
  type FenceRecord,
  matchesStream,
  type MatchRecord,
  type TicketRecord,
} from '@ccgame/matchmaker/store';
import { type MatchedPush } from '@ccgame/matchmaker';
import { type StoredMessage, StreamFollower } from '@ccgame/jetstream';
import { type NatsHealth } from '@ccgame/nats';
import type { AgonesAllocation } from '@ccgame/matchmaker';
import type { Acknowledged, History, StoredEvent, Told } from './history.js';

const pushStream = 'PUSH';

type PushListener = (route: string, matchId: string) => void;

/** Has the stream of matches keep every message, not only each subject's newest, as an operator may. */
export async function keepHistory(nats: NatsConnection): Promise<void> {
  const manager = await jetstreamManager(nats);
  await manager.streams.update(matchesStream.name, { max_msgs_per_subject: -1 });
}

/** Writes down what the stream of matches and the players' logs hold, across restarts of NATS. */
export class Recorder {
  readonly acknowledged: Acknowledged[] = [];
  readonly events: StoredEvent[] = [];
  private readonly told: Told[] = [];
  private readonly followers: StreamFollower[];
  private readonly listeners = new Map<string, PushListener>();
  private onMatched: (match: MatchedPush) => void = () => {};

  constructor(nats: NatsConnection, health: NatsHealth) {
    this.followers = [
      new StreamFollower(nats, health, {
        stream: matchesStream.name,
        onMessage: (message) => this.events.push(...eventOf(message)),
      }),
      new StreamFollower(nats, health, { stream: pushStream, onMessage: (message) => this.push(message) }),
    ];
  }

  get history(): Omit<History, 'asked' | 'notified'> {
    const { events, acknowledged, told } = this;
    return { events, acknowledged, told };
  }

  /** Calls back with each new match, once for each of its players. */
  onMatch(listener: (match: MatchedPush) => void): void {
    this.onMatched = listener;
  }

  /** Calls back with each push to the player. */
  onPush(player: string, listener: PushListener): void {
    this.listeners.set(player, listener);
  }

  async close(): Promise<void> {
    await Promise.all(this.followers.map((follower) => follower.close()));
  }

  private push(message: StoredMessage): void {
    const [, , player = ''] = message.subject.split('.');
    const { route, data } = message.json<{ route: string; data: MatchedPush }>();
    if (route === 'matched') this.matched(player, data);
    this.listeners.get(player)?.(route, data.matchId);
  }

  private matched(player: string, match: MatchedPush): void {
    const { matchId, isBackfill, allocation } = match;
    this.told.push({ player, matchId, ...(isBackfill && { isBackfill }), ...gameServerOf(allocation) });
    if (!isBackfill) this.onMatched(match);
  }
}

const gameServerOf = (allocation: unknown): { gameServer: string } | undefined =>
  allocation === undefined ? undefined : { gameServer: (allocation as AgonesAllocation).gameServer };

function eventOf(message: StoredMessage): StoredEvent[] {
  const [, kind, player = ''] = message.subject.split('.');
  const place = { seq: message.seq, storedAt: message.storedAt };
  if (kind === 'ticket') return [{ ...place, kind, player, record: message.json<TicketRecord>() }];
  if (kind === 'fence') return [{ ...place, kind, record: message.json<FenceRecord>() }];
  if (kind === 'created') return [{ ...place, kind: 'match', record: message.json<MatchRecord>() }];
  return [];
}
