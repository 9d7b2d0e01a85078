import { untilHolds } from '@ccgame/testing';
import { callOf, PartitionOwners } from '../../test/partition-owner.js';
import { Alarm, Entity, Handles, Room } from '../contract/decorators.js';
import { entity } from '../contract/entity-contract.js';
import { EntityOf, RoomOf } from '../live/entity-of.js';
import { plainData } from '../live/plain-data.js';
import { metrics } from '../metrics.js';

const wall = entity({ serverType: 'play', name: 'wall', partitions: 1 });
const mark = wall.serverHandler('mark');

@Entity(wall, { createOnCall: true })
class Wall extends EntityOf<{ marks: number }> {
  create(): { marks: number } {
    return { marks: 0 };
  }
  @Handles(mark)
  mark(): void {
    this.state.marks += 1;
  }
}

const notice = entity({ serverType: 'play', name: 'notice', partitions: 1 });
const pin = notice.serverHandler('pin', { result: Number });

/** It leaves memory as soon as it may. */
@Entity(notice, { createOnCall: true, idleMs: 1, checkpointMs: 50 })
class Notice extends EntityOf<{ pins: number }> {
  create(): { pins: number } {
    return { pins: 0 };
  }
  @Handles(pin)
  pin(): number {
    return (this.state.pins += 1);
  }
}

const shop = entity({ serverType: 'play', name: 'shop', partitions: 1 });
const openLater = shop.serverHandler('open_later');
const mayLeaveAfterMs = 400;

/** Its alarm is due when it may leave memory, as with a minute for both. */
@Entity(shop, { createOnCall: true, idleMs: mayLeaveAfterMs, checkpointMs: 50 })
class Shop extends EntityOf<{ opened: number }> {
  create(): { opened: number } {
    return { opened: 0 };
  }
  @Handles(openLater)
  openLater(): void {
    this.setAlarm('open', mayLeaveAfterMs);
  }
  @Alarm()
  open(): void {
    this.state.opened += 1;
    this.push(['ann'], 'shop.opened', this.state.opened, { volatile: true });
  }
}

/** As class-validator gives it where its class converts something. */
class PlanDto {
  at = new Date(5);
  isLong(): boolean {
    return true;
  }
}

const diary = entity({ serverType: 'play', name: 'diary', partitions: 1 });
const plan = diary.serverHandler('plan', { payload: PlanDto });
const glance = diary.serverHandler('glance', { payload: PlanDto, input: 'volatile' });

@Entity(diary)
class Diary extends EntityOf<{ pages: number; seen: string[] }, { pages?: number }> {
  create({ pages = 3 } = {}): { pages: number; seen: string[] } {
    return { pages, seen: [] };
  }
  @Handles(plan)
  plan(dto?: PlanDto): void {
    this.state.seen.push(dto ? `${typeof dto.at} ${typeof dto.isLong}` : 'nothing');
  }
  @Handles(glance)
  glance(dto?: PlanDto): void {
    this.plan(dto);
  }
}

const hall = entity({ serverType: 'play', name: 'hall', partitions: 1 });
hall.clientHandler('wave');

@Room(hall, { tickHz: 1 })
class Hall extends RoomOf {
  create(): object {
    return {};
  }
  override leave(): void {
    throw new Error('a bug of the game');
  }
  tick(): void {}
}

describe('calls to a partition', () => {
  let owners: PartitionOwners;

  beforeAll(async () => (owners = await PartitionOwners.start()));
  afterAll(() => owners.stop());

  it('of a crowd are applied once, though all of them are sent again to a successor', async () => {
    const first = await owners.own({ key: 'crowd', classes: [Wall] });
    const calls = Array.from({ length: 1_100 }, (_, index) =>
      callOf('wall', 'w', 'mark', undefined, { c: { caller: `p${index}/s`, number: 1 } }),
    );
    await Promise.all(calls.map((call) => first.receive(call)));
    first.close();
    const next = await owners.own({ key: 'crowd', classes: [Wall] });
    await Promise.all(calls.map((call) => next.receive(call)));
    expect(next.liveEntities().map(({ live }) => live.instance.state)).toEqual([{ marks: 1_100 }]);
  });

  it('find what those before have made, also while the state of it is on its way to the storage', async () => {
    let looks = 0;
    const heir = (): undefined => void (looks += 1);
    const owner = await owners.own({ key: 'notice', classes: [Notice], heir });
    const commit = owner.fenced.commit.bind(owner.fenced);
    let isHeld = false;
    let goOn = (): void => undefined;
    const held = new Promise<void>((resolve) => (goOn = resolve));
    jest.spyOn(owner.fenced, 'commit').mockImplementation(async (messages) => {
      if (messages.some(({ subject }) => subject.endsWith('.kept.notice.n'))) {
        isHeld = true;
        await held;
      }
      return commit(messages);
    });
    const pinned = (): Promise<unknown> => owner.receive(callOf('notice', 'n', 'pin'));
    expect(await pinned()).toBe(1);
    await untilHolds(() => isHeld);
    let from = looks;
    await untilHolds(() => looks > from + 1);
    const again = Promise.allSettled([pinned()]);
    from = looks;
    await untilHolds(() => looks > from + 1);
    goOn();
    expect(await again).toEqual([{ status: 'fulfilled', value: 2 }]);
  });

  it('have an alarm come once that is due when its entity may leave memory', async () => {
    let looks = 0;
    const heir = (): undefined => void (looks += 1);
    const owner = await owners.own({ key: 'shop', classes: [Shop], heir });
    await owner.receive(callOf('shop', 's', 'openLater'));
    const opened = (): string[] => owners.pushes.filter((push) => push.startsWith('shop.opened'));
    await untilHolds(() => opened().length > 0);
    // A second one would come when it is in memory again.
    const from = looks;
    await untilHolds(() => looks > from + 5);
    expect(opened()).toEqual(['shop.opened to ann']);
  });

  it('come as they are stored, the first time too: without dates and methods', async () => {
    const first = await owners.own({ key: 'diary', classes: [Diary] });
    // As `EntityClient.create` without an init: the class has a default for it.
    await first.receive(
      callOf('diary', 'd', '', JSON.stringify(plainData(undefined)), { builtIn: 'create' }),
    );
    for (const payload of [new PlanDto(), undefined]) {
      await first.receive(callOf('diary', 'd', 'plan', payload));
      await first.receive(callOf('diary', 'd', 'glance', payload, { input: 'volatile' }));
    }
    const [{ live }] = first.liveEntities();
    const asStored = ['string undefined', 'string undefined', 'nothing', 'nothing'];
    expect(live.instance.state).toEqual({ pages: 3, seen: asStored });
    await first.receive(callOf('diary', 'other', '', '{"pages":7}', { builtIn: 'create' }));
    await first.receive(callOf('diary', 'other', 'plan', new PlanDto()));
    first.close();
    const next = await owners.own({ key: 'diary', classes: [Diary] });
    const other = next.liveEntities().find(({ id }) => id === 'other');
    expect(other?.live.instance.state).toEqual({ pages: 7, seen: ['string undefined'] });
    const { values } = await metrics.divergences.get();
    expect(values.filter(({ labels }) => labels.entity === 'diary')).toEqual([]);
  });

  it('by which a member leaves end the binding too, though the room’s own code fails then', async () => {
    const unbound: string[] = [];
    const nothing = (): Promise<void> => Promise.resolve();
    const unbind = (...left: string[]): Promise<void> => Promise.resolve(void unbound.push(left.join(' ')));
    const bindings = { bind: nothing, renew: nothing, unbind };
    const owner = await owners.own({ key: 'hall', classes: [Hall], bindings });
    await owner.receive(callOf('hall', 'h', '', 'null', { builtIn: 'create' }));
    await owner.receive(callOf('hall', 'h', '', 'ann', { builtIn: 'join' }));
    await expect(owner.receive(callOf('hall', 'h', '', 'ann', { builtIn: 'leave' }))).rejects.toMatchObject({
      code: 'INTERNAL',
    });
    expect(unbound).toEqual(['ann play.hall h']);
  });
});
