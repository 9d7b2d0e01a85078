import type { INestApplicationContext } from '@nestjs/common';
import { Delivery, type FeedSink, PushService } from '@ccgame/sessions';
import type { PushMessage } from '@ccgame/protocol';
import { type NatsServer, startNats } from '@ccgame/testing';
import { openProcess, until } from '../../../sessions/test/process.js';
import { viewFrom } from '../../test/seen-view.js';
import { entity } from '../contract/entity-contract.js';
import { markOf, Room } from '../contract/decorators.js';
import { RoomOf } from '../live/entity-of.js';
import { HeldEntity } from '../memory/held-entity.js';
import { RoomViews } from './room-views.js';
import { replayTicks } from '../live/replay.js';

const fog = entity({ serverType: 'play', name: 'fog' });
fog.viewHandler();

interface FogState {
  at: Record<string, number>;
  cursed?: string;
  huge?: string;
}

/** Each sees who is near; a spectator sees how many there are. */
@Room(fog, { tickHz: 20 })
class FogRoom extends RoomOf<FogState> {
  create(): FogState {
    return { at: {} };
  }
  override join(playerId: string): void {
    this.state.at[playerId] = 0;
  }
  override leave(playerId: string): void {
    delete this.state.at[playerId];
  }
  override viewOf(playerId: string): object {
    const { at } = this.state;
    if (playerId === this.state.cursed) throw new Error('a fault in the view');
    if (playerId === this.state.huge) return { text: 'x'.repeat(300 * 1024) };
    const own = at[playerId];
    if (own === undefined) return { players: Object.keys(at).length, tick: this.ticks };
    return Object.fromEntries(Object.entries(at).filter(([, x]) => Math.abs(x - own) < 5));
  }
  tick(): void {}
}

/** All see the same. */
@Room(fog, { tickHz: 20 })
class PlainRoom extends FogRoom {
  override viewOf = undefined as never;
  override view(): object {
    return this.state;
  }
}

class Got implements FeedSink {
  readonly pushes: PushMessage[] = [];
  beginFeed(): void {}
  pushMessage(body: Uint8Array): void {
    this.pushOfTopic(new TextDecoder().decode(body));
  }
  pushOfTopic(json: string): void {
    this.pushes.push(JSON.parse(json) as PushMessage);
  }
  noteDelivered(): void {}
  untilRead(): undefined {}
  closeSlowConsumer(): void {}
  get seen(): ReturnType<typeof viewFrom> {
    return viewFrom(this.pushes, 'play.fog.a');
  }
}

describe('a room of which each player sees something else', () => {
  let nats: NatsServer;
  let app: INestApplicationContext;
  let delivery: Delivery;

  beforeAll(async () => {
    nats = await startNats();
    app = await openProcess('play-0', nats.address, [Delivery]);
    delivery = app.get(Delivery);
    await delivery.start();
  });
  afterAll(async () => {
    await app.close();
    await nats.destroy();
  });

  async function follow(playerId: string): Promise<Got> {
    const got = new Got();
    await delivery.openFeed(playerId, got).open();
    return got;
  }

  /** As its owner has it. */
  function openRoom(
    members: string[],
    Type = FogRoom,
  ): { held: HeldEntity; views: RoomViews; tick: () => void } {
    const kind = { mark: markOf(Type), construct: () => Promise.resolve(new Type()) };
    const held = new HeldEntity('fog.a', 'a', kind, new Type(), '1.0.0000', { seq: 0 }, () => undefined);
    held.live.apply({ n: 1, h: '', b: 'create', at: 0, seed: 1, birth: 'x' });
    for (const d of members) held.live.apply({ n: held.live.n + 1, h: '', b: 'join', d, at: 0 });
    const views = new RoomViews(app.get(PushService).topics);
    const tick = (): void => {
      held.live.runTick();
      views.pushTick(held);
    };
    return { held, views, tick };
  }

  it('tells each one its own view, whole and then by its changes, and nothing of the others', async () => {
    const [ann, bob, eve] = await Promise.all(['ann', 'bob', 'eve'].map(follow));
    const { held, views, tick } = openRoom(['ann', 'bob']);
    const { at } = held.live.instance.state as FogState;
    for (const player of ['ann', 'bob', 'eve']) views.addFollower(held, player);
    tick();
    at.bob = 3;
    tick();
    await until(() => ann.seen.state !== undefined && (bob.seen.state as { bob?: number }).bob === 3);
    expect([ann.seen.state, bob.seen.state]).toEqual([
      { ann: 0, bob: 3 },
      { ann: 0, bob: 3 },
    ]);
    at.bob = 30;
    at.ann = 1;
    tick();
    await until(() => (bob.seen.state as { bob: number }).bob === 30 && eve.seen.state !== undefined);
    expect([ann.seen, bob.seen]).toEqual([
      { state: { ann: 1 }, streams: 1, missed: 0 },
      { state: { bob: 30 }, streams: 1, missed: 0 },
    ]);
    expect(JSON.stringify(ann.pushes)).not.toContain('30');
    await until(() => (eve.seen.state as { tick: number }).tick === 3);
    expect(eve.seen.state).toEqual({ players: 2, tick: 3 });
    held.live.apply({ n: held.live.n + 1, h: '', b: 'leave', d: 'bob', at: 0 });
    views.removeFollower(held, 'bob');
    const before = bob.pushes.length;
    tick();
    await until(() => bob.pushes.at(-1)?.route === 'room.closed');
    await until(() => (eve.seen.state as { tick: number }).tick === 4);
    expect(bob.pushes.length).toBeLessThanOrEqual(before + 1);
  });

  it('is followed by its members as their own, which no socket leaves for others', () => {
    const { held } = openRoom(['ann']);
    const isOwn: unknown[] = [];
    const views = new RoomViews({ startFollowing: (...args: unknown[]) => isOwn.push(args[4]) } as never);
    for (const player of ['ann', 'eve']) views.addFollower(held, player);
    expect(isOwn).toEqual([true, false]);
  });

  it('has those ask who followed at an owner before', async () => {
    const ann = await follow('ann');
    const before = openRoom(['ann']);
    before.views.addFollower(before.held, 'ann');
    before.tick();
    await until(() => ann.seen.state !== undefined);
    const streams = (): string[] =>
      ann.pushes.map(({ data }) => (data as unknown as { stream: string }).stream);
    const [own] = streams();
    const after = openRoom(['ann']);
    replayTicks(after.held.live, 1);
    after.tick();
    await until(() => streams().at(-1) !== own);
    expect(ann.pushes.at(-1)?.data).toEqual({ room: 'play.fog.a', stream: streams().at(-1), n: 0 });
  });

  it('has one ask again after a minute who is no member, and goes on for members', async () => {
    const [ann, eve] = await Promise.all(['ann', 'eve'].map(follow));
    const { held, views, tick } = openRoom(['ann']);
    for (const player of ['ann', 'eve']) views.addFollower(held, player);
    for (let count = 0; count < 1_205; count += 1) tick();
    (held.live.instance.state as FogState).at.ann = 7;
    tick();
    await until(() => (ann.seen.state as { ann?: number } | undefined)?.ann === 7);
    await until(() => (eve.seen.state as { tick: number }).tick === 1_200);
    const last = eve.pushes.at(-1)?.data as unknown as { n: number; change?: unknown };
    expect(last).toMatchObject({ n: 0 });
    expect(last.change).toBeUndefined();
  });

  it('is seen by 500 at once who are no members, and by every member', () => {
    const { held, views } = openRoom(['ann']);
    const isFull = (playerId: string): boolean => {
      try {
        views.addFollower(held, playerId);
        return false;
      } catch (error) {
        expect(error).toMatchObject({ code: 'ROOM_FULL', details: { spectators: 500 } });
        return true;
      }
    };
    const first = Array.from({ length: 500 }, (_, index) => isFull(`s${index}`));
    expect(first).not.toContain(true);
    expect(['eve', 's7', 'ann'].map(isFull)).toEqual([true, false, false]);
    // One joins, and another one goes: each leaves a place.
    held.live.apply({ n: held.live.n + 1, h: '', b: 'join', d: 's8', at: 0 });
    views.addMember(held, 's8');
    views.removeFollower(held, 's9');
    expect(['eve', 'fay', 'gil'].map(isFull)).toEqual([false, false, true]);
  });

  it('tells of its end those who wait for its first tick at a new owner', async () => {
    const [ann, eve] = await Promise.all(['ann', 'eve'].map(follow));
    // The owner before showed it to one of them.
    const before = openRoom(['ann'], PlainRoom);
    before.views.addFollower(before.held, 'ann');
    await until(() => ann.pushes.length > 0);
    const { held, views } = openRoom(['ann'], PlainRoom);
    held.isTakenOver = true;
    for (const player of ['ann', 'eve']) views.addFollower(held, player);
    views.endRoom(held);
    app.get(PushService).topics.pushToFollower('ann', 'last', '0');
    const closed = { route: 'room.closed', data: { room: 'play.fog.a', why: 'ended' } };
    await until(() => ann.pushes.at(-1)?.route === 'last' && eve.pushes.length > 0);
    expect([ann.pushes.slice(1, -1), eve.pushes]).toMatchObject([[closed], [closed]]);
  });

  it('tells the others where one player’s view fails or is too large, and has that one ask', async () => {
    const [cat, dan, eli] = await Promise.all(['cat', 'dan', 'eli'].map(follow));
    const { held, views, tick } = openRoom(['cat', 'dan', 'eli']);
    const state = held.live.instance.state as FogState;
    for (const player of ['cat', 'dan', 'eli']) views.addFollower(held, player);
    tick();
    Object.assign(state, { cursed: 'cat', huge: 'dan' });
    state.at.eli = 2;
    for (let count = 0; count < 5; count += 1) tick();
    await until(() => (eli.seen.state as { eli?: number } | undefined)?.eli === 2);
    const isAsked = ({ pushes }: Got): boolean => pushes.at(-1)?.data?.['n' as never] === (0 as never);
    await until(() => isAsked(cat) && isAsked(dan));
    // That it follows, the whole view, and that it has to ask: the view is not made for it again.
    expect([cat.pushes.length, dan.pushes.length]).toEqual([3, 3]);
    Object.assign(state, { cursed: '', huge: '' });
    views.addMember(held, 'cat');
    tick();
    await until(() => (cat.seen.state as { eli?: number }).eli === 2);
  });
});
