import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { NatsConnection } from '@nats-io/nats-core';
import {
  AckedPublisher,
  type BucketEntry,
  DirectReader,
  isAway,
  KeyValueBucket,
  NatsClock,
} from '@ccgame/jetstream';
import { isName } from '@ccgame/config';
import { NATS_CONNECTION, NatsHealth, noteUnreadable } from '@ccgame/nats';
import { checkName, defineErrors, RpcError } from '@ccgame/rpc';

/** The bucket that says in which room of a kind a player is. */
export const bindingsBucket = 'bindings';
/** Two million players who are bound; one more is refused. */
export const bindingsBytes = 256 * 2 ** 20;
/** A binding that its room couldn't take back, as it was killed while it ended, goes by itself. Rooms renew the others. */
const keptForSeconds = 30 * 86_400;
const goneAfterSeconds = 1;
/** A write is heard a moment before it is stored: until then nothing that is read is kept. */
const unsureMs = 1_000;
const mostKept = 100_000;
/** A cluster of NATS may lose the hint of a write: a record is read again after so long there. A room that the player has left refuses before that. */
const knownForMs = 30_000;

/** Errors of routes that are for the room which a player is in. */
export const BindingErrors = defineErrors({
  TOO_EARLY: { message: "The player's call before this one has not come yet", status: 409 },
  NOT_BOUND: { message: 'The player is in no room of the kind that the route is for', status: 409 },
});

/** In which room of a kind a player is, so that a player's message need not name it. Rooms bind their members; connectors read. */
@Injectable()
export class Bindings implements OnApplicationShutdown {
  private readonly publisher: AckedPublisher;
  private readonly reader: DirectReader;
  private readonly bucket: KeyValueBucket;
  /** Records that were read, by the key of the bucket; only where changes are heard. */
  private readonly known = new Map<string, { id: string; until: number }>();
  private readonly unsureUntil = new Map<string, number>();
  private isDeaf = false;
  private endings: (() => void)[] = [];

  constructor(
    @Inject(NATS_CONNECTION) private readonly nats: NatsConnection,
    private readonly health: NatsHealth,
    private readonly clock: NatsClock,
  ) {
    this.publisher = new AckedPublisher(nats, health);
    this.reader = new DirectReader(nats, health);
    this.bucket = new KeyValueBucket(bindingsBucket, nats, this.publisher, this.reader);
  }

  /** Makes the bucket where there is none. To be called where players are bound. */
  open(): Promise<void> {
    return this.bucket.open(this.health, bindingsBytes);
  }

  /** @param kind `<server type>.<entity>` @throws RpcError INVALID; NotStored */
  async bind(playerId: string, kind: string, id: string): Promise<void> {
    await this.bucket.put(keyOf(playerId, kind), checkName('entityId', id), keptForSeconds);
  }

  /** Does nothing where the player is bound to another one by now. */
  async unbind(playerId: string, kind: string, id: string): Promise<void> {
    const key = keyOf(playerId, kind);
    const entry = await this.bucket.get(key);
    if (entry?.value === id) await this.bucket.compareAndSet(key, '', entry.revision, goneAfterSeconds);
  }

  /** A binding that would go by itself in two weeks stays for a month more. Does nothing where the player was unbound, or bound to another one. */
  async renew(playerId: string, kind: string, id: string): Promise<void> {
    const key = keyOf(playerId, kind);
    const entry = await this.bucket.get(key);
    const isYoung = entry !== undefined && this.clock.now() - entry.storedAt < (keptForSeconds * 1_000) / 2;
    if (isYoung || (entry && entry.value !== id)) return;
    await this.bucket.compareAndSet(key, id, entry?.revision ?? 0, keptForSeconds);
  }

  /** @throws RpcError NOT_BOUND; NO_SERVER while NATS is away */
  async boundTo(playerId: string, kind: string): Promise<string> {
    const id = await this.findBound(playerId, kind);
    if (id === undefined) throw BindingErrors.NOT_BOUND();
    return id;
  }

  /** Undefined for a player who is bound to none. @throws RpcError NO_SERVER while NATS is away */
  async findBound(playerId: string, kind: string): Promise<string | undefined> {
    this.hearChanges();
    const key = keyOf(playerId, kind);
    const known = this.known.get(key);
    if (known && performance.now() < known.until) return known.id;
    const entry = await this.bucket.get(key).catch(refuseUnread);
    const id = entry && idIn(entry);
    if (id === undefined) return undefined;
    if (!this.isDeaf && performance.now() > (this.unsureUntil.get(key) ?? 0)) this.keep(key, id);
    return id;
  }

  /** The record that was read may be old. */
  forget(playerId: string, kind: string): void {
    this.known.delete(keyOf(playerId, kind));
  }

  onApplicationShutdown(): void {
    for (const end of this.endings) end();
    this.bucket.close();
    this.publisher.close();
    this.reader.close();
  }

  private keep(key: string, id: string): void {
    this.unsureUntil.delete(key);
    const until = this.health.isClustered ? performance.now() + knownForMs : Infinity;
    this.known.set(key, { id, until });
    if (this.known.size > mostKept) this.known.clear();
  }

  /** NATS doesn't permit it: everything is read each time. */
  private noteDeaf(): void {
    this.isDeaf = true;
    this.known.clear();
  }

  /** From the first question on: where nobody asks, nothing is kept. */
  private hearChanges(): void {
    if (this.endings.length > 0) return;
    const prefix = `$KV.${bindingsBucket}.`;
    const hearing = this.nats.subscribe(`${prefix}>`, {
      callback: (error, { subject }) => {
        if (error) return this.noteDeaf();
        const key = subject.slice(prefix.length);
        this.known.delete(key);
        if (this.unsureUntil.size > mostKept) this.unsureUntil.clear();
        this.unsureUntil.set(key, performance.now() + unsureMs);
      },
    });
    // A change may go by while NATS is away.
    this.endings = [() => hearing.unsubscribe(), this.health.onChange(() => this.known.clear())];
  }
}

/** Undefined: the player was unbound, or what stands there names no room. */
function idIn({ key, value, revision }: BucketEntry): string | undefined {
  if (isName('entityId', value)) return value;
  if (value !== '') noteUnreadable('binding', `$KV.${bindingsBucket}.${key}`, revision);
  return undefined;
}

function refuseUnread(error: unknown): never {
  throw isAway(error) ? new RpcError('NO_SERVER', { cause: error }) : error;
}

function keyOf(playerId: string, kind: string): string {
  return `${checkName('playerId', playerId)}.${kind}`;
}
