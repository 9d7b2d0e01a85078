import { type ViewPush, ViewStream } from './view-stream.js';

const dataOf = (push: ViewPush | undefined): unknown => push && JSON.parse(push[1]);

describe('a stream of a view', () => {
  it('gives the whole view to those who follow before the first tick, and to all with it', () => {
    const stream = new ViewStream('play.fog.a', 2);
    const first = stream.pushOfStart(() => ({ x: 1 }));
    expect(first[0]).toBe('room.state');
    expect(dataOf(first)).toMatchObject({ room: 'play.fog.a', n: 0, state: { x: 1 } });
    expect(dataOf(stream.pushOfStart(() => ({ x: 2 })))).toMatchObject({ n: 0, state: { x: 1 } });
    // Above the number before: those who have that one take this one.
    expect(dataOf(stream.pushOfTick({ x: 3 }))).toMatchObject({ n: 1, state: { x: 3 } });
    expect(dataOf(stream.pushOfTick({ x: 4 }))).toMatchObject({ n: 2, change: { x: 4 } });
    expect(dataOf(stream.pushOfStart(() => ({ x: 9 })))).toMatchObject({ n: 2, state: { x: 4 } });
  });

  it('tells its number again after some ticks without a change', () => {
    const stream = new ViewStream('play.fog.a', 2);
    expect(dataOf(stream.pushOfTick({ x: 1 }))).toMatchObject({ n: 0, state: { x: 1 } });
    expect(stream.pushOfTick({ x: 1 })).toBeUndefined();
    const [route, json] = stream.pushOfTick({ x: 1 }) ?? [];
    expect([route, JSON.parse(json ?? '')]).toEqual([
      'room.change',
      { room: 'play.fog.a', stream: expect.any(String), n: 0 },
    ]);
  });

  it('begins anew after a view that JSON can’t hold, as half of its changes are known and were never told', () => {
    const stream = new ViewStream('play.fog.a', 2);
    stream.pushOfTick({ x: 1, y: 1 });
    expect(() => stream.pushOfTick({ x: 2, y: 1n })).toThrow(TypeError);
    expect(dataOf(stream.pushOfTick({ x: 2, y: 1 }))).toMatchObject({ n: 1, state: { x: 2, y: 1 } });
    expect(dataOf(stream.pushOfTick({ x: 2, y: 2 }))).toMatchObject({ n: 2, change: { y: 2 } });
  });

  it('begins anew where a view becomes a list, or an object again', () => {
    const stream = new ViewStream('play.fog.a', 2);
    stream.pushOfTick({ x: 1 });
    expect(dataOf(stream.pushOfTick([1]))).toMatchObject({ n: 1, state: [1] });
    expect(dataOf(stream.pushOfTick({ x: 1 }))).toMatchObject({ n: 2, state: { x: 1 } });
  });

  it.each([
    ['a number', 1],
    ['null', null],
    ['a promise', Promise.resolve({ x: 1 })],
    ['itself again', circular()],
    ['a date', new Date(0)],
    ['a Map', new Map([['x', 1]])],
    ['a Map inside', { players: new Map([['ann', 1]]) }],
    ['a Set deep inside', { teams: [{ players: new Set(['ann']) }] }],
  ])('refuses %s', (_, view) => {
    const stream = new ViewStream('play.fog.a', 2);
    expect(() => stream.pushOfTick(view as object)).toThrow(TypeError);
    expect(() => stream.pushOfStart(() => view as object)).toThrow(TypeError);
    stream.pushOfTick({ x: 1 });
    expect(() => stream.pushOfTick(view as object)).toThrow();
  });

  it('takes a view of its own JSON as that', () => {
    const stream = new ViewStream('play.fog.a', 2);
    const view = (x: number): object => ({ hidden: x, toJSON: () => ({ x }) });
    expect(dataOf(stream.pushOfTick(view(1)))).toMatchObject({ state: { x: 1 } });
    expect(dataOf(stream.pushOfTick(view(2)))).toMatchObject({ change: { x: 2 } });
  });
});

function circular(): object {
  const view: { x: number; self?: object } = { x: 1 };
  view.self = view;
  return view;
}
