import { matchingHandlers } from '../src/contracts/matching.js';
import { rpcContext } from '@ccgame/rpc';
import { Cluster } from './cluster.js';
import { type Player, until } from './player.js';

const mode = {
  name: 'strict',
  teams: 2,
  teamSize: 2,
  maxParty: 2,
  attributes: {
    region: { type: 'enum', values: ['eu', 'us'], default: 'eu' },
    skill: { type: 'number', min: 0, max: 5_000, default: 1_500 },
    rank: { type: 'number', min: 0, max: 10, default: 1, setBy: 'server' },
    clan: { type: 'string', maxLength: 16, optional: true },
  },
  hardKeys: ['region'],
  skill: { attribute: 'skill', start: 50, perSecond: 0 },
  roles: { perTeam: { tank: 1 } },
  latency: { limitsMs: { eu: 50 } },
  longestWaitMs: 600_000,
};
const numbers = (length: number): [string, number][] => Array.from({ length }, (_, i) => [`n${i}`, i]);
const good = { latencyMs: { eu: 20 } };
/** A team of two needs one of them. */
const pair = { ...good, roles: [['tank'], []] };

describe('what players should not send', () => {
  let cluster: Cluster;
  let anna: Player;
  let ben: Player;
  let carl: Player;
  let joins = 0;

  beforeAll(async () => {
    cluster = await Cluster.start(1, [mode]);
    [anna, ben, carl] = (await cluster.some(3)) as [Player, Player, Player];
    await ben.join(mode.name, good);
    const others = await cluster.some(3);
    const skills = [4_400, 4_700, 5_000];
    await Promise.all(
      others.map((player, i) => player.join(mode.name, { ...good, attributes: { skill: skills[i] } })),
    );
    // As many as a match has: the partition has an owner then, who stores that once.
    await until(async () => (await cluster.lastSequence()) >= 5, 'ben’s partition has an owner');
  });
  afterAll(() => cluster.stop());

  it.each<[string, string, object, string]>([
    ['an unknown mode', 'nowhere', good, 'UNKNOWN_MODE'],
    ['a mode that is no name', 'No Such.Mode', good, 'INVALID'],
    ['a field that is not there', 'strict', { ...good, admin: true }, 'INVALID'],
    ['an attribute that is not there', 'strict', { ...good, attributes: { level: 3 } }, 'INVALID'],
    ['an attribute of the wrong type', 'strict', { ...good, attributes: { skill: '1500' } }, 'INVALID'],
    ['an attribute that is an object', 'strict', { ...good, attributes: { region: { $ne: 1 } } }, 'INVALID'],
    [
      'an attribute as long as a book',
      'strict',
      { ...good, attributes: { clan: 'x'.repeat(20_000) } },
      'INVALID',
    ],
    [
      'a thousand attributes',
      'strict',
      { ...good, attributes: Object.fromEntries(numbers(1000)) },
      'INVALID',
    ],
    ['a skill that is not a number', 'strict', { ...good, attributes: { skill: NaN } }, 'INVALID'],
    ['a skill below all bounds', 'strict', { ...good, attributes: { skill: -1 } }, 'INVALID'],
    ['a party that is too large', 'strict', { ...good, party: ['x1', 'x2'] }, 'INVALID'],
    ['a party with its leader twice', 'strict', { ...pair, party: ['p0'] }, 'INVALID'],
    ['a party with a player who is no id', 'strict', { ...pair, party: ['a.*.>'] }, 'INVALID'],
    ['a party of thousands', 'strict', { ...good, party: numbers(5000).map(([name]) => name) }, 'INVALID'],
    ['a party with somebody who did not join it', 'strict', { ...pair, party: ['p1'] }, 'NOT_IN_PARTY'],
    ['an attribute that a server sets', 'strict', { ...good, attributes: { rank: 9 } }, 'INVALID'],
    ['a role that is not there', 'strict', { ...good, roles: [['bard']] }, 'INVALID'],
    ['roles for more players than come', 'strict', { ...good, roles: [['tank'], ['tank']] }, 'INVALID'],
    ['a party without the role that its team needs', 'strict', { ...good, party: ['p1'] }, 'INVALID'],
    ['a latency to nowhere', 'strict', { latencyMs: { mars: 1 } }, 'INVALID'],
    ['no latency where it is needed', 'strict', {}, 'INVALID'],
    ['a request id like a subject', 'strict', { ...good, requestId: 'a.b.>' }, 'INVALID'],
  ])('gets a typed error for %s, and nothing is stored', async (_, name, more, code) => {
    const before = await cluster.lastSequence();
    // One player may join 20 times at once, and a quick machine has come so far.
    joins += 1;
    const player = joins <= 15 ? anna : carl;
    await expect(player.join(name, more)).rejects.toMatchObject({ code });
    await expect(player.status()).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(await cluster.lastSequence()).toBe(before);
  });

  it('gets a typed error for a number that JSON can say and nobody can count with', async () => {
    const before = await cluster.lastSequence();
    // Not anna, whose joins above may have come too fast for one more.
    const [carl] = (await cluster.some(1)) as [Player];
    const message = `{"route":"matching.user_join_matching","timestamp":900001,"data":{"mode":"strict","latencyMs":{"eu":20},"attributes":{"skill":1e999}}}`;
    expect(await carl.sendRaw(message, 900_001)).toMatchObject({ error: { code: 'INVALID' } });
    expect(await cluster.lastSequence()).toBe(before);
  });

  it('can not cancel somebody else’s ticket, nor accept somebody else’s match', async () => {
    const before = await cluster.lastSequence();
    const { ticketId } = await ben.status();
    await expect(anna.ask('matching.user_cancel_ticket', { ticketId })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
    await expect(anna.ask('matching.user_accept_match', { matchId: 'm' })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
    expect(await ben.status()).toMatchObject({ state: 'open' });
    expect(await cluster.lastSequence()).toBe(before);
  });

  it('can not reach what only servers may call', async () => {
    await expect(
      anna.askAnything('matching.request_backfill', { matchId: 'm', places: [0] }),
    ).rejects.toMatchObject({
      code: 'NO_SERVER',
    });
    await expect(anna.askAnything('matching.count_tickets', { version: '1.0.0000' })).rejects.toMatchObject({
      code: 'NO_SERVER',
    });
  });

  it('may come a thousand times a second: it is told so, and the others join as ever', async () => {
    const [flooder, ...others] = (await cluster.some(11)) as [Player, ...Player[]];
    const before = await cluster.lastSequence();
    const codes = new Map<string, number>();
    const flood = Array.from({ length: 1_000 }, () =>
      flooder.join(mode.name, { ...good, attributes: { skill: 4_000 } }).then(
        () => count(codes, 'ok'),
        (error: { code: string }) => count(codes, error.code),
      ),
    );
    const joined = await Promise.all(
      others.map((player, i) => player.join(mode.name, { ...good, attributes: { skill: 2_000 + 200 * i } })),
    );
    flooder.close();
    await Promise.all(flood);
    expect(joined).toHaveLength(10);
    expect([...codes.keys()].sort()).toEqual(expect.arrayContaining(['RATE_LIMITED', 'ok']));
    expect(
      [...codes.keys()].filter((code) => !['ok', 'RATE_LIMITED', 'CLOSED', 'ABUSE', 'BUSY'].includes(code)),
    ).toEqual([]);
    expect(await cluster.lastSequence()).toBe(before + others.length + 1);
  });

  it('is one ticket also where a server of the game lets a thousand joins of one player through', async () => {
    const before = await cluster.lastSequence();
    const context = { version: '1.0.0000', attributes: { uid: 'flood' } };
    const join = () =>
      rpcContext.run(context, () =>
        cluster.rpc.doRPC(
          { handler: matchingHandlers.join },
          { mode: mode.name, ...good, attributes: { skill: 0 } },
        ),
      );
    const tickets = await Promise.all(Array.from({ length: 1_000 }, join));
    expect(new Set(tickets.map(({ ticketId }) => ticketId)).size).toBe(1);
    expect(await cluster.lastSequence()).toBe(before + 1);
  });
});

function count(codes: Map<string, number>, code: string): void {
  codes.set(code, (codes.get(code) ?? 0) + 1);
}
