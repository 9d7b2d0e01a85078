import type { INestApplicationContext } from '@nestjs/common';
import { AckedPublisher, DirectReader, type StoredMessage } from '@ccgame/jetstream';
import { NATS_CONNECTION, NatsHealth } from '@ccgame/nats';
import { type NatsServer, startNats } from '@ccgame/testing';
import { openProcess, until } from '../../test/process.js';
import { SessionClaims } from '../claims/session-claims.js';
import { SessionEvents } from './session-events.js';

describe('a server that listens to a player’s session', () => {
  let nats: NatsServer;
  let processes: INestApplicationContext[];
  let first: SessionClaims;
  let second: SessionClaims;
  let events: SessionEvents;
  let publisher: AckedPublisher;

  beforeAll(async () => {
    nats = await startNats();
    processes = [
      await openProcess('connector-0', nats.address, [SessionClaims]),
      await openProcess('connector-1', nats.address, [SessionClaims]),
      await openProcess('lobby-0', nats.address, [SessionEvents]),
    ];
    first = processes[0].get(SessionClaims);
    second = processes[1].get(SessionClaims);
    events = processes[2].get(SessionEvents);
    publisher = new AckedPublisher(processes[0].get(NATS_CONNECTION), processes[0].get(NatsHealth));
  });
  afterAll(async () => {
    publisher.close();
    await Promise.all(processes.map((process) => process.close()));
    await nats.destroy();
  });

  const claim = (playerId: string, socket: string, session?: string) => ({
    playerId,
    socket,
    version: '1.0.0000',
    session,
    refuseSecond: false,
  });
  const listen = (playerId: string): { told: string[]; end: () => void } => {
    const told: string[] = [];
    const end = events.watchPlayer(playerId, ({ kind, why, session }) =>
      told.push([kind, session, why].filter((part) => part !== undefined).join(' ')),
    );
    return { told, end };
  };

  it('is told each event once, in order, from its opening to its end', async () => {
    const failing = events.watchPlayer('anna', () => {
      throw new Error('thrown by a game');
    });
    const { told, end } = listen('anna');
    const other = listen('anna');
    const held = await first.claimSession(claim('anna', 'a'));
    const { session } = held.record;
    await until(() => told.length === 1);
    await first.renewClaim('anna', held);
    const moved = await second.claimSession(claim('anna', 'b', session));
    await until(() => told.length === 2);
    await second.releaseClaim('anna', moved, { why: 'transport close' });
    await until(() => told.length === 3);
    const back = await first.claimSession(claim('anna', 'c', session));
    await until(() => told.length === 4);
    await first.releaseClaim('anna', back, { why: 'BANNED', isOver: true });
    await until(() => told.length === 5);
    const anew = await first.claimSession(claim('anna', 'd', session));
    expect(anew.isResumed).toBe(false);
    await until(() => told.length === 6);
    expect(told).toEqual([
      `opened ${session}`,
      `resumed ${session}`,
      `away ${session} transport close`,
      `back ${session}`,
      `closed ${session} BANNED`,
      `opened ${anew.record.session}`,
    ]);
    await until(() => other.told.length === 6);
    expect(other.told).toEqual(told);
    end();
    await first.releaseClaim('anna', anew);
    await until(() => other.told.length === 7);
    expect(told).toHaveLength(6);
    other.end();
    failing();
  });

  it('misses none of two writes in a row', async () => {
    const { told, end } = listen('cleo');
    let session: string | undefined;
    for (let round = 0; round < 40; round += 1) {
      const held = await first.claimSession(claim('cleo', `a${round}`, session));
      // Renewed, and gone at once: the records stand there for less than a look.
      await first.renewClaim('cleo', held);
      if (round % 2 === 0) await new Promise((resolve) => setTimeout(resolve, round / 4));
      await second.claimSession(claim('cleo', `b${round}`, held.record.session));
      const anew = await first.claimSession(claim('cleo', `c${round}`));
      ({ session } = anew.record);
      await until(() => told.at(-1) === `opened ${session}` || told.at(-1) === `resumed ${session}`);
    }
    end();
  });

  it('is told nothing a second time by a replica of NATS that is behind', async () => {
    const { readMessages } = DirectReader.prototype;
    let newest: StoredMessage[] = [];
    let behind: StoredMessage[] | undefined;
    const reads = jest.spyOn(DirectReader.prototype, 'readMessages').mockImplementation(async function (
      this: DirectReader,
      ...of
    ) {
      const messages = await readMessages.apply(this, of);
      if (!of[1].multi_last?.includes('$KV.sessions.dora')) return messages;
      const answer = behind ?? messages;
      behind = undefined;
      newest = messages;
      return answer;
    });
    const { told, end } = listen('dora');
    const held = await first.claimSession(claim('dora', 'a'));
    const { session } = held.record;
    await until(() => told.length === 1);
    const older = newest;
    await first.releaseClaim('dora', held, { why: 'transport close' });
    await until(() => told.length === 2);
    behind = older;
    // Heard, and refused: it has the record read.
    const refused = { expected: 1, subject: '$KV.sessions.dora', payload: '{}' };
    await expect(publisher.publishAll([refused])).rejects.toMatchObject({ kind: 'refused' });
    await until(() => behind === undefined);
    expect(told).toHaveLength(2);
    const back = await first.claimSession(claim('dora', 'b', session));
    await until(() => told.includes(`back ${session}`));
    await first.releaseClaim('dora', back, { why: 'BANNED', isOver: true });
    await until(() => told.at(-1) === `closed ${session} BANNED`);
    expect(told).toEqual([
      `opened ${session}`,
      `away ${session} transport close`,
      `back ${session}`,
      `closed ${session} BANNED`,
    ]);
    end();
    reads.mockRestore();
  });

  it('is told what there is when it begins, and of a connector that died', async () => {
    const dying = await openProcess('connector-2', nats.address, [SessionClaims]);
    const { session } = (await dying.get(SessionClaims).claimSession(claim('ben', 'a'))).record;
    const { told, end } = listen('ben');
    await until(() => told.length === 1);
    await dying.close();
    await until(() => told.length === 2);
    expect(told).toEqual([`opened ${session}`, `away ${session} connector-gone`]);
    end();
  });
});
