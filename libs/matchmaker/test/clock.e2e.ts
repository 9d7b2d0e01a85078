import { fileURLToPath } from 'node:url';
import { Cluster } from './cluster.js';
import { type Player, until } from './player.js';

const duel = { name: 'duel-clock', teams: 2, teamSize: 1, maxParty: 1, hardKeys: [] };
/** Two of these fit each other after three seconds, and not before. */
const widening = {
  ...duel,
  name: 'widening',
  attributes: { skill: { type: 'number', min: 0, max: 1e9 } },
  skill: { attribute: 'skill', start: 0, perSecond: 100 },
  longestWaitMs: 3_600_000,
  disconnectGraceMs: 1_000,
};
const brief = { ...widening, name: 'brief-clock', longestWaitMs: 100, ticketExpiryMs: 3_000 };
const checked = { ...duel, name: 'checked-clock', readyCheckMs: 3_000 };

const shift = fileURLToPath(new URL('./shifted-clock.mjs', import.meta.url));
/** A process whose `Date` is so many minutes off, as a machine's whose clock was never set. */
const off = (minutes: number): Record<string, string> => ({
  NODE_OPTIONS: `--import=file://${shift}`,
  CLOCK_OFFSET_MS: String(minutes * 60_000),
});

describe('servers whose clocks are ten minutes off, one forward and one back', () => {
  let cluster: Cluster;

  beforeAll(async () => {
    cluster = await Cluster.start(0, [duel, widening, brief, checked], {}, off(-10));
    const servers = [await cluster.addMatching(off(10)), await cluster.addMatching(off(-10))];
    await Promise.all(servers.map((server) => server.process.untilReady()));
  });
  afterAll(() => cluster.stop());

  const skill = (value: number) => ({ attributes: { skill: value } });
  const two = async (): Promise<[Player, Player]> => (await cluster.some(2)) as never;
  async function timed<T>(work: () => Promise<T>): Promise<number> {
    const startedAt = performance.now();
    await work();
    return performance.now() - startedAt;
  }

  it('match at the same time as others: neither at once nor in ten minutes', async () => {
    const pairs = await Promise.all([1, 2, 3, 4].map(two));
    const waits = await Promise.all(
      pairs.map(async ([anna, ben], index) => {
        const base = index * 1_000_000;
        await anna.join(widening.name, skill(base));
        return timed(async () => {
          await ben.join(widening.name, skill(base + 300));
          await anna.pushed('matched');
        });
      }),
    );
    expect(Math.min(...waits)).toBeGreaterThan(2_500);
    expect(Math.max(...waits)).toBeLessThan(8_000);
  });

  it('say of a ticket when it was opened, by the clock that is right', async () => {
    const players = await cluster.some(4);
    const tickets = await Promise.all(players.map((one, i) => one.join(widening.name, skill(1e8 + 1e7 * i))));
    for (const { waitingSinceMs } of tickets)
      expect(Math.abs(waitingSinceMs - Date.now())).toBeLessThan(5_000);
    for (const player of players) await player.ask('matching.user_leave_matching', undefined);
  });

  it('give everybody the mode’s time to accept', async () => {
    const [anna, ben] = await two();
    await Promise.all([anna, ben].map((player) => player.join(checked.name)));
    const proposed = await anna.pushed('match.proposed');
    expect(proposed.acceptWithinMs).toBeGreaterThan(1_000);
    expect(proposed.acceptWithinMs).toBeLessThanOrEqual(3_000);
    expect(await anna.ask('matching.user_accept_match', { matchId: proposed.matchId })).toMatchObject({
      outcome: 'waiting',
    });
    expect(await ben.pushed('ticket.closed')).toMatchObject({ reason: 'not-accepted' });
    await anna.ask('matching.user_leave_matching', undefined);
  });

  it('close a ticket after the mode’s longest stay, and one whose player is away after its grace', async () => {
    const [anna, ben, cleo] = (await cluster.some(3)) as [Player, Player, Player];
    await anna.join(widening.name, skill(5e8));
    const stayed = timed(async () => {
      await ben.join(brief.name, skill(1));
      await ben.pushed('ticket.closed');
    });
    await cleo.join(widening.name, skill(6e8));
    const away = timed(async () => {
      cleo.close();
      await until(async () => (await cluster.countTickets()) === 1, 'both tickets are closed');
    });
    expect(await stayed).toBeGreaterThan(2_500);
    expect(await away).toBeGreaterThan(500);
    expect(await anna.status()).toMatchObject({ state: 'open' });
  });
});
