import type { TicketRecord } from '@ccgame/matchmaker/store';
import type { StoredEvent } from './history.js';
import { takenOverAfter } from './ownership.js';

const [old, next, at] = ['matching-0', 'matching-1', 10_000];
const events: StoredEvent[] = [];
beforeEach(() => events.splice(0));

function fence(region: string, serverId: string, storedAt: number): void {
  const record = { partition: `duel~1%2E0%2E0000~${region}`, serverId, incarnation: 'a' };
  events.push({ kind: 'fence', seq: events.length + 1, storedAt, record });
}

function ticket(region: string, state: 'open' | 'matched', storedAt: number): void {
  const record = {
    ...{ ticketId: `of-${region}`, players: ['anna'], mode: 'duel', version: '1.0.0000', since: 0, state },
    attributes: { region },
  } satisfies TicketRecord;
  events.push({ kind: 'ticket', seq: events.length + 1, storedAt, player: 'anna', record });
}

/** All that was stored before is from before the fault. */
const after = (tell: () => void): number | undefined => {
  const place = events.length;
  tell();
  return takenOverAfter(events, old, place, at);
};

describe('how long a server that goes leaves its partitions to nobody', () => {
  it('is counted to the last one that another takes', () => {
    for (const region of ['eu', 'us']) fence(region, old, 1);
    for (const region of ['eu', 'us']) ticket(region, 'open', 2);
    const ms = after(() => {
      fence('eu', next, at + 300);
      fence('us', next, at + 700);
    });
    expect(ms).toBe(700);
  });

  it('begins with the next ticket where nobody waits', () => {
    fence('eu', old, 1);
    ticket('eu', 'open', 2);
    ticket('eu', 'matched', 3);
    const ms = after(() => {
      ticket('eu', 'open', at + 5_000);
      fence('eu', next, at + 5_040);
    });
    expect(ms).toBe(40);
  });

  it('is not known where it held none', () => {
    fence('eu', next, 1);
    expect(after(() => fence('eu', next, at))).toBeUndefined();
  });
});
