import { explainHandlers } from '../src/contracts/explain.js';
import { Cluster } from './cluster.js';
import { type Player, until } from './player.js';

const duel = { name: 'pair', teams: 2, teamSize: 1, maxParty: 1, hardKeys: [] };
const squad = { ...duel, name: 'squad', teamSize: 3, maxParty: 3 };
/** Nobody is near enough to anybody here. */
const lonely = {
  ...duel,
  name: 'lonely',
  attributes: { skill: { type: 'number', min: 0, max: 1e9 }, name: { type: 'string', optional: true } },
  skill: { attribute: 'skill', start: 0, perSecond: 0 },
  longestWaitMs: 3_600_000,
  disconnectGraceMs: 500,
};
/** Anybody will do after a while. */
const slow = { ...lonely, name: 'slow', longestWaitMs: 2_000 };
const brief = { ...lonely, name: 'brief', longestWaitMs: 100, ticketExpiryMs: 1_000 };

describe('a ticket', () => {
  let cluster: Cluster;

  beforeAll(async () => {
    cluster = await Cluster.start(2, [duel, squad, lonely, slow, brief]);
  });
  afterAll(() => cluster.stop());

  const some = (count: number): Promise<Player[]> => cluster.some(count);
  const four = async (): Promise<[Player, Player, Player, Player]> => (await some(4)) as never;
  const leave = (player: Player) => player.ask('matching.user_leave_matching', undefined);
  const refusal = (code: string) => expect.objectContaining({ code });

  it('is one a player: a second join in the same mode gives the first, in another mode an error', async () => {
    const [anna] = await four();
    const first = await anna.join(lonely.name, { attributes: { skill: 1 } });
    expect(await anna.join(lonely.name, { attributes: { skill: 2 } })).toEqual(first);
    await expect(anna.join(duel.name)).rejects.toMatchObject({
      code: 'ALREADY_QUEUED',
      details: { players: [anna.id], ticketId: first.ticketId, mode: 'lonely' },
    });
    await leave(anna);
  });

  it('is opened once for a request id, also when its match is made already', async () => {
    const [anna, ben] = await four();
    const requestId = 'the-same';
    const tries = await Promise.all([1, 2, 3, 4].map(() => anna.join(duel.name, { requestId })));
    expect(new Set(tries.map(({ ticketId }) => ticketId)).size).toBe(1);
    await ben.join(duel.name);
    await anna.pushed('matched');
    expect(await anna.join(duel.name, { requestId })).toEqual(tries[0]);
    expect(await anna.status()).toMatchObject({ state: 'matched' });
  });

  it('is not opened by a join that comes late, when its player was matched and has played again since', async () => {
    const [anna, ben] = await four();
    await anna.join(duel.name, { requestId: 'held-up' });
    for (const round of [1, 2, 3]) {
      await ben.join(duel.name);
      await anna.pushed('matched', round);
      if (round < 3) await anna.join(duel.name, { requestId: `round-${round}` });
    }
    const before = await anna.status();
    await anna.join(duel.name, { requestId: 'held-up' });
    expect(await anna.status()).toEqual(before);
    expect(before.state).toBe('matched');
  });

  it('of a party is every one of its players’, is told to them, and ends when one of them leaves', async () => {
    const [anna, ben, cleo, dora] = await four();
    const { ticketId } = await anna.joinWith([ben, cleo], squad.name);
    const players = [anna.id, ben.id, cleo.id];
    expect(await ben.pushed('ticket.opened')).toEqual({ ticketId, mode: 'squad', players });
    expect(await cleo.status()).toMatchObject({ ticketId, players, state: 'open' });
    await expect(dora.joinWith([ben], squad.name)).rejects.toMatchObject({
      code: 'ALREADY_QUEUED',
      details: { players: [ben.id] },
    });
    await expect(dora.status()).rejects.toEqual(refusal('NOT_FOUND'));
    expect(await cleo.ask('matching.user_cancel_ticket', { ticketId })).toEqual({ outcome: 'left' });
    const closed = { ticketId, mode: 'squad', reason: 'cancelled', by: cleo.id };
    expect(await anna.pushed('ticket.closed')).toEqual(closed);
    expect(await ben.pushed('ticket.closed')).toEqual(closed);
    await dora.join(squad.name, { party: [ben.id] });
    await leave(dora);
  });

  it('can be cancelled by its players alone', async () => {
    const [anna, ben] = await four();
    const { ticketId } = await anna.join(lonely.name, { attributes: { skill: 10 } });
    await expect(ben.ask('matching.user_cancel_ticket', { ticketId })).rejects.toEqual(refusal('NOT_FOUND'));
    expect(await anna.status()).toMatchObject({ state: 'open' });
    expect(await leave(anna)).toEqual({ outcome: 'left' });
    expect(await leave(anna)).toEqual({ outcome: 'not-waiting' });
    expect(await anna.status()).toMatchObject({ state: 'cancelled', reason: 'cancelled' });
  });

  it('tells its place by age', async () => {
    const [anna, ben] = await four();
    for (const [index, player] of [anna, ben].entries())
      await player.join(lonely.name, { attributes: { skill: 1_000 * (index + 1) } });
    expect(await anna.status()).toMatchObject({ position: 1, waiting: 2 });
    expect(await ben.status()).toMatchObject({ position: 2, waiting: 2 });
    await leave(anna);
    expect(await ben.status()).toMatchObject({ position: 1, waiting: 1 });
    await leave(ben);
  });

  it('tells how much longer it will wait, by what others have waited of late', async () => {
    const players = await some(6);
    const waits = await Promise.all(
      players.map(async (player, i) => {
        const { waitingSinceMs } = await player.join(slow.name, { attributes: { skill: 1_000 * i } });
        await player.pushed('matched');
        return Date.now() - waitingSinceMs;
      }),
    );
    const [anna] = await four();
    const { waitingSinceMs } = await anna.join(slow.name, { attributes: { skill: 0 } });
    const { position, estimatedWaitMs } = await anna.status();
    expect(position).toBe(1);
    expect(estimatedWaitMs).toBeGreaterThanOrEqual(slow.longestWaitMs - (Date.now() - waitingSinceMs));
    expect(estimatedWaitMs).toBeLessThanOrEqual(Math.max(...waits));
    await leave(anna);
  });

  it('is explained: to its player, and to a server that knows its id', async () => {
    const [anna, ben, cleo] = await four();
    const { ticketId } = await anna.join(lonely.name, { attributes: { skill: 1_000 } });
    await ben.join(lonely.name, { attributes: { skill: 1_200 } });
    const explanation = await anna.ask('matching.explain', undefined);
    expect(explanation).toMatchObject({
      ticketId,
      mode: 'lonely',
      position: 1,
      waiting: 2,
      window: { from: 1_000, to: 1_000 },
      groups: [{ rule: 'window', tickets: 1, nearestBeyond: 200 }],
    });
    expect(explanation.text.length).toBeGreaterThan(1);
    const same = await cluster.rpc.doRPC({ handler: explainHandlers.any }, { ticketId });
    expect(same.groups).toHaveLength(1);
    await expect(cleo.ask('matching.explain', undefined)).rejects.toEqual(refusal('NOT_FOUND'));
    await Promise.all([anna, ben].map(leave));
    await expect(cluster.rpc.doRPC({ handler: explainHandlers.any }, { ticketId })).rejects.toEqual(
      refusal('NOT_FOUND'),
    );
  });

  it('outlives a reconnect within the grace, and leaves with a reason after it', async () => {
    const [anna, ben] = await four();
    await anna.join(lonely.name, { attributes: { skill: 10_000 } });
    await ben.join(lonely.name, { attributes: { skill: 20_000 } });
    await anna.reconnect();
    ben.close();
    await until(
      async () => (await cluster.countTickets()) === 1,
      'the ticket of the player who is away is closed',
    );
    const again = await cluster.player(ben.id);
    expect(await again.status()).toMatchObject({ state: 'expired', reason: 'disconnected' });
    expect(await anna.status()).toMatchObject({ state: 'open' });
    await leave(anna);
  });

  it('of a party leaves when one of its players stays away, and the others hear who', async () => {
    const [anna, ben] = await four();
    await cluster.declare({ ...squad, name: 'grace', disconnectGraceMs: 500 });
    await until(
      async () =>
        anna.joinWith([ben], 'grace').then(
          () => true,
          () => false,
        ),
      'the mode is there',
    );
    ben.close();
    expect(await anna.pushed('ticket.closed')).toMatchObject({ reason: 'disconnected', by: ben.id });
  });

  it('is counted, as is what became of it', async () => {
    const [anna, ben, cleo] = await four();
    await cleo.join(lonely.name, { attributes: { skill: 77 } });
    await Promise.all([anna, ben].map((player) => player.join(duel.name)));
    await anna.pushed('matched');
    const text = await cluster.metrics();
    expect(text).toMatch(/^ccgame_matching_tickets\{mode="lonely",.*\} 1$/m);
    expect(text).toMatch(/^ccgame_matching_joins_total\{mode="pair",result="ok",.*\} [1-9]/m);
    expect(text).toMatch(/^ccgame_matching_matches_total\{mode="pair",.*\} [1-9]/m);
    expect(text).toMatch(/^ccgame_matching_wait_seconds_count\{.*mode="pair".*\} [1-9]/m);
    expect(text).toMatch(/^ccgame_matching_slice_seconds_count\{.*work="pass"\} [1-9]/m);
    expect(text).toMatch(/^ccgame_matching_takeovers_total\{.*\} [1-9]/m);
    await leave(cleo);
  });

  it('leaves after the mode’s longest stay', async () => {
    const [anna] = await four();
    await anna.join(brief.name, { attributes: { skill: 5 } });
    expect(await anna.pushed('ticket.closed')).toMatchObject({ mode: 'brief', reason: 'expired' });
  });

  it('that waits when its mode gets a hard key and skill is matched with those who come then, by the defaults', async () => {
    const [anna, ben] = await four();
    const name = 'regional';
    const tries = (join: () => Promise<unknown>) => (): Promise<boolean> =>
      join().then(
        () => true,
        () => false,
      );
    await cluster.declare({ ...duel, name });
    await until(
      tries(() => anna.join(name)),
      'the mode is there',
    );
    await cluster.declare({
      ...lonely,
      name,
      attributes: {
        region: { type: 'enum', values: ['eu', 'us'], default: 'eu' },
        skill: { type: 'number', min: 0, max: 5_000, default: 1_000 },
      },
      hardKeys: ['region'],
    });
    await until(
      tries(() => ben.join(name, { attributes: { region: 'eu', skill: 1_000 } })),
      'the mode has the key',
    );
    const { matchId } = await anna.pushed('matched');
    expect(await ben.pushed('matched')).toMatchObject({ matchId });
  });

  it('follows its mode when that is changed at run time, and other modes stay as they are when one is wrong', async () => {
    const [anna, ben] = await four();
    const name = 'seasonal';
    await expect(anna.join(name)).rejects.toMatchObject({
      code: 'UNKNOWN_MODE',
      details: { modes: expect.arrayContaining(['duel', 'pair']) },
    });
    await cluster.declare({ ...lonely, name });
    // Each of the servers hears of it by itself.
    const joined = (player: typeof anna, skill: number) => (): Promise<boolean> =>
      player.join(name, { attributes: { skill } }).then(
        () => true,
        () => false,
      );
    await until(joined(anna, 1), 'the mode is there');
    const { waitingSinceMs } = await anna.status();
    await until(joined(ben, 500), 'the mode is there, wherever it is asked for');
    expect((await ben.status()).state).toBe('open');
    // Skill does not matter any more: tickets that wait already are matched by the new rules.
    const { skill: _, longestWaitMs: __, ...anybody } = lonely;
    await cluster.declare({ ...anybody, name, teamSize: 0 });
    await cluster.declare({ ...anybody, name });
    await anna.pushed('matched');
    expect(await anna.status()).toMatchObject({ state: 'matched', waitingSinceMs });
    expect(await ben.status()).toMatchObject({ state: 'matched' });
  });
});
