import { Logger } from '@nestjs/common';
import type { Msg, NatsConnection, Subscription } from '@nats-io/nats-core';
import { DirectReader, type StoredMessage } from '@ccgame/jetstream';
import { type NatsHealth, noteRetry } from '@ccgame/nats';
import { rpcContext } from '@ccgame/rpc';
import { ConnectorWatch } from './connector-watch.js';
import { readRecords } from './read-records.js';
import { type SeenSession, seenIn } from './seen-session.js';
import {
  isSameSocket,
  readSession,
  type SessionRecord,
  sessionIn,
  sessionsBucket,
} from './session-record.js';

/** Undefined: there is no session, or none any more. */
export type OnSession = (seen: SeenSession | undefined) => void;

interface Watched {
  listeners: Set<OnSession>;
  /** Left out where all are heard. */
  subscription?: Subscription;
  /** The sequence of the record that was read last; -1: none was. */
  seq: number;
  record?: SessionRecord;
  /** A write was heard, or the connection was away: read until then, by `performance.now()`. */
  readUntil: number;
  /** The last write, as it was heard: the record is read until it says the same. */
  awaited?: SessionRecord;
  /** An older record was read than before: until then it is taken for that of a replica of NATS that is behind. */
  doubtUntil?: number;
  /** The first record that was read may be that of such a replica, too: it is read again at the next look. */
  isFirst: boolean;
}

const prefix = `$KV.${sessionsBucket}.`;
const pageSize = 1_000;
/** A write is heard a moment before it is stored; one that is refused is heard, but never stored. */
const awaitedMs = 1_000;
const pauseMs = { first: 3, again: 25, away: 250 };
/** Records run out without a word: those of players who are away are looked at so often, and all others once, or in turn in a cluster of NATS. */
const lookEveryMs = 15_000;
const decoder = new TextDecoder();

/**
 * Tells how players' sessions change, from the records that connectors write. Nothing is asked for as long as nothing happens: a write
 * is heard on its subject, and the record is read then. A connector that has died writes nothing any more: NATS says so.
 */
export class SessionWatch {
  private readonly log = new Logger('sessions');
  private readonly watched = new Map<string, Watched>();
  private readonly wanted = new Set<string>();
  private readonly reader: DirectReader;
  private readonly connectors: ConnectorWatch;
  private readonly unwatch: () => void;
  private readonly looks: NodeJS.Timeout;
  private readonly all?: Subscription;
  /** Until what it reads is there. */
  private timer?: NodeJS.Timeout;
  /** The place in `watched` where the next page begins. */
  private turn = 0;
  private isClosed = false;

  /** @param onStranger hears of each write for a player who is not watched: all are heard by one subscription then */
  constructor(
    private readonly nats: NatsConnection,
    private readonly health: NatsHealth,
    private readonly onStranger?: (playerId: string, written: SessionRecord) => void,
  ) {
    if (onStranger) this.all = this.hear('*');
    this.reader = new DirectReader(nats, health);
    this.connectors = new ConnectorWatch(nats, health, (serverId) => this.connectorGone(serverId));
    this.looks = setInterval(() => this.lookForEnds(), lookEveryMs).unref();
    this.unwatch = health.onChange((connected) => {
      if (connected) for (const playerId of this.watched.keys()) this.want(playerId, pauseMs.first);
    });
  }

  /**
   * Calls `listener` with what there is, and then with each change: once, in order.
   *
   * @param written what `onStranger` heard
   * @returns what ends that
   */
  watchSession(playerId: string, listener: OnSession, written?: SessionRecord): () => void {
    const watched = this.watched.get(playerId) ?? this.begin(playerId, written);
    watched.listeners.add(listener);
    if (watched.seq >= 0) listener(seenIn(watched.record));
    return () => {
      watched.listeners.delete(listener);
      if (watched.listeners.size === 0) this.end(playerId, watched);
    };
  }

  close(): void {
    this.isClosed = true;
    clearTimeout(this.timer);
    clearInterval(this.looks);
    this.unwatch();
    this.connectors.close();
    this.all?.unsubscribe();
    for (const [playerId, watched] of this.watched) this.end(playerId, watched);
    this.reader.close();
  }

  private begin(playerId: string, awaited?: SessionRecord): Watched {
    const subscription = this.all ? undefined : this.hear(playerId);
    const watched: Watched = {
      listeners: new Set(),
      subscription,
      seq: -1,
      readUntil: 0,
      awaited,
      isFirst: true,
    };
    this.watched.set(playerId, watched);
    this.want(playerId, pauseMs.first);
    return watched;
  }

  private end(playerId: string, watched: Watched): void {
    watched.subscription?.unsubscribe();
    this.connectors.leave(watched.record?.serverId);
    this.watched.delete(playerId);
    this.wanted.delete(playerId);
  }

  /** @param which a player's id, or `*` */
  private hear(which: string): Subscription {
    return this.nats.subscribe(prefix + which, {
      callback: (error, message) => {
        if (error) this.log.error({ event: 'session.watch.refused', reason: error.message });
        else this.noteHeard(message);
      },
    });
  }

  private noteHeard({ subject, data }: Msg): void {
    const written = data.length > 0 ? sessionIn(decoder.decode(data)) : undefined;
    // Nothing is told by what is no record: its connector writes the session again.
    if (data.length > 0 && !written) return;
    const playerId = subject.slice(prefix.length);
    const watched = this.watched.get(playerId);
    if (!watched) return written && this.onStranger?.(playerId, written);
    // A renewal. A write is believed by hearsay only where it changes nothing.
    if (isSameSocket(watched.record, written)) return;
    watched.awaited = written;
    this.want(playerId, pauseMs.first);
  }

  private want(playerId: string, afterMs: number): void {
    const watched = this.watched.get(playerId);
    if (!watched || this.isClosed) return;
    watched.readUntil = performance.now() + awaitedMs;
    this.wanted.add(playerId);
    this.readSoon(afterMs);
  }

  /** Once, as nothing is on its way. */
  private lookForEnds(): void {
    const unheard = this.nextInTurn();
    for (const [playerId, watched] of this.watched) {
      const isDue = watched.isFirst || watched.record?.isConnected === false || unheard.has(playerId);
      if (!isDue || this.wanted.has(playerId)) continue;
      watched.isFirst = false;
      watched.readUntil = 0;
      this.wanted.add(playerId);
    }
    if (this.wanted.size > 0) this.readSoon(pauseMs.first);
  }

  /** In a cluster of NATS a write may go by unheard while the connection lasts: a page of all players is looked at each time. */
  private nextInTurn(): Set<string> {
    if (!this.health.isClustered) return new Set();
    const page = [...this.watched.keys()].slice(this.turn, this.turn + pageSize);
    this.turn = page.length < pageSize ? 0 : this.turn + pageSize;
    return new Set(page);
  }

  private readSoon(afterMs: number): void {
    if (this.isClosed) return;
    // All who listen are called from there, whoever watched first.
    this.timer ??= rpcContext.runOutside(() => setTimeout(() => void this.readNow(), afterMs));
  }

  private async readNow(): Promise<void> {
    const nextMs = await this.readWanted();
    this.timer = undefined;
    if (this.wanted.size > 0) this.readSoon(nextMs);
  }

  /** @returns after how many ms those that are still wanted may be there */
  private async readWanted(): Promise<number> {
    const page: string[] = [];
    // Not from a copy of all: where many are wanted, each page would cost as much as they do.
    for (const playerId of this.wanted) if (page.push(playerId) === pageSize) break;
    try {
      const found = new Map<string, StoredMessage>();
      await readRecords(this.reader, page, (playerId, message) => found.set(playerId, message));
      for (const playerId of page) this.noteFound(playerId, found.get(playerId));
      return pauseMs.again;
    } catch (error) {
      // NATS is away, or no connector has ever run.
      noteRetry('session-watch', error);
      return pauseMs.away;
    }
  }

  private noteFound(playerId: string, message: StoredMessage | undefined): void {
    const record = message && readSession(decoder.decode(message.data), message.subject, message.seq);
    const isUnreadable = message !== undefined && message.data.length > 0 && !record;
    // It stays known as it was.
    if (isUnreadable && this.watched.get(playerId)?.record) this.wanted.delete(playerId);
    else this.noteRead(playerId, message?.seq ?? 0, record);
  }

  private noteRead(playerId: string, seq: number, record: SessionRecord | undefined): void {
    const watched = this.watched.get(playerId);
    if (!watched) return void this.wanted.delete(playerId);
    if (this.isBehind(watched, seq)) return;
    const isNew = seq !== watched.seq;
    // When two writes follow each other, the first may be all that is stored by now.
    const isThere = watched.awaited ? isSameSocket(record, watched.awaited) : isNew;
    if (isThere || performance.now() > watched.readUntil) {
      watched.awaited = undefined;
      this.wanted.delete(playerId);
    }
    if (!isNew) return;
    // The mark that it ended has run out.
    const isStillNone = watched.seq > 0 && !watched.record && !record;
    this.connectors.leave(watched.record?.serverId);
    this.connectors.enter(record?.serverId);
    watched.seq = seq;
    watched.record = record;
    if (!isStillNone) for (const listener of watched.listeners) listener(seenIn(record));
  }

  /** A player who is away has none one day, and one that stays behind is of a bucket that was made anew. */
  private isBehind(watched: Watched, seq: number): boolean {
    const isOlder = seq < watched.seq && (seq > 0 || watched.record?.isConnected === true);
    const now = performance.now();
    watched.doubtUntil = isOlder ? (watched.doubtUntil ?? now + awaitedMs) : undefined;
    return watched.doubtUntil !== undefined && now < watched.doubtUntil;
  }

  /** Its players are away, until they are somewhere else. */
  private connectorGone(serverId: string): void {
    for (const { record, listeners } of this.watched.values()) {
      if (record?.serverId !== serverId || !record.isConnected) continue;
      record.isConnected = false;
      record.why = 'connector-gone';
      for (const listener of listeners) listener(seenIn(record));
    }
  }
}
