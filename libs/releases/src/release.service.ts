import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  Logger,
  type OnModuleInit,
} from '@nestjs/common';
import type { NatsConnection } from '@nats-io/nats-core';
import { Config, isVersion, isVersionLabel } from '@ccgame/config';
import { GameErrors } from '@ccgame/protocol';
import { ensureAlways, type StoredMessage, StreamFollower } from '@ccgame/jetstream';
import { NATS_CONNECTION, NatsHealth } from '@ccgame/nats';
import { type ChosenVersion, chooseVersion, type ClientFacts } from './choose-version.js';
import { metrics } from './metrics.js';
import { showTable } from './show-table.js';
import { ReleaseStore, releasesBucket } from './release-store.js';
import { parseRecord } from './table-problems.js';
import type { ReleaseRecord, ReleaseTable } from './table.js';

type Listener = (table: ReleaseTable) => void;

/**
 * This server's view of its channel's release table, at most a moment old. It outlives NATS: without it the last known
 * table stays in force. A channel without a table serves whatever version is asked for.
 */
@Injectable()
export class ReleaseService implements OnModuleInit, BeforeApplicationShutdown {
  private readonly log = new Logger('releases');
  private readonly listeners = new Set<Listener>();
  private newest?: ReleaseRecord;
  private table?: ReleaseTable;
  private follower?: StreamFollower;

  constructor(
    @Inject(NATS_CONNECTION) private readonly nats: NatsConnection,
    private readonly health: NatsHealth,
  ) {}

  async onModuleInit(): Promise<void> {
    await ensureAlways(this.health, () => ReleaseStore.open(this.nats), { name: `KV_${releasesBucket}` });
    // All that the bucket keeps, as the newest that is sound is the one in force.
    this.follower = new StreamFollower(this.nats, this.health, {
      stream: `KV_${releasesBucket}`,
      subject: `$KV.${releasesBucket}.${Config.CHANNEL}`,
      expecting: true,
      onReset: () => this.tableLost(),
      onMessage: (message) => this.readRecord(message),
      onCurrent: () => this.adoptNewest(),
    });
    await this.follower.caughtUp;
    this.adoptNewest();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.follower?.close();
  }

  /** The record that is in force, as JSON. It outlives the bucket. Undefined while the channel has none. */
  rememberedRecord(): string | undefined {
    return this.newest && JSON.stringify(this.newest);
  }

  /** Undefined while the channel has none. */
  currentTable(): ReleaseTable | undefined {
    return this.table;
  }

  /** Calls `listener` with each new table. Returns what ends that. */
  onChange(listener: Listener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** @throws RpcError VERSION_GONE, see `chooseVersion` */
  chooseFor(client: ClientFacts): ChosenVersion {
    if (this.table) return chooseVersion(this.table, client);
    const { requested } = client;
    if (requested === undefined) return { version: Config.VERSION, because: 'stable' };
    if (isVersionLabel(requested)) return { version: requested, because: 'requested' };
    throw GameErrors.VERSION_GONE({ details: { detail: 'This is no version.', use: Config.VERSION } });
  }

  /**
   * Whether a session of one version may call servers of another.
   *
   * @throws RpcError VERSION_GONE when the other is not served, or is of another group, or the own one is retired
   */
  assertCallable(from: string, to: string): void {
    if (!this.table) return;
    const other = this.table.versions[to];
    if (from === to && other?.state !== 'retired') return;
    if (other?.state !== 'live' && other?.state !== 'draining') {
      const detail = `Version ${to} is ${other?.state ?? 'unknown'}; use ${this.table.stable}.`;
      throw GameErrors.VERSION_GONE({ details: { detail, use: this.table.stable } });
    }
    assertOneGroup(this.table, from, to);
  }

  /**
   * The version whose servers of a type answer for a version: the table's fallback, or itself.
   *
   * @throws RpcError VERSION_GONE when the caller's version is of another group. A version that the table doesn't know, as
   *   `latest` of a type that is not released by versions, may be called by all.
   */
  readonly resolveVersion = (serverType: string, version: string, caller: string): string => {
    if (!this.table) return version;
    if (version !== caller && this.table.versions[version]) assertOneGroup(this.table, caller, version);
    return this.table.fallbacks[serverType]?.[version] ?? version;
  };

  /** The version whose servers of a type go on with the entities of a version; undefined: that one keeps them. */
  heirOf(serverType: string, version: string): string | undefined {
    const { versions = {}, fallbacks = {} } = this.table ?? {};
    const seen = new Set([version]);
    let heir = versions[version]?.movesTo;
    while (heir !== undefined && versions[heir]?.movesTo !== undefined && !seen.has(heir)) {
      seen.add(heir);
      heir = versions[heir].movesTo;
    }
    const serving = heir && (fallbacks[serverType]?.[heir] ?? heir);
    return serving === version ? undefined : serving;
  }

  /** Whether no server of a version is left, nor will be. The table has forgotten a released one that was retired long ago. */
  isRetired(version: string): boolean {
    if (!this.table) return false;
    const entry = this.table.versions[version];
    return entry ? entry.state === 'retired' : isVersion(version);
  }

  private readRecord(message: StoredMessage): void {
    try {
      this.newest = parseRecord(message.json(), Config.CHANNEL);
    } catch (error) {
      metrics.broken.set(1);
      return this.log.error({ event: 'releases.broken', sequence: message.seq, err: error });
    }
    metrics.broken.set(0);
    // Read again from the start, as after a restore, the older tables come first: none of them is in force.
    if (this.follower?.isCurrent) this.adoptNewest();
  }

  /** NATS lost its files: what is in force stays so, and somebody has to write it again. */
  private tableLost(): void {
    if (!this.table) return;
    metrics.broken.set(1);
    this.log.error({ event: 'releases.lost', stable: this.table.stable });
  }

  private adoptNewest(): void {
    if (!this.newest) return;
    const { table, action, who } = this.newest;
    if (JSON.stringify(table) === JSON.stringify(this.table)) return;
    this.table = table;
    showTable(table);
    this.log.log({ event: 'releases.changed', stable: table.stable, action, who });
    for (const listener of this.listeners) this.tell(listener, table);
  }

  /** A listener with a fault says nothing of the table, and keeps no other from it. */
  private tell(listener: Listener, table: ReleaseTable): void {
    try {
      listener(table);
    } catch (error) {
      this.log.error({ event: 'releases.listener-failed', err: error });
    }
  }
}

function assertOneGroup({ versions }: ReleaseTable, from: string, to: string): void {
  if (versions[from]?.group === versions[to]?.group) return;
  throw GameErrors.VERSION_GONE({
    details: { detail: `Versions ${from} and ${to} don't share servers.`, use: from },
  });
}
