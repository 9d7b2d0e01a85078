import { Logger } from '@nestjs/common';
import { RpcError } from '@ccgame/rpc';
import { Entity, Handles, markOf, Room } from '../contract/decorators.js';
import { entity } from '../contract/entity-contract.js';
import { EntityOf, RoomOf } from '../live/entity-of.js';
import type { Checkpoint } from '../live/records.js';
import { HeldEntity } from '../memory/held-entity.js';
import { measureHeld, tryMeasure } from './measure-held.js';

const channel = entity({ serverType: 'play', name: 'channel' });
const history = channel.serverHandler('history', { payload: Number, result: String });

@Entity(channel)
class Channel extends EntityOf {
  create(): object {
    return {};
  }
  @Handles(history)
  history(characters: number): string {
    return '好'.repeat(characters);
  }
}

const profile = entity({ serverType: 'play', name: 'profile' });
const reward = profile.serverHandler('reward', { payload: Number });
const pot = entity({ serverType: 'play', name: 'pot' });
const pay = pot.serverHandler('pay');

@Room(pot, { tickHz: 10, maxStateBytes: 1_000 })
class Pot extends RoomOf<{ text: string }> {
  create(): { text: string } {
    return { text: '' };
  }
  @Handles(pay)
  pay(): void {
    this.sendCall(reward, 'ann', 1);
  }
  tick(): void {
    this.state.text += 'x'.repeat(2_000);
  }
}

describe('a room that has grown too large', () => {
  it('is stored without the calls that have arrived since its last state: their targets may have forgotten them', () => {
    const kind = { mark: markOf(Pot), construct: () => Promise.resolve(new Pot()) };
    const held = new HeldEntity('pot.p', 'p', kind, new Pot(), '1.0.0000', { seq: 0 }, () => undefined);
    held.live.apply({ n: 1, h: '', b: 'create', at: 1, seed: 1, birth: 'b' });
    held.live.apply({ n: 2, h: 'pay', at: 2 });
    held.commitAs(measureHeld(held).checkpoint);
    const [{ number }] = held.live.outbox.calls.all;
    held.live.apply({ n: 3, h: '', b: 'arrived', d: [number], at: 3 });
    held.live.runTick();
    const stored = JSON.parse(measureHeld(held).checkpoint) as Checkpoint;
    expect(stored).toMatchObject({ n: 3, state: { text: '' }, lastCall: number });
    expect(stored.stopped).toBeDefined();
    expect(stored.calls).toBeUndefined();
  });

  it('is stored without pushes that NATS would not take: its partition would lose its owner, time and again', () => {
    const kind = { mark: markOf(Pot), construct: () => Promise.resolve(new Pot()) };
    const held = new HeldEntity('pot.p', 'p', kind, new Pot(), '1.0.0000', { seq: 0 }, () => undefined);
    held.live.apply({ n: 1, h: '', b: 'create', at: 1, seed: 1, birth: 'b' });
    held.live.apply({ n: 2, h: '', b: 'join', d: 'ann', at: 2 });
    held.commitAs(measureHeld(held).checkpoint);
    held.live.outbox.beginScope('b-3', 3);
    held.live.outbox.addPush(['ann'], 'pot.log', 'x'.repeat(1_100_000));
    const { checkpoint } = measureHeld(held);
    const { outputs, stopped } = JSON.parse(checkpoint) as Checkpoint;
    expect(outputs.map(({ route }) => route)).toEqual(['room.stopped']);
    expect(stopped).toMatch(/with members, pushes and calls/);
    expect(held.live.outbox.outputs).toHaveLength(2);
  });
});

describe('an entity as it is to be stored', () => {
  it('is told of, now and then, where its state holds what would be stored as nothing', () => {
    const kind = { mark: markOf(Pot), construct: () => Promise.resolve(new Pot()) };
    const held = new HeldEntity('pot.m', 'm', kind, new Pot(), '1.0.0000', { seq: 0 }, () => undefined);
    held.live.apply({ n: 1, h: '', b: 'create', at: 1, seed: 1, birth: 'b' });
    const error = jest.spyOn(Logger.prototype, 'error').mockImplementation(() => undefined);
    const start = performance.now();
    const clock = jest.spyOn(performance, 'now');
    Object.assign(held.live.instance.state, { paid: new Map([['ann', 1]]) });
    for (const seconds of [0, 1, 11]) {
      clock.mockReturnValue(start + seconds * 1_000);
      measureHeld(held);
    }
    const told = error.mock.calls.filter(
      ([line]) => (line as { event?: string }).event === 'entity.state-lossy',
    );
    expect(told).toHaveLength(2);
    jest.restoreAllMocks();
  });

  class Bare {
    x = 1;
  }
  class Able extends Bare {
    move(): void {
      this.x += 1;
    }
  }
  const things: [what: string, thing: unknown, told: string | null][] = [
    ['NaN', { list: [1, NaN] }, 'state.thing.list[1] is NaN'],
    ['Infinity', Infinity, 'state.thing is Infinity'],
    ['a date', new Date(0), 'state.thing is a Date'],
    [
      'an object with methods',
      [new Able()],
      'state.thing[0] is an object of Able, whose methods are not stored',
    ],
    ['a list with a hole', new Array(2), 'state.thing is a list with undefined in it'],
    ['an object of fields', new Bare(), null],
    ['nothing in a field', { none: undefined }, null],
    ['minus zero', -0, null],
  ];
  it.each(things)('is told of, or not, where its state comes to hold %s', (_, thing, told) => {
    const kind = { mark: markOf(Pot), construct: () => Promise.resolve(new Pot()) };
    const held = new HeldEntity('pot.m', 'm', kind, new Pot(), '1.0.0000', { seq: 0 }, () => undefined);
    held.live.apply({ n: 1, h: '', b: 'create', at: 1, seed: 1, birth: 'b' });
    const error = jest.spyOn(Logger.prototype, 'error').mockImplementation(() => undefined);
    Object.assign(held.live.instance.state, { thing });
    measureHeld(held);
    const lines = error.mock.calls.map(([line]) => (line as { err?: Error }).err?.message);
    expect(lines).toEqual(told === null ? [] : [told]);
    jest.restoreAllMocks();
  });

  it('is too large by its bytes: NATS takes 1 MB, and a Chinese character has three', () => {
    const kind = { mark: markOf(Channel), construct: () => Promise.resolve(new Channel()) };
    const held = new HeldEntity(
      'channel.c',
      'c',
      kind,
      new Channel(),
      '1.0.0000',
      { seq: 0 },
      () => undefined,
    );
    held.live.apply({ n: 1, h: '', b: 'create', at: 1, seed: 1, birth: 'b' });
    const call = (number: number, characters: number): void => {
      const input = { n: number + 1, h: 'history', d: characters, at: number };
      held.live.apply({ ...input, c: { caller: 'lobby', number } });
    };
    const refusal = (): string | undefined => {
      const measured = tryMeasure(held);
      return measured instanceof RpcError ? measured.code : undefined;
    };
    for (const number of [1, 2, 3, 4]) call(number, 100_000);
    expect(refusal()).toBeUndefined();
    call(5, 320_000);
    expect(refusal()).toBe('STATE_TOO_LARGE');
  });
});
