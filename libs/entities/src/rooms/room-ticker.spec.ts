import { trace } from '@opentelemetry/api';
import { NodeTracerProvider, type ReadableSpan } from '@opentelemetry/sdk-trace-node';
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
