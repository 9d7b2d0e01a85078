import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { type FenceRecord, matchesStream, type MatchRecord, type TicketRecord } from '#contracts';
import { ensureStream, type NatsHealth, type StoredMessage, StreamFollower } from '#rpc';
import type { Acknowledged, History, StoredEvent, Told } from './history.js';

const pushStream = 'PUSH';

type PushListener = (route: string, matchId: string) => void;

/** Makes the stream of matches so that it keeps every message, not only each subject's newest. */
export async function keepHistory(nats: NatsConnection): Promise<void> {
  const manager = await jetstreamManager(nats);
  await ensureStream(manager, { ...matchesStream, max_msgs_per_subject: -1 });
}

/** Writes down what the stream of matches and the players' logs hold, across restarts of NATS. */
export class Recorder {
  readonly acknowledged: Acknowledged[] = [];
  readonly events: StoredEvent[] = [];
  private readonly told: Told[] = [];
  private readonly followers: StreamFollower[];
  private readonly listeners = new Map<string, PushListener>();

  constructor(nats: NatsConnection, health: NatsHealth) {
    this.followers = [
      new StreamFollower(nats, health, {
        stream: matchesStream.name,
        onMessage: (message) => this.events.push(...eventOf(message)),
      }),
      new StreamFollower(nats, health, { stream: pushStream, onMessage: (message) => this.push(message) }),
    ];
  }

  get history(): History {
    const { events, acknowledged, told } = this;
    return { events, acknowledged, told };
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
    const { route, data } = message.json<{ route: string; data: { matchId: string } }>();
    if (route === 'matched') this.told.push({ player, matchId: data.matchId });
    this.listeners.get(player)?.(route, data.matchId);
  }
}

function eventOf(message: StoredMessage): StoredEvent[] {
  const [, kind, player = ''] = message.subject.split('.');
  const place = { seq: message.seq, storedAt: message.storedAt };
  if (kind === 'ticket') return [{ ...place, kind, player, record: message.json<TicketRecord>() }];
  if (kind === 'fence') return [{ ...place, kind, record: message.json<FenceRecord>() }];
  if (kind === 'created') return [{ ...place, kind: 'match', record: message.json<MatchRecord>() }];
  return [];
}
