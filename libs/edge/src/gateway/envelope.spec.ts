import { GatewayMessageDto } from '@ccgame/protocol';
import type { RpcError } from '@ccgame/rpc';
import { plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';
import { checkEnvelope, echoOf } from './envelope.js';

function passes(message: unknown): boolean {
  try {
    checkEnvelope(message);
    return true;
  } catch {
    return false;
  }
}

const good = { route: 'matching.join', data: {} };

describe('the envelope’s check by hand', () => {
  it.each<object>([
    good,
    { ...good, timestamp: 0 },
    { ...good, timestamp: 1.5 },
    { ...good, timestamp: -1 },
    { ...good, timestamp: '1' },
    { ...good, traceparent: '00-1-2-01' },
    { ...good, traceparent: 'x'.repeat(129) },
    { ...good, traceparent: 7 },
    { ...good, version: '1.0.0000' },
    { ...good, version: 'latest' },
    { ...good, version: '' },
    { ...good, version: '01.0.0000' },
    { ...good, version: '1.0.x' },
    { ...good, version: 7 },
    { ...good, route: 7 },
    { ...good, route: 'x'.repeat(129) },
    { ...good, admin: true },
    { route: 'a.b' },
    { data: {} },
  ])('says the same of %j as the DTO’s decorators', (message) => {
    const dto = plainToInstance(GatewayMessageDto, message);
    const byDecorators = validateSync(dto, { whitelist: true, forbidNonWhitelisted: true }).length === 0;
    expect(passes(message)).toBe(byDecorators);
  });

  it.each([
    [{ route: 'a.b' }, 'data', 'is missing: send null to a handler that takes nothing'],
    [{ data: {} }, 'route', 'is missing: expected a string of at most 128 characters'],
    [{ route: 7, data: {} }, 'route', 'expected a string of at most 128 characters'],
  ])('says of %j what is wrong with it', (message, field, rule) => {
    const problems = (() => {
      try {
        return checkEnvelope(message);
      } catch (error) {
        return (error as RpcError).details;
      }
    })();
    expect(problems).toEqual({ problems: [{ field, rule }] });
  });

  it('is not said to have had a timestamp that JSON can not hold', () => {
    expect(echoOf({ route: 'a.b', timestamp: Infinity })).toEqual({ route: 'a.b' });
    expect(echoOf({ route: 'a.b', timestamp: 1.5 })).toEqual({ route: 'a.b', timestamp: 1.5 });
  });
});
