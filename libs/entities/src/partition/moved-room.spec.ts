import { setTimeout as sleep } from 'node:timers/promises';
import { untilHolds } from '@ccgame/testing';
import { callOf, PartitionOwners } from '../../test/partition-owner.js';
import { Handles, Room } from '../contract/decorators.js';
import { entity } from '../contract/entity-contract.js';
import { RoomOf } from '../live/entity-of.js';
import type { HeldEntity } from '../memory/held-entity.js';
import type { EntityPartition } from './entity-partition.js';

const clock = entity({ serverType: 'play', name: 'clock', partitions: 1 });

/** A tick that is left out is missed for a second. */
@Room(clock, { tickHz: 1, onRelease: 'move' })
class Clock extends RoomOf {
  create(): object {
    return {};
  }
  tick(): void {}
}

const field = entity({ serverType: 'play', name: 'field', partitions: 1 });
const step = field.serverHandler('step');
field.viewHandler();

/** Its view says by whose code it was made, as a game's may. */
class Field extends RoomOf<{ steps: number }> {
  readonly code: number = 1;
  create(): { steps: number } {
    return { steps: 0 };
  }
  @Handles(step)
  step(): void {
    this.state.steps += 1;
  }
  override view(): object {
    return { tick: this.ticks, code: this.code, steps: this.state.steps };
  }
  tick(): void {}
}

@Room(field, { tickHz: 20, onRelease: 'move' })
class OldField extends Field {}

@Room(field, { tickHz: 20, onRelease: 'move' })
class NewField extends Field {
  override readonly code = 2;
}

/** An owner that has stored nothing for longer asks the storage whether it is the owner still. */
const unconfirmedAfterMs = 1_600;

describe('a room that moves to an owner without rooms', () => {
  let owners: PartitionOwners;

  beforeAll(async () => (owners = await PartitionOwners.start()));
  afterAll(() => owners.stop());

  it('ticks there at once: whoever has just stored it is the owner', async () => {
    const [old, newer] = ['1.0.0000', '2.0.0000'];
    const there = await owners.own({ key: 'p0', version: newer, classes: [Clock] });
    await sleep(unconfirmedAfterMs);
    let isReleased = false;
    const here = await owners.own({
      ...{ key: 'p0', version: old, classes: [Clock] },
      heir: () => (isReleased ? newer : undefined),
      versions: {
        tryTaking: (_version, key, stateVersion) => there.tryTaking(key, stateVersion),
        take: (_version, key, offered) => there.take(key, offered),
      },
    });
    await here.receive(callOf('clock', 'c', 'create', 'null', { builtIn: 'create' }));
    const [{ live: left }] = here.liveEntities();
    await untilHolds(() => left.tick > 0);
    isReleased = true;
    await untilHolds(() => there.liveEntities().length > 0);
    const since = performance.now();
    const [{ live: moved }] = there.liveEntities();
    await untilHolds(() => moved.tick > left.tick);
    expect(performance.now() - since).toBeLessThan(700);
  });
});

interface SeenState {
  tick: number;
  code: number;
  steps: number;
}

/** All that players are told of views, as topics take it. */
class SeenStates {
  /** By player; `*`: those who follow already. */
  readonly whole: { to: string; state: SeenState }[] = [];
  readonly pushes = { toPlayers: () => Promise.resolve(), topics: this.topics() } as never;

  private topics(): object {
    const note = (to: string, json: string): void => {
      const { state } = JSON.parse(json) as { state?: SeenState };
      if (state) this.whole.push({ to, state });
    };
    return {
      startFollowing: (playerId: string, _room: string, _route: string, json: string) => note(playerId, json),
      pushToTopic: (_room: string, _route: string, json: string) => note('*', json),
    };
  }

  toldTo(player: string): SeenState[] {
    return this.whole.filter(({ to }) => to === player).map(({ state }) => state);
  }
}

describe('a room on its way, which players ask to see', () => {
  let owners: PartitionOwners;

  beforeAll(async () => (owners = await PartitionOwners.start()));
  afterAll(() => owners.stop());

  const follow = (partition: EntityPartition, id: string, p: string): Promise<unknown> =>
    partition.receive(callOf('field', id, 'view', {}, { builtIn: 'view', input: 'query', p }));
  const stepIn = (partition: EntityPartition, id: string): Promise<unknown> =>
    partition.receive(callOf('field', id, 'step'));

  /** Both come while the room is read, and are next when it is there. */
  const comeEarly = (partition: EntityPartition, id: string): Promise<unknown> =>
    Promise.all([stepIn(partition, id), follow(partition, id, 'eve')]);

  async function openField(partition: EntityPartition, id: string): Promise<HeldEntity['live']> {
    await partition.receive(callOf('field', id, 'create', 'null', { builtIn: 'create' }));
    const held = partition.liveEntities().find((one) => one.id === id) as HeldEntity;
    await untilHolds(() => held.live.tick > 2);
    return held.live;
  }

  /** Ann sees what was told last at the owner before. */
  async function expectNextTick(seen: SeenStates, left: HeldEntity['live'], code: number): Promise<void> {
    await untilHolds(() => seen.toldTo('eve').length > 0);
    const [ann, eve] = ['ann', 'eve'].map((player) => seen.toldTo(player)[0]);
    expect(ann).toMatchObject({ code: 1, steps: 0 });
    expect(eve).toMatchObject({ code, steps: 1 });
    expect(eve.tick).toBeGreaterThan(left.tick);
    expect(seen.toldTo('*').find(({ tick }) => tick === eve.tick)).toEqual(eve);
  }

  it('is shown from its first tick on in another version, whose code may show the last one otherwise', async () => {
    const seen = new SeenStates();
    const [old, newer] = ['1.0.0000', '2.0.0000'];
    const { pushes } = seen;
    const there = await owners.own({ key: 'p0', version: newer, classes: [NewField], pushes });
    let isReleased = false;
    let early: Promise<unknown> | undefined;
    const here = await owners.own({
      ...{ key: 'p0', version: old, classes: [OldField], pushes },
      heir: () => (isReleased ? newer : undefined),
      versions: {
        tryTaking: (_version, key, stateVersion) => there.tryTaking(key, stateVersion),
        take: async (_version, key, offered) => {
          early = comeEarly(there, 'moved');
          await there.take(key, offered);
        },
      },
    });
    const left = await openField(here, 'moved');
    await follow(here, 'moved', 'ann');
    isReleased = true;
    await expectNextTick(seen, left, 2);
    await early;
  });

  it('is shown from its first tick on at an owner who was held up, not with inputs since the last one', async () => {
    const seen = new SeenStates();
    const { pushes } = seen;
    const choice = { key: 'p1', classes: [OldField], pushes };
    const here = await owners.own(choice);
    const left = await openField(here, 'given');
    await follow(here, 'given', 'ann');
    await here.handOver();
    const hangs = { read: () => sleep(unconfirmedAfterMs), hangsOf: () => [] };
    const there = await owners.own({ ...choice, hangs });
    await comeEarly(there, 'given');
    await expectNextTick(seen, left, 1);
  });
});
