import type { Gathered } from './gathering.js';
import type { Route } from './route.js';
import { Siblings } from './siblings.js';

const route = { serverType: 'back', version: '1.0.0000' } as Route;
const pongOf = (serverId: string): Gathered<unknown> =>
  ({ data: { metadata: { serverId, version: '1.0.0000' } } }) as Gathered<unknown>;

describe('the siblings of a server', () => {
  it('are found where they take longer to answer than the server that refused', async () => {
    const windows: number[] = [];
    const siblings = new Siblings((_route, timeoutMs) => {
      windows.push(timeoutMs);
      const answersMs = { 'back-0': 1, 'back-1': 120 };
      const inTime = Object.entries(answersMs).filter(([, ms]) => ms <= timeoutMs);
      return Promise.resolve(inTime.map(([serverId]) => pongOf(serverId)));
    });
    expect(await siblings.otherThan(route, ['back-0'])).toBe('back-1');
    expect(windows).toEqual([50, 250]);
    // It is kept.
    expect(await siblings.otherThan(route, ['back-0', 'back-1'])).toBeUndefined();
    expect(windows).toHaveLength(2);
  });

  it('are asked for once where two answer at once', async () => {
    let asked = 0;
    const siblings = new Siblings(() => {
      asked += 1;
      return Promise.resolve(['back-0', 'back-1'].map(pongOf));
    });
    expect(await siblings.otherThan(route, ['back-0'])).toBe('back-1');
    expect(asked).toBe(1);
  });
});
