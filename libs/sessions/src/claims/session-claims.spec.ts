import type { INestApplicationContext } from '@nestjs/common';
import { jetstreamManager } from '@nats-io/jetstream';
import { AckedPublisher, DirectReader, NotStored } from '@ccgame/jetstream';
import { NATS_CONNECTION, NatsHealth } from '@ccgame/nats';
import { type NatsServer, startNats, untilHolds } from '@ccgame/testing';
import { NatsWithUsers } from '../../../rpc/test/nats-with-users.js';
import { openProcess, sleep, until } from '../../test/process.js';
import { Groups } from '../groups/groups.service.js';
import { PlayerWhereabouts } from './player-whereabouts.js';
import type { SessionClaim } from './claim-request.js';
import { SessionClaims } from './session-claims.js';

describe('the claim of a session', () => {
  let nats: NatsServer;
  let processes: INestApplicationContext[];
  let first: SessionClaims;
  let second: SessionClaims;

  beforeAll(async () => {
    nats = await startNats();
    processes = [
      await openProcess('connector-0', nats.address, [SessionClaims, PlayerWhereabouts]),
      await openProcess('connector-1', nats.address, [SessionClaims]),
    ];
    [first, second] = processes.map((process) => process.get(SessionClaims));
  });
  afterAll(async () => {
    await Promise.all(processes.map((process) => process.close()));
    await nats.destroy();
  });

  const claim = (playerId: string, socket: string, session?: string, refuseSecond = false) => ({
    playerId,
    socket,
    version: '1.0.0000',
    session,
    refuseSecond,
  });

  it('is one connector’s, though both claim a hundred players at once', async () => {
    const displaced = new Map<string, string>();
    first.whenDisplaced((playerId) => displaced.set(playerId, 'first'));
    second.whenDisplaced((playerId) => displaced.set(playerId, 'second'));
    const players = Array.from({ length: 100 }, (_, index) => `p${index}`);
    const fences = await Promise.all(
      players.map((playerId) =>
        Promise.all([first.claimSession(claim(playerId, 'a')), second.claimSession(claim(playerId, 'b'))]),
      ),
    );
    await until(() => displaced.size === 100);
    for (const [index, [one, other]] of fences.entries()) {
      const loser = one.fence < other.fence ? 'first' : 'second';
      expect(displaced.get(players[index])).toBe(loser);
    }
  });

  describe('where a replica of NATS that is asked is behind', () => {
    const lagMs = 100;
    let reads: jest.SpyInstance;

    beforeAll(() => {
      const { readLast } = DirectReader.prototype;
      reads = jest.spyOn(DirectReader.prototype, 'readLast').mockImplementation(async function (
        this: DirectReader,
        ...of
      ) {
        const message = await readLast.apply(this, of);
        return message && Date.now() - message.storedAt < lagMs ? undefined : message;
      });
    });
    afterAll(() => reads.mockRestore());

    it('goes over to the next connector', async () => {
      const before = await first.claimSession(claim('lag-1', 's1'));
      const { fence } = await second.claimSession(claim('lag-1', 's2'));
      expect(fence).toBeGreaterThan(before.fence);
      expect(reads).toHaveBeenCalled();
    });

    it('is written to after a write whose ack was lost', async () => {
      const held = await first.claimSession(claim('lag-2', 's1'));
      held.revision = 0;
      await first.changeHeldData('lag-2', held, { room: 'r1' });
      expect(held.record.data).toEqual({ room: 'r1' });
    });

    it('is not taken for another socket’s, which it was claimed from, after a write whose ack was lost', async () => {
      const before = await first.claimSession(claim('lag-4', 's1'));
      const reader = new DirectReader(processes[0].get(NATS_CONNECTION), processes[0].get(NatsHealth));
      const subject = { last_by_subj: '$KV.sessions.lag-4' };
      const [older] = await reader.readMessages('KV_sessions', subject);
      reader.close();
      const held = await second.claimSession(claim('lag-4', 's2', before.record.session));
      held.revision = 0;
      reads.mockResolvedValueOnce(older);
      await second.changeHeldData('lag-4', held, { room: 'r1' });
      held.revision = 0;
      reads.mockResolvedValueOnce(older);
      expect(await second.renewClaim('lag-4', held)).toBeUndefined();
    });

    it('is let go of when its client left before the ack that was lost', async () => {
      const { publish } = AckedPublisher.prototype;
      const lost = jest.spyOn(AckedPublisher.prototype, 'publish').mockImplementationOnce(async function (
        this: AckedPublisher,
        ...of
      ) {
        await publish.apply(this, of);
        throw new NotStored('unknown', 'The ack was lost');
      });
      const asked: boolean[] = [];
      const isWanted = (): Promise<boolean> => Promise.resolve(asked.push(true) === 1);
      const left = first.claimSession({ ...claim('lag-3', 's1'), isWanted });
      await expect(left).rejects.toMatchObject({ code: 'BUSY' });
      lost.mockRestore();
      const whereabouts = processes[0].get(PlayerWhereabouts);
      await untilHolds(async () => (await whereabouts.findSession('lag-3'))?.isConnected === false);
    });
  });

  it('is written again by the next renewal when NATS has lost its record', async () => {
    const held = await first.claimSession(claim('nora', 's1'));
    const manager = await jetstreamManager(processes[0].get(NATS_CONNECTION));
    await manager.streams.purge('KV_sessions', { filter: '$KV.sessions.nora' });
    expect(await first.renewClaim('nora', held)).toBeUndefined();
    const found = await processes[0].get(PlayerWhereabouts).whereabouts(['nora']);
    expect(found.get('nora')).toMatchObject({ isAway: false });
  });

  it('is released when NATS is there again, where the player left while it was away', async () => {
    const held = await first.claimSession(claim('olli', 's1'));
    const end = { why: 'BANNED', isOver: true as const };
    await nats.stop();
    await first.releaseClaim('olli', held, end);
    await nats.start();
    const whereabouts = processes[0].get(PlayerWhereabouts);
    await untilHolds(async () => (await whereabouts.findSession('olli'))?.isOver === true, {
      timeoutMs: 30_000,
    });
    expect(await whereabouts.findSession('olli')).toMatchObject({ isConnected: false, ...end });
  });

  it('stays released, with the data of a change that came behind the release, and whatever was renewed', async () => {
    const held = await first.claimSession(claim('rosa', 's1'));
    const end = { why: 'BANNED', isOver: true as const };
    const released = first.releaseClaim('rosa', held, end);
    await Promise.all([
      released,
      first.changeHeldData('rosa', held, { level: 3 }),
      first.renewClaim('rosa', held),
    ]);
    const found = await processes[0].get(PlayerWhereabouts).findSession('rosa');
    expect(found).toMatchObject({ isConnected: false, ...end, data: { level: 3 } });
  });

  it('is not released late where another socket has the session by then', async () => {
    const held = await first.claimSession(claim('pia', 's1'));
    const { revision } = await second.claimSession(claim('pia', 's2', held.record.session));
    await first.releaseClaim('pia', held);
    expect(revision).toBeGreaterThan(held.revision);
    expect(await processes[0].get(PlayerWhereabouts).findSession('pia')).toMatchObject({
      socket: 's2',
      isConnected: true,
    });
  });

  it('asks a client whether it is there before its session is taken from another socket', async () => {
    await first.releaseClaim('eve', await first.claimSession(claim('eve', 's1')));
    const asked: boolean[] = [];
    let newest: SessionClaim | undefined;
    const late = first.claimSession({
      ...claim('eve', 's2'),
      // Its client goes on to the second connector once it has been asked.
      isWanted: async (isTakeover) => {
        asked.push(isTakeover);
        if (asked.length === 2) newest = await second.claimSession(claim('eve', 's3'));
        return !isTakeover;
      },
    });
    await expect(late).rejects.toMatchObject({ code: 'BUSY' });
    expect(asked).toEqual([false, false, true]);
    expect(await second.renewClaim('eve', newest as SessionClaim)).toBeUndefined();
  });

  it('keeps its data through renewals, releases and claims, and with it the time since when the player is away', async () => {
    const whereabouts = processes[0].get(PlayerWhereabouts);
    const held = await first.claimSession(claim('dana', 's1'));
    await first.changeHeldData('dana', held, { team: 'red' });
    expect(await first.renewClaim('dana', held)).toBeUndefined();
    // As another connector does, that took this one for dead.
    await first.changeLooseData('dana', held.record.session, { score: 1 });
    expect(await first.renewClaim('dana', held)).toBeUndefined();
    await first.changeHeldData('dana', held, { level: 2 });
    await first.releaseClaim('dana', held);
    const { since } = (await whereabouts.whereabouts(['dana'])).get('dana') ?? {};
    await sleep(5);
    await second.changeLooseData('dana', held.record.session, { score: null });
    expect((await whereabouts.whereabouts(['dana'])).get('dana')).toMatchObject({ isAway: true, since });
    const resumed = await second.claimSession(claim('dana', 's2', held.record.session));
    expect(resumed.record.data).toEqual({ team: 'red', level: 2 });
    await expect(first.changeHeldData('dana', held, { late: 1 })).rejects.toMatchObject({ code: 'MOVED' });
    await expect(first.changeLooseData('dana', held.record.session, { late: 1 })).rejects.toMatchObject({
      code: 'MOVED',
    });
    const other = await second.claimSession(claim('dana', 's3'));
    expect(other.record.data).toBeUndefined();
    await expect(second.changeLooseData('dana', held.record.session, {})).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
  });

  it('goes on as the same session for a player who resumes, and as a new one for one who does not', async () => {
    const told: string[] = [];
    first.whenDisplaced((playerId, socket, how) => told.push(`${playerId} ${socket} ${how}`));
    const before = await first.claimSession(claim('anna', 's1'));
    const resumed = await second.claimSession(claim('anna', 's2', before.record.session));
    expect(resumed).toMatchObject({ isResumed: true, record: { session: before.record.session } });
    expect(resumed.fence).toBeGreaterThan(before.fence);
    await until(() => told.length === 1);
    expect(await first.renewClaim('anna', before)).toBe('moved');
    const other = await first.claimSession(claim('anna', 's3', 'somebody-elses'));
    expect(other.isResumed).toBe(false);
    expect(await second.renewClaim('anna', resumed)).toBe('kicked');
    expect(await first.renewClaim('anna', other)).toBeUndefined();
    expect(told).toEqual(['anna s1 moved']);
  });

  it('is not one for a forgotten session where that was ended, or another login has replaced it', async () => {
    const ended = await first.claimSession(claim('dan', 's1', 'gone'));
    await first.releaseClaim('dan', ended, { why: 'REMOVED', isOver: true });
    for (const session of ['gone', ended.record.session])
      expect(await first.claimSession(claim('dan', session, session))).toMatchObject({
        isForgotten: false,
        isResumed: false,
      });
    const replaced = await first.claimSession(claim('eva', 's1'));
    await second.claimSession(claim('eva', 's2'));
    expect(await first.claimSession(claim('eva', 's3', replaced.record.session))).toMatchObject({
      isForgotten: false,
      isResumed: false,
    });
  });

  it('is moved to the next socket of the same client, and replaced by another client’s', async () => {
    const told: string[] = [];
    first.whenDisplaced((playerId, socket, how) => told.push(`${playerId} ${socket} ${how}`));
    const tab = { ...claim('tess', 's1'), instance: 'tab1' };
    const { record } = await first.claimSession(tab);
    const { session } = record;
    const next = await first.claimSession({ ...tab, socket: 's2', session });
    const other = await first.claimSession({ ...tab, socket: 's3', session, instance: 'tab2' });
    await until(() => told.length === 2);
    expect(told).toEqual(['tess s1 moved', 'tess s2 replaced']);
    expect(await first.renewClaim('tess', next)).toBe('replaced');
    expect(other.record.session).toBe(session);
  });

  it('is refused to a second device where the game wants that, but not after the first has gone', async () => {
    const before = await first.claimSession(claim('ben', 's1'));
    await expect(second.claimSession(claim('ben', 's2', undefined, true))).rejects.toMatchObject({
      code: 'CONFLICT',
    });
    await first.releaseClaim('ben', before);
    expect((await second.claimSession(claim('ben', 's2', undefined, true))).record.serverId).toBe(
      'connector-1',
    );
  });

  it('goes to the second device where the first one does not answer its connector any more', async () => {
    await first.claimSession(claim('rob', 's1'));
    const asked: string[] = [];
    first.whenAsked((socket) => Promise.resolve(asked.push(socket) > 1 ? false : true));
    await expect(second.claimSession(claim('rob', 's2', undefined, true))).rejects.toMatchObject({
      code: 'CONFLICT',
    });
    expect((await second.claimSession(claim('rob', 's2', undefined, true))).record.socket).toBe('s2');
    expect(asked).toEqual(['s1', 's1']);
  });

  it('passes over a connector that was killed', async () => {
    const third = await openProcess('connector-2', nats.address, [SessionClaims]);
    await third.get(SessionClaims).claimSession(claim('carl', 's1'));
    await third.close();
    expect((await first.claimSession(claim('carl', 's2', undefined, true))).record.serverId).toBe(
      'connector-0',
    );
  });

  it('has nothing to do with groups, which list who joined and has not left', async () => {
    const groups = processes[0].get(Groups);
    await Promise.all(Array.from({ length: 1200 }, (_, index) => groups.addMember('guild', `p${index}`)));
    await groups.addMember('guildhall', 'x');
    await groups.removeMember('guild', 'p7');
    const members = await groups.membersOf('guild');
    expect(members).toHaveLength(1199);
    expect(members).not.toContain('p7');
    expect(await groups.countMembers('guildhall')).toBe(1);
    await expect(groups.membersOf('*')).rejects.toMatchObject({ code: 'INVALID' });
  });

  it('can be claimed and groups joined again, without a restart, when NATS came back without its files', async () => {
    await nats.restartEmpty();
    let fence = 0;
    let count = 0;
    const tryBoth = async (): Promise<void> => {
      fence = (await first.claimSession(claim('dora', 's1'))).fence;
      await processes[0].get(Groups).addMember('guild', 'dora');
      count = await processes[1].get(Groups).countMembers('guild');
    };
    while (count === 0) await tryBoth().catch(() => sleep(50));
    expect(fence).toBeGreaterThan(0);
    expect(count).toBe(1);
  });

  it('is claimed also where NATS refuses the server to hear of take-overs, and the next claim is a resume', async () => {
    const strict = await NatsWithUsers.start({ connector: '{ subscribe: { deny: "deliver.c.>" } }' });
    const deaf = await openProcess('connector-2', strict.addressFor('connector'), [SessionClaims]);
    const { record } = await deaf.get(SessionClaims).claimSession(claim('deaf', 's1'));
    expect(await deaf.get(SessionClaims).claimSession(claim('deaf', 's2', record.session))).toMatchObject({
      isResumed: true,
    });
    await deaf.close();
    await strict.stop();
  });
});
