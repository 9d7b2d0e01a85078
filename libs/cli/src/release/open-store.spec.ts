import { connect } from '@nats-io/transport-node';
import { type NatsConnection, TimeoutError } from '@nats-io/nats-core';
import { NotRead } from '@ccgame/jetstream';
import { type NatsServer, startNats } from '@ccgame/testing';
import { explainProblem } from '../dev/problem.js';
import { openStore } from './open-store.js';

describe('a command whose NATS answers without its JetStream', () => {
  let server: NatsServer;
  let nats: NatsConnection;

  beforeAll(async () => {
    server = await startNats();
    nats = await connect({ servers: server.address });
  });
  afterAll(async () => {
    await nats.close();
    await server.destroy();
  });
  afterEach(() => jest.restoreAllMocks());

  it('says so, and waits no longer', async () => {
    jest.spyOn(nats, 'request').mockImplementation(() => Promise.reject(new TimeoutError()));
    await expect(openStore(nats, 700)).rejects.toThrow(/ answers, but its JetStream has not for 0\.7 s: /);
  });

  it('waits for a leader that is found meanwhile', async () => {
    jest.spyOn(nats, 'request').mockImplementationOnce(() => Promise.reject(new TimeoutError()));
    expect(await (await openStore(nats)).readTable('dev')).toBeUndefined();
  });

  it('tells a read without an answer in a sentence', () => {
    expect(explainProblem(new NotRead('away'))).toMatch(/^NATS did not show what it stores \(.*away\); say/);
  });
});
