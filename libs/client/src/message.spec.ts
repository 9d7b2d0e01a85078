import { checkOptions } from './check-options.js';
import { messageOf } from './message.js';
import { PendingRequests } from './pending-requests.js';
import { startTimer, waitOf } from './timer.js';

const circular: Record<string, unknown> = {};
circular.self = circular;

describe('what a game wants to send', () => {
  it.each([
    ['a bigint', 1n],
    ['a bigint inside', { n: [1n] }],
    ['a circular object', circular],
    ['a function', () => 1],
    ['a symbol', Symbol('x')],
    ['a Map inside', { map: new Map() }],
    ['an Error', new Error('x')],
    ['bytes', { bytes: new Uint8Array(2) }],
    ['a promise', Promise.resolve()],
    ['what throws when it is read', { toJSON: () => JSON.parse('{') as unknown }],
  ])('is refused with INVALID where it is %s', (_, data) => {
    const problems = [{ field: 'data', rule: expect.stringContaining('expected') }];
    const refused = expect.objectContaining({ code: 'INVALID', details: { problems } });
    expect(() => messageOf('a.b', data)).toThrow(refused);
  });

  it('is refused with TOO_LARGE by its bytes', () => {
    const refused = { code: 'TOO_LARGE', details: { limit: 65_536, bytes: expect.any(Number) } };
    expect(() => messageOf('a.b', 'x'.repeat(70_000))).toThrow(expect.objectContaining(refused));
    expect(() => messageOf('a.b', '🎲'.repeat(16_500))).toThrow(expect.objectContaining(refused));
    // Each is two characters of JSON.
    expect(() => messageOf('a.b', {}, { version: '"'.repeat(40_000) })).toThrow(
      expect.objectContaining(refused),
    );
    const traceparent = 'x'.repeat(70_000);
    expect(() => messageOf('a.b', {}, { traceparent })).toThrow(expect.objectContaining(refused));
    expect(messageOf('a.b', '🎲'.repeat(16_000)).data).toHaveLength(32_000);
  });

  it.each(['', 'r'.repeat(129), undefined])(
    'is refused with INVALID by a route that no server takes: %p',
    (route) => {
      const problems = [{ field: 'route', rule: expect.stringContaining('128') }];
      const refused = expect.objectContaining({ code: 'INVALID', details: { problems } });
      expect(() => messageOf(route as string, {})).toThrow(refused);
    },
  );

  it('is sent as it was at the call', () => {
    const data = { n: 1 };
    const message = messageOf('a.b', data, { version: '1.0.0000', traceparent: '00-1-2-01' });
    data.n = 2;
    const fields = { version: '1.0.0000', traceparent: '00-1-2-01' };
    expect(message).toEqual({ route: 'a.b', data: { n: 1 }, ...fields });
  });
});

describe('a time', () => {
  it.each([Infinity, 2 ** 31, 1e12])('of %d ms has not passed at once', async (ms) => {
    const requests = new PendingRequests(1, () => undefined);
    const late = requests.addRequest('Request', messageOf('a.b', {}), ms).catch(() => 'late');
    const first = await Promise.race([
      late,
      new Promise((resolve) => setTimeout(() => resolve('waits'), 20)),
    ]);
    requests.failAll();
    expect(first).toBe('waits');
  });

  it('that a server says is never for ever, and is none where it is no number', () => {
    expect([Infinity, -1, NaN, '7', null, undefined].map(waitOf)).toEqual([3_600_000, 0, 0, 0, 0, 0]);
    expect(startTimer(() => {}, Infinity)).toBeUndefined();
  });
});

describe('a mistake of the game', () => {
  const right = { url: 'https://play.example.com', token: 'x' };
  it.each([
    ['url', { url: 'play.example.com' }],
    ['url', { url: '' }],
    ['token', { token: undefined }],
    ['token', { token: 7 }],
    ['token', { token: 't'.repeat(32_769) }],
    ['version', { version: '1'.repeat(65) }],
    ['region', { region: 7 }],
    ['region', { region: 'r'.repeat(65) }],
    ['resume', { resume: { session: 's'.repeat(257), position: 1 } }],
    ['timeoutMs', { timeoutMs: NaN }],
    ['timeoutMs', { timeoutMs: -1 }],
    ['resume', { resume: { session: 's' } }],
  ])('in the option %s is thrown at once', (option, wrong) => {
    expect(() => checkOptions({ ...right, ...wrong } as never)).toThrow(new RegExp(`option ${option}`));
  });
});
