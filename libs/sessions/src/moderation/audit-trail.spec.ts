import type { INestApplicationContext } from '@nestjs/common';
import { type NatsServer, startNats } from '@ccgame/testing';
import { openProcess } from '../../test/process.js';
import { type AuditEntry, AuditTrail } from './audit-trail.js';

const order = { action: 'gift', playerId: 'anna', by: 'olga', reason: 'lost by a fault' };
const circle: Record<string, unknown> = {};
circle.self = { circle };
let deep: object = {};
for (let level = 0; level < 40; level += 1) deep = { deep };

describe('the audit trail', () => {
  let nats: NatsServer;
  let office: INestApplicationContext;
  let audit: AuditTrail;

  beforeAll(async () => {
    nats = await startNats();
    office = await openProcess('admin-0', nats.address, [AuditTrail]);
    audit = office.get(AuditTrail);
  });
  afterAll(async () => {
    await office.close();
    await nats.destroy();
  });

  it.each<[string, string, object]>([
    ['a bigint', 'details', { details: { gold: 5n } }],
    ['a circle', 'details', { details: circle }],
    ['forty levels', 'details', { details: deep }],
    ['too many fields', 'details', { details: { all: Array.from({ length: 2_100 }, () => ({})) } }],
    ['a Map', 'details', { details: { gold: new Map([['anna', 5]]) } }],
    ['a function', 'details', { details: { gold: () => 5 } }],
    ['a list', 'details', { details: [5] }],
    ['a text', 'details', { details: 'gold' }],
    ['null', 'details', { details: null }],
    [
      'a getter that throws',
      'details',
      {
        details: {
          get gold() {
            throw new Error('gone');
          },
        },
      },
    ],
    ['bytes', 'details', { details: { all: Buffer.from('gold') } }],
    ['an action that is no text', 'action', { action: 5 }],
    ['an action of spaces', 'action', { action: ' ' }],
    ['no operator', 'by', { by: undefined }],
    ['a long reason', 'reason', { reason: 'r'.repeat(501) }],
    ['no number of seconds', 'forSeconds', { forSeconds: NaN }],
    ['a name that is none', 'playerId', { playerId: 'anna.*' }],
  ])('refuses %s before anything is done', async (_, field, wrong) => {
    const work = jest.fn(() => Promise.resolve());
    const entry = { ...order, ...wrong } as AuditEntry;
    await expect(audit.carryOut(entry, work)).rejects.toMatchObject({
      code: 'INVALID',
      details: { problems: [expect.objectContaining({ field })] },
    });
    expect(work).not.toHaveBeenCalled();
    expect(await audit.listLines()).toEqual([]);
  });

  it('refuses an entry of more than 16 KiB, in bytes', async () => {
    const work = jest.fn(() => Promise.resolve());
    const entry = { ...order, details: { text: 'ж'.repeat(9_000) } };
    await expect(audit.carryOut(entry, work)).rejects.toMatchObject({
      code: 'TOO_LARGE',
      details: { bytes: expect.any(Number) as number, limit: 16_384 },
    });
    expect(work).not.toHaveBeenCalled();
    expect(await audit.listLines()).toEqual([]);
  });

  it('has the entry as it was before the work, also where that fails', async () => {
    const details = { gold: 5, at: new Date(0), note: undefined };
    const kept = { ...order, details: { gold: 5, at: '1970-01-01T00:00:00.000Z' } };
    const failing = audit.carryOut({ ...order, details }, () => {
      details.gold = 6;
      return Promise.reject(new Error('no room'));
    });
    await expect(failing).rejects.toThrow('no room');
    const lines = await audit.listLines({ playerId: 'anna' });
    expect(lines.map(({ at: _, ...line }) => line)).toEqual([kept, { ...kept, failed: 'INTERNAL' }]);
  });
});
