import type { INestApplicationContext } from '@nestjs/common';
import { NATS_CONNECTION, NatsHealth } from '@ccgame/nats';
import { rpcContext, type RpcService } from '@ccgame/rpc';
import { type NatsServer, startNats } from '@ccgame/testing';
import { openProcess } from '../../test/process.js';
import { PlayerWhereabouts } from '../claims/player-whereabouts.js';
import type { SessionRecord } from '../claims/session-record.js';
import { SessionData } from './session-data.js';

describe('a change of values in the handler of a player’s call', () => {
  let nats: NatsServer;
  let process: INestApplicationContext;
  let data: SessionData;
  const asked: unknown[] = [];

  beforeAll(async () => {
    nats = await startNats();
    process = await openProcess('lobby-0', nats.address);
    const rpc = { doRPC: (_: unknown, change: unknown) => Promise.resolve(asked.push(change)) };
    const health = process.get(NatsHealth);
    data = new SessionData(process.get(NATS_CONNECTION), health, rpc as unknown as RpcService);
  });
  afterEach(() => {
    asked.length = 0;
    jest.restoreAllMocks();
  });
  afterAll(async () => {
    data.onApplicationShutdown();
    await process.close();
    await nats.destroy();
  });

  /** The replicas that answer have these sessions of the player, one read after the other; the last one goes on. */
  function answerBy(replicas: (string | undefined)[]): void {
    jest.spyOn(PlayerWhereabouts.prototype, 'findSession').mockImplementation(() => {
      const session = replicas.length > 1 ? replicas.shift() : replicas[0];
      const record = { session, serverId: 'connector-0', version: '1.0.0000', isConnected: true };
      return Promise.resolve(session === undefined ? undefined : (record as SessionRecord));
    });
  }
  const change = (): Promise<void> =>
    rpcContext.run({ attributes: { uid: 'anna', session: 's2' } }, () =>
      data.changeValues('anna', { team: 'red' }),
    );

  it('is made where a replica of NATS does not have that call’s session yet', async () => {
    answerBy([undefined, 's1', 's2']);
    await change();
    expect(asked).toEqual([{ playerId: 'anna', session: 's2', changes: { team: 'red' } }]);
  });

  it('is refused where the player has another session by now', async () => {
    answerBy(['s3']);
    await expect(change()).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(asked).toEqual([]);
  });
});
