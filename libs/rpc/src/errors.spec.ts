import { hostileErrors } from '@ccgame/testing';
import { CallStats } from './call/call-figures.js';
import { asRpcError, codeOf, defineErrors, httpStatusOf, isPermanent, RpcError } from './errors.js';
import { codeLabel } from './metrics/code-label.js';
import { HandlerStats } from './serve/handler-stats.js';

const errors = defineErrors({
  SHOP_CLOSED: { message: 'The shop is closed', status: 423, retryable: true },
  SHOP_EMPTY: { message: 'The shop has nothing' },
});

describe('an error of a game', () => {
  it('has the HTTP status that is declared, else 400, and says whether to try again', () => {
    expect(httpStatusOf(errors.SHOP_CLOSED().code)).toBe(423);
    expect(httpStatusOf(errors.SHOP_EMPTY().code)).toBe(400);
    expect([errors.SHOP_CLOSED().retryable, errors.SHOP_EMPTY().retryable]).toEqual([true, false]);
    expect(errors.SHOP_EMPTY({ retryable: true }).retryable).toBe(true);
  });

  it.each([200, 302, 399, 600, 450.5, NaN])('is not declared with the status %s', (status) => {
    expect(() => defineErrors({ SHOP_ODD: { message: 'x', status } })).toThrow('SHOP_ODD');
    expect(httpStatusOf('SHOP_ODD')).toBe(400);
  });

  it('is declared once, and never under a name of the engine', () => {
    expect(() => defineErrors({ SHOP_EMPTY: { message: 'x' } })).toThrow('twice');
    expect(() => defineErrors({ TIMEOUT: { message: 'x' } })).toThrow('twice');
    expect(() => defineErrors({ shopOdd: { message: 'x' } })).toThrow('UPPER_SNAKE');
  });

  it.each(['constructor', 'toString', '__proto__'])("of the name %s is nobody's, and 400", (code) => {
    expect(httpStatusOf(code)).toBe(400);
  });
});

describe('the part of an error that players are told', () => {
  const circle: { self?: unknown } = {};
  circle.self = circle;
  const throwing = Object.defineProperty({}, 'x', { get: () => BigInt(1) / BigInt(0), enumerable: true });

  it.each<[string, unknown]>([
    ['a bigint', { n: 1n }],
    ['a circle', circle],
    ['a getter that throws', throwing],
    ['a function', () => 1],
    ['a symbol', Symbol('x')],
    ['a proxy that is revoked', revoked()],
  ])('leaves out what JSON can not hold: %s', (_, details) => {
    const told = new RpcError('BUSY', { details, retryAfterMs: NaN, retryable: 'yes' as never }).toPublic();
    expect(told).toEqual({ code: 'BUSY', retryable: false });
    expect(JSON.parse(JSON.stringify(told))).toEqual(told);
  });

  it.each([-1, -5_000, Infinity, '5', 5n])(
    'says nothing of when to ask again where that is %s',
    (retryAfterMs) => {
      expect(new RpcError('BUSY', { retryAfterMs: retryAfterMs as number }).toPublic()).toEqual({
        code: 'BUSY',
        retryable: true,
      });
    },
  );

  it.each([2 ** 31, 1e21, Number.MAX_VALUE])(
    'says of %s ms the longest time that a timer holds: it would go off at once',
    (retryAfterMs) => {
      expect(new RpcError('BUSY', { retryAfterMs }).toPublic().retryAfterMs).toBe(2 ** 31 - 1);
    },
  );

  it('is what was said, as it was then', () => {
    const details = { opensAt: new Date(0), of: ['a'] };
    const error = new RpcError('BUSY', { details, retryAfterMs: 5 });
    const told = error.toPublic();
    details.of.push('b');
    expect(told).toEqual({
      code: 'BUSY',
      retryable: true,
      retryAfterMs: 5,
      details: { opensAt: '1970-01-01T00:00:00.000Z', of: ['a'] },
    });
  });
});

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

describe('something thrown that is no error of the catalogue', () => {
  it.each(hostileErrors)('%s is INTERNAL, and not permanent', (_, make) => {
    expect([asRpcError(make()), codeOf(make()), isPermanent(make())]).toEqual([undefined, 'INTERNAL', false]);
  });

  it('is told from one that is', () => {
    const error = new RpcError('TOO_LARGE');
    expect([asRpcError(error), codeOf(error), isPermanent(error)]).toEqual([error, 'TOO_LARGE', true]);
  });
});

describe('the code of an error as the label of a metric', () => {
  it('is one of as many as there are declared, and of a hundred others', () => {
    defineErrors({ SOLD_OUT_DECLARED: { message: 'declared' } });
    const labels = Array.from({ length: 1_000 }, (_, item) => codeLabel(`SOLD_OUT_${item}`));
    expect(new Set(labels).size).toBe(101);
    const known = ['ok', 'BUSY', 'SOLD_OUT_DECLARED', 'SOLD_OUT_7', 'SOLD_OUT_999', 'constructor'];
    expect(known.map(codeLabel)).toEqual(['ok', 'BUSY', 'SOLD_OUT_DECLARED', 'SOLD_OUT_7', 'other', 'other']);
  });

  it('counts the failures of a handler and of calls to it', () => {
    const [served, called] = [new HandlerStats(), new CallStats({ to: 'shop', handler: 'buy' })];
    for (let item = 0; item < 1_000; item += 1) {
      served.recordFailure(`LACKS_${item}`);
      called.recordCall(`LACKS_${item}`, 1);
    }
    expect([served.failed.size, called.results.size]).toEqual([1, 1]);
  });
});
