import { IsInt } from 'class-validator';
import { Entity, Handles, markOf, Room } from '../contract/decorators.js';
import { entity } from '../contract/entity-contract.js';
import { EntityErrors } from '../errors.js';
import { testEntity, testRoom } from '../testing/test-entity.js';
import { EntityOf, RoomOf } from './entity-of.js';
import { LiveEntity } from './live-entity.js';
import { mostOutgoing } from './outgoing-calls.js';
import type { Checkpoint, StoredInput } from './records.js';
import { replayInput } from './replay.js';

class RewardDto {
  @IsInt() coins: number;
}

const profile = entity({ serverType: 'profiles', name: 'profile' });
const reward = profile.serverHandler('reward', { payload: RewardDto });
const rename = profile.clientHandler('rename', { payload: RewardDto });
const readProfile = profile.serverHandler('read_profile', { input: 'query' });
const match = entity({ serverType: 'play', name: 'match' });
const finish = match.serverHandler('finish');
const peek = match.serverHandler('peek', { input: 'query' });
const pay = match.serverHandler('pay', { payload: Number });

@Room(match, { tickHz: 10 })
class Match extends RoomOf<{ left: number }> {
  create(): { left: number } {
    return { left: 3 };
  }
  tick(): void {
    this.state.left -= 1;
    if (this.state.left === 0) this.sendCall(reward, 'ann', { coins: 1 });
  }
  @Handles(finish)
  finish(): void {
    this.sendCall(reward, 'ann', { coins: 30 });
    this.sendCall(reward, 'bob', { coins: 10 });
    this.end();
  }
  @Handles(pay)
  pay(times: number): void {
    for (let sent = 0; sent < times; sent += 1) this.sendCall(reward, 'ann', { coins: 1 });
  }
  @Handles(peek)
  peek(): void {
    this.sendCall(reward, 'ann', { coins: 5 });
  }
}

@Entity(profile, { createOnCall: true })
class Profile extends EntityOf<{ coins: number }> {
  create(): { coins: number } {
    return { coins: 0 };
  }
  @Handles(reward)
  reward({ coins }: RewardDto): void {
    if (coins > 100) this.sendCall(reward, 'ann', { coins: 'many' } as never);
    if (coins > 70) this.sendCall(rename, 'ann', { coins });
    if (coins > 50) this.sendCall(readProfile, 'ann', undefined);
    this.state.coins += coins;
  }
}

const born: StoredInput = { n: 1_000, h: '', b: 'create', at: 1_000, seed: 7, birth: 'x' };
const matchOf = (checkpoint?: Checkpoint): LiveEntity =>
  LiveEntity.restore('match.m1', 'm1', markOf(Match), new Match(), checkpoint, () => undefined);
const stored = (live: LiveEntity): Checkpoint => JSON.parse(live.snapshot().checkpoint) as Checkpoint;

describe('calls that an entity sends', () => {
  it('are shown by a test, with those of a room that ended and of its ticks', () => {
    const room = testRoom(Match);
    room.advance(300);
    room.call(finish, undefined);
    expect(room.sentCalls).toEqual([
      { route: 'profiles.reward', id: 'ann', payload: { coins: 1 } },
      { route: 'profiles.reward', id: 'ann', payload: { coins: 30 } },
      { route: 'profiles.reward', id: 'bob', payload: { coins: 10 } },
    ]);
    expect(room.hasEnded).toBe(true);
  });

  it('are the same after a replay, until they have arrived, also of one that has ended', () => {
    const inputs: StoredInput[] = [
      born,
      { n: 1_001, h: 'pay', d: 2, at: 1_010, k: 4 },
      { n: 1_002, h: 'finish', at: 1_020, k: 5 },
      { n: 1_003, h: '', b: 'arrived', d: [1_001], at: 1_030, k: 5 },
    ];
    const first = matchOf();
    for (const input of inputs) replayInput(first, input);
    expect(first.outbox.calls.all.map(({ number, id, d }) => [number, id, d])).toEqual([
      [1_002, 'ann', { coins: 1 }],
      [1_003, 'ann', { coins: 1 }],
      [1_004, 'ann', { coins: 30 }],
      [1_005, 'bob', { coins: 10 }],
    ]);
    for (const at of inputs.keys()) {
      const upTo = matchOf();
      for (const input of inputs.slice(0, at)) replayInput(upTo, input);
      const successor = at === 0 ? matchOf() : matchOf(stored(upTo));
      for (const input of inputs.slice(at)) replayInput(successor, input);
      expect(successor.outbox.calls.all).toEqual(first.outbox.calls.all);
      expect(successor.measure().sum).toBe(first.measure().sum);
    }
  });

  it('have other numbers in each life under an id', () => {
    const live = matchOf();
    live.apply(born);
    live.apply({ n: 1_001, h: 'finish', at: 1_020, k: 0 });
    const reborn = matchOf(stored(live));
    reborn.apply({ ...born, n: 5_000, at: 5_000 });
    reborn.apply({ n: 5_001, h: 'pay', d: 1, at: 5_010, k: 0 });
    expect(reborn.outbox.calls.all.map(({ number }) => number)).toEqual([1_001, 1_002, 5_001]);
  });

  it('are refused where too many have not arrived, and taken again when they have', () => {
    const live = matchOf();
    live.apply(born);
    expect(live.apply({ n: 1_001, h: 'pay', d: mostOutgoing, at: 1_010, k: 0 })).toEqual({});
    expect(live.apply({ n: 1_002, h: 'pay', d: 1, at: 1_020, k: 0 })).toMatchObject({
      error: { code: EntityErrors.TOO_MANY_CALLS().code },
    });
    const [{ number }] = live.outbox.calls.all;
    live.apply({ n: 1_003, h: '', b: 'arrived', d: [number], at: 1_030, k: 0 });
    expect(live.apply({ n: 1_004, h: 'pay', d: 1, at: 1_040, k: 0 })).toEqual({});
  });

  it('are of a contract for servers with stored inputs, its payload, and an input that is stored itself', () => {
    const ann = testEntity(Profile);
    expect(() => ann.call(reward, { coins: 101 })).toThrow('reward does not take that payload');
    expect(() => ann.call(reward, { coins: 71 })).toThrow('rename is no serverHandler');
    expect(() => ann.call(reward, { coins: 51 })).toThrow('read_profile is no serverHandler');
    expect(() => testRoom(Match).call(peek, undefined)).toThrow("changes nothing, so it can't send a call");
    expect(ann.sentCalls).toEqual([]);
    const room = testRoom(Match);
    // @ts-expect-error The contract says what it takes.
    expect(() => room.instance.sendCall(reward, 'ann', { gold: 3 })).toThrow('does not take');
  });
});
