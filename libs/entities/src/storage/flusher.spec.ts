import { setImmediate as nextTurn } from 'node:timers/promises';
import { connect } from '@nats-io/transport-node';
import type { NatsConnection } from '@nats-io/nats-core';
import { NatsHealth } from '@ccgame/nats';
import { FencedPartition } from '@ccgame/ownership';
import { rpcContext } from '@ccgame/rpc';
import { type NatsServer, startNats, untilHolds } from '@ccgame/testing';
import { acquirePartition } from '../../test/acquire-partition.js';
import { Entity, Handles, markOf, Room } from '../contract/decorators.js';
import { entity } from '../contract/entity-contract.js';
import { EntityOf, RoomOf } from '../live/entity-of.js';
import { HeldEntity } from '../memory/held-entity.js';
import { restorePartition } from '../memory/restore-partition.js';
import type { StoredInput } from '../live/records.js';
import type { EntityStore, PartitionStore } from './entity-store.js';
import { FlushRounds } from './flush-rounds.js';
import { Flusher } from './flusher.js';
import { jetStreamStore } from './jetstream/jetstream-store.js';
import { LogRing, ringSlots } from './log-ring.js';
import { PartitionSubjects } from './partition-subjects.js';
import { PendingInput } from './pending-input.js';

const version = '1.0.0000';
const clicker = entity({ serverType: 'play', name: 'clicker' });
const click = clicker.serverHandler('click', { result: Number });

/** Its state is stored where its place in the log is wanted again, and not before. */
@Entity(clicker, { checkpointMs: 600_000 })
class Clicker extends EntityOf<{ clicks: number }> {
  create(): { clicks: number } {
    return { clicks: 0 };
  }

  @Handles(click)
  click(): number {
    return (this.state.clicks += 1);
  }
}

const table = entity({ serverType: 'play', name: 'table' });
const press = table.clientHandler('press', { result: Number });

@Room(table, { tickHz: 20, checkpointMs: 600_000 })
class Table extends RoomOf<{ presses: number }> {
  create(): { presses: number } {
    return { presses: 0 };
  }

  @Handles(press)
  press(): number {
    return (this.state.presses += 1);
  }

  tick(): void {}
}

const noHangs = { read: () => Promise.resolve(), hangsOf: () => [] };
const kind = { mark: markOf(Clicker), construct: () => Promise.resolve(new Clicker()) };
const tables = { mark: markOf(Table), construct: () => Promise.resolve(new Table()) };

describe('the inputs of a partition', () => {
  let nats: NatsServer;
  let connection: NatsConnection;
  let store: EntityStore;

  beforeAll(async () => {
    nats = await startNats();
    connection = await connect({ servers: nats.address });
    store = jetStreamStore()({ nats: connection, health: new NatsHealth(connection), serverType: 'play' });
    await store.open();
  });
  afterAll(async () => {
    await store.close();
    await connection.close();
    await nats.destroy();
  });

  async function own(incarnation: string): Promise<{ partition: PartitionStore; fenced: FencedPartition }> {
    const subjects = new PartitionSubjects('play', version, 'p0');
    const partition = store.partition(subjects, { serverId: 'one', incarnation });
    await partition.readHolder();
    const events = { onOwned: () => undefined, onLost: () => undefined };
    const fenced = new FencedPartition(subjects.name, partition, events);
    await acquirePartition(fenced);
    return { partition, fenced };
  }

  function open(
    { subjects }: PartitionStore,
    fenced: FencedPartition,
    onStored: (one: HeldEntity) => void = () => undefined,
  ): (id: string) => Promise<void> {
    const held = new Map<string, HeldEntity>();
    const ring = LogRing.fromLog([]);
    const onLost = (): void => undefined;
    const readStored = () => Promise.reject(new Error('Nobody else writes'));
    const parts = { fenced, ring, subjects, rounds: new FlushRounds(), readStored, held };
    const flusher = new Flusher({ ...parts, hasRooms: false, onStored, onLost });
    const apply = (id: string): Promise<void> => {
      const key = `clicker.${id}`;
      const one = held.get(key) ?? holdEntity(key, { seq: 0 });
      held.set(key, one);
      const n = one.live.n + 1;
      const input =
        n === 1 ? { n, h: '', b: 'create' as const, at: 1, seed: 1, birth: id } : { n, h: 'click', at: n };
      const pending = new PendingInput(one, input, JSON.stringify(input), one.live.apply(input));
      one.markDirty();
      flusher.add(pending);
      return pending.stored;
    };
    return apply;
  }

  it('are all found by a successor, when a place of the log that held a crowd was taken again', async () => {
    const { partition, fenced } = await own('1');
    const apply = open(partition, fenced);
    const crowd = Array.from({ length: 800 }, (_, index) => `crowd-${index}`);
    await Promise.all(crowd.map((id) => apply(id)));
    await Promise.all(crowd.map((id) => apply(id)));
    for (let flushes = 0; flushes < ringSlots; flushes += 1) await apply('busy');

    // Its server was killed.
    const { partition: next } = await own('2');
    const found = new Map<string, HeldEntity>();
    await restorePartition(next.image, noHangs, async (key) => {
      const one = holdEntity(key, await next.readState(key, false, 0));
      found.set(key, one);
      return one;
    });
    const clicksOf = async (id: string): Promise<unknown> => {
      const key = `clicker.${id}`;
      const one = found.get(key) ?? holdEntity(key, await next.readState(key, false, 0));
      return (one.live.instance.state as { clicks?: number } | undefined)?.clicks;
    };
    const clicks = await Promise.all(crowd.map(clicksOf));
    expect(crowd.filter((_, index) => clicks[index] !== 1)).toEqual([]);
    expect(await clicksOf('busy')).toBe(ringSlots - 1);
  });

  it('are stored, and what they send leaves, in the context of their own call', async () => {
    const { partition, fenced } = await own('3');
    const uidNow = (): string | undefined => rpcContext.get().attributes.uid;
    const sent: string[] = [];
    const batches: (string | undefined)[] = [];
    const apply = open(partition, fenced, ({ id }) => sent.push(`${id} by ${uidNow()}`));
    const commit = fenced.commit.bind(fenced);
    jest.spyOn(fenced, 'commit').mockImplementation((messages) => {
      batches.push(uidNow());
      return commit(messages);
    });
    const applyAs = (uid: string): Promise<void> =>
      rpcContext.run({ attributes: { uid } }, () => apply(`of-${uid}`));
    const first = applyAs('anna');
    await untilHolds(() => batches.length === 1);
    const others = [applyAs('ben'), applyAs('cleo'), apply('of-nobody')];
    await Promise.all([first, ...others]);
    await rpcContext.run({ attributes: { uid: 'dora' } }, () => apply('of-dora'));
    expect(batches).toEqual(['anna', 'ben', 'dora']);
    expect(sent).toEqual([
      'of-anna by anna',
      'of-ben by ben',
      'of-cleo by cleo',
      'of-nobody by undefined',
      'of-dora by dora',
    ]);
  });

  it('may wait for others where they are of players in a room, few, and nothing else is to be stored', async () => {
    const { partition, fenced } = await own('4');
    const held = new Map([['table.t1', holdTable('table.t1')]]);
    const rounds = new FlushRounds();
    const asked = jest.spyOn(rounds, 'flushInRound');
    const parts = { fenced, ring: LogRing.fromLog([]), subjects: partition.subjects, rounds, held };
    const readStored = () => Promise.reject(new Error('Nobody else writes'));
    const onLost = (): void => undefined;
    const flusher = new Flusher({ ...parts, readStored, hasRooms: true, onStored: onLost, onLost });
    const add = (given: Omit<StoredInput, 'n' | 'at'>): Promise<void> => {
      const [one] = held.values();
      const input = { n: one.live.n + 1, at: one.live.n + 1, ...given };
      const isOfPlayer = input.p !== undefined;
      const pending = new PendingInput(one, input, JSON.stringify(input), one.live.apply(input), isOfPlayer);
      flusher.add(pending);
      return pending.stored;
    };
    const press = { h: 'press', p: 'anna' };
    await add({ h: '', b: 'create', seed: 1, birth: 't1' });
    await add(press);
    await add({ h: 'press' });
    await add({ h: '', b: 'join', d: 'anna' });
    await nextTurn();
    const hurry = jest.spyOn(rounds, 'hurry');
    const waiting = add(press);
    expect(hurry).not.toHaveBeenCalled();
    flusher.request();
    expect(hurry).toHaveBeenCalled();
    await waiting;
    expect(asked.mock.calls.map(([, , mayWait]) => mayWait)).toEqual([false, true, false, false, true]);
    await nextTurn();
    hurry.mockClear();
    const many = Array.from({ length: 31 }, () => add(press));
    expect(hurry).not.toHaveBeenCalled();
    many.push(add(press));
    expect(hurry).toHaveBeenCalledTimes(1);
    await Promise.all(many);
  });
});

function holdEntity(key: string, stored: ConstructorParameters<typeof HeldEntity>[5]): HeldEntity {
  const id = key.slice(key.indexOf('.') + 1);
  return new HeldEntity(key, id, kind, new Clicker(), version, stored, () => undefined);
}

function holdTable(key: string): HeldEntity {
  return new HeldEntity(key, 't1', tables, new Table(), version, { seq: 0 }, () => undefined);
}
