import type { INestApplicationContext } from '@nestjs/common';
import { AckedPublisher, NotStored } from '@ccgame/jetstream';
import { type NatsServer, startNats } from '@ccgame/testing';
import { openProcess, until } from '../../test/process.js';
import type { ClaimRequest } from './claim-request.js';
import { SessionClaims } from './session-claims.js';

describe('a claim whose ack is lost', () => {
  let nats: NatsServer;
  let processes: INestApplicationContext[];
  let first: SessionClaims;
  let second: SessionClaims;

  beforeAll(async () => {
    nats = await startNats();
    processes = [
      await openProcess('connector-0', nats.address, [SessionClaims]),
      await openProcess('connector-1', nats.address, [SessionClaims]),
    ];
    [first, second] = processes.map((process) => process.get(SessionClaims));
  });
  afterEach(() => jest.restoreAllMocks());
  afterAll(async () => {
    await Promise.all(processes.map((process) => process.close()));
    await nats.destroy();
  });

  const claim = (playerId: string, socket: string, session?: string): ClaimRequest => ({
    playerId,
    socket,
    version: '1.0.0000',
    session,
    refuseSecond: false,
  });

  function loseNextAck(): void {
    const { publish } = AckedPublisher.prototype;
    jest.spyOn(AckedPublisher.prototype, 'publish').mockImplementationOnce(async function (
      this: AckedPublisher,
      ...of
    ) {
      await publish.apply(this, of);
      throw new NotStored('unknown', 'The ack was lost');
    });
  }

  it('tells the connector that had the session', async () => {
    const told: string[] = [];
    first.whenDisplaced((playerId, socket, how) => told.push(`${playerId} ${socket} ${how}`));
    const before = await first.claimSession(claim('anna', 's1'));
    loseNextAck();
    const resumed = await second.claimSession(claim('anna', 's2', before.record.session));
    expect(resumed.isResumed).toBe(true);
    await until(() => told.length > 0);
    expect(told).toEqual(['anna s1 moved']);
  });

  it('is not refused as a second device for its own socket', async () => {
    loseNextAck();
    const { record } = await second.claimSession({ ...claim('ben', 's1'), refuseSecond: true });
    expect(record.socket).toBe('s1');
  });

  it('is still one for a session that nobody knows, also for a client that has not heard of the one in its place', async () => {
    loseNextAck();
    const begun = await first.claimSession(claim('cleo', 's1', 'gone'));
    const again = await second.claimSession(claim('cleo', 's2', 'gone'));
    const resumed = await first.claimSession(claim('cleo', 's3', again.record.session));
    const claims = [begun, again, resumed];
    expect(claims.map(({ isForgotten }) => isForgotten)).toEqual([true, true, false]);
    expect(claims.map(({ isResumed }) => isResumed)).toEqual([false, false, true]);
    expect(new Set(['gone', ...claims.map(({ record }) => record.session)]).size).toBe(3);
  });
});
