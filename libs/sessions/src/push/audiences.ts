import type { NatsConnection } from '@nats-io/nats-core';
import type { BucketEntry, DirectReader } from '@ccgame/jetstream';
import type { NatsHealth } from '@ccgame/nats';
import { groupsBucket, groupsBytes, membersOf } from '../groups/members.js';
import type { AckedPublisher } from '@ccgame/jetstream';
import { KeyValueBucket } from '@ccgame/jetstream';
import { orBusy } from '../or-busy.js';
import { recordOf, sessionsBucket, sessionsBytes } from '../claims/session-record.js';

/** Finds the players of a group or a version at this moment. */
export class Audiences {
  private readonly groups: KeyValueBucket;
  private readonly sessions: KeyValueBucket;

  constructor(nats: NatsConnection, publisher: AckedPublisher, reader: DirectReader) {
    this.groups = new KeyValueBucket(groupsBucket, nats, publisher, reader);
    this.sessions = new KeyValueBucket(sessionsBucket, nats, publisher, reader);
  }

  async open(health: NatsHealth): Promise<void> {
    await Promise.all([this.groups.open(health, groupsBytes), this.sessions.open(health, sessionsBytes)]);
  }

  close(): void {
    this.groups.close();
    this.sessions.close();
  }

  ofGroup(group: string): Promise<string[]> {
    return membersOf(this.groups, group);
  }

  /** @param version undefined: every version @throws RpcError BUSY when NATS does not answer */
  ofVersion(version: string | undefined): Promise<string[]> {
    const fits = (entry: BucketEntry) => !version || recordOf(entry)?.version === version;
    return orBusy(() => this.sessions.list('*', (entry) => (fits(entry) ? entry.key : undefined)));
  }
}
