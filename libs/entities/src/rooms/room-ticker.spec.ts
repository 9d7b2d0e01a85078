import { trace } from '@opentelemetry/api';
import { NodeTracerProvider, type ReadableSpan } from '@opentelemetry/sdk-trace-node';
import { type RpcContext, rpcContext } from '@ccgame/rpc';
import type { HeldEntity } from '../memory/held-entity.js';
import { RoomTicker, type TickerContext } from './room-ticker.js';

/** A room that has not begun: it is due at its times and runs nothing. */
const room = {
  id: 'r1',
  kind: { mark: { tickHz: 50, contract: { name: 'grid' } } },
  live: { isBorn: false },
} as HeldEntity;

function block(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

describe('a tick of a room that began late', () => {
  const ended: ReadableSpan[] = [];
  let ticker: RoomTicker | undefined;

  beforeAll(() => {
    const onEnd = (span: ReadableSpan): void => void ended.push(span);
    const done = (): Promise<void> => Promise.resolve();
    const processor = { onStart: () => {}, onEnd, forceFlush: done, shutdown: done };
    new NodeTracerProvider({ spanProcessors: [processor] }).register();
  });
  afterAll(() => {
    ticker?.stop();
    trace.disable();
  });

  it('is a trace that begins when the tick was due, one a second', async () => {
    ticker = new RoomTicker(room, {} as TickerContext);
    const due = Date.now() + 20;
    for (let times = 0; times < 3; times += 1) {
      block(60);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    expect(ended).toHaveLength(1);
    const [{ name, attributes, startTime, duration, parentSpanContext }] = ended;
    expect(name).toBe('late tick');
    expect(attributes).toMatchObject({ 'ccgame.entity': 'grid', 'ccgame.id': 'r1' });
    expect(attributes['ccgame.late_ms']).toBeGreaterThanOrEqual(35);
    expect(parentSpanContext).toBeUndefined();
    expect(Math.abs(startTime[0] * 1_000 + startTime[1] / 1e6 - due)).toBeLessThan(20);
    expect(duration[0] * 1_000 + duration[1] / 1e6).toBeGreaterThanOrEqual(30);
  });
});

describe('the first tick of a room', () => {
  let held: HeldEntity;
  let ticks: number;
  let ticker: RoomTicker;
  const context = {
    mayTick: () => true,
    now: () => 0,
    onView: () => undefined,
    onTick: () => (ticks += 1),
  } as unknown as TickerContext;

  beforeEach(() => {
    jest.useFakeTimers();
    ticks = 0;
    const live = {
      ...{ isBorn: true, tick: 7, time: 0, outbox: { added: 0 } },
      runTick: () => undefined,
      overdueMembers: () => [],
    };
    held = { ...room, live, ticksAgainAt: -Infinity, markDirty: () => undefined } as unknown as HeldEntity;
  });
  afterEach(() => {
    ticker.stop();
    jest.useRealTimers();
  });

  it('comes at once where the room goes on at another owner', () => {
    ticker = new RoomTicker(held, context);
    jest.advanceTimersByTime(1);
    expect(ticks).toBe(1);
    jest.advanceTimersByTime(20);
    expect(ticks).toBe(2);
  });

  it('comes at once there, also where the room has had none yet', () => {
    held.live.tick = 0;
    held.isTakenOver = true;
    ticker = new RoomTicker(held, context);
    jest.advanceTimersByTime(1);
    expect(ticks).toBe(1);
  });

  it('comes after an interval where the room is new', () => {
    held.live.tick = 0;
    ticker = new RoomTicker(held, context);
    jest.advanceTimersByTime(19);
    expect(ticks).toBe(0);
    jest.advanceTimersByTime(1);
    expect(ticks).toBe(1);
  });

  it('comes in its time where the room was stopped here for a moment', () => {
    const first = new RoomTicker(held, context);
    jest.advanceTimersByTime(1);
    first.stop();
    jest.advanceTimersByTime(10);
    ticker = new RoomTicker(held, context);
    jest.advanceTimersByTime(8);
    expect(ticks).toBe(1);
    jest.advanceTimersByTime(3);
    expect(ticks).toBe(2);
  });
});

describe('the ticks of a room', () => {
  let ticker: RoomTicker | undefined;

  it('have nothing of the call that made the room', async () => {
    const born = { ...room, live: { isBorn: true } } as HeldEntity;
    const contexts = await new Promise<RpcContext[]>((resolve) => {
      const seen: RpcContext[] = [];
      const mayTick = (): boolean => {
        if (seen.push(rpcContext.get()) === 2) resolve(seen);
        return false;
      };
      const context = { deadline: 1, attributes: { uid: 'anna' } };
      ticker = rpcContext.run(context, () => new RoomTicker(born, { mayTick } as unknown as TickerContext));
    });
    ticker?.stop();
    expect(contexts).toEqual([{ attributes: {} }, { attributes: {} }]);
  });
});
