import { connect } from '@nats-io/transport-node';
import type { NatsConnection } from '@nats-io/nats-core';
import { RpcModule, RpcServer } from '@ccgame/rpc';
import { NestFactory } from '@nestjs/core';
import type { INestMicroservice } from '@nestjs/common';
import type { AsyncMicroserviceOptions } from '@nestjs/microservices';
import { type NatsServer, startNats } from '@ccgame/testing';
import { assertBuilds, buildProblems } from './builds.js';
import type { ServerStats } from './survey.js';

const server = (buildVersion?: string, buildRevision = 'abc123'): ServerStats => ({
  serverId: 'http-prod-v100001-x',
  serverType: 'http',
  version: '1.0.0001',
  requests: 0,
  buildVersion,
  buildRevision,
});

describe('the build of a version', () => {
  it.each<[string, ServerStats[], { version: string; commit?: string }, RegExp]>([
    ['of an older version', [server('1.0.0000')], { version: '1.0.0001' }, /runs the code of 1\.0\.0000/],
    ['that is not told', [server()], { version: '1.0.0001' }, /does not tell its build/],
    [
      'of another commit',
      [server('1.0.0001')],
      { version: '1.0.0001', commit: 'def' },
      /runs the commit abc123/,
    ],
    [
      'of two commits',
      [server('1.0.0001'), server('1.0.0001', 'def')],
      { version: '1.0.0001' },
      /several commits/,
    ],
  ])('is refused: one %s', (_, servers, asked, expected) => {
    expect(buildProblems(servers, asked).join('\n')).toMatch(expected);
  });

  it('is taken when all servers run what was asked for', () => {
    const servers = [server('1.0.0001'), server('1.0.0001')];
    expect(buildProblems(servers, { version: '1.0.0001', commit: 'abc' })).toEqual([]);
  });
});

describe('a version that was deployed', () => {
  let server: NatsServer;
  let nats: NatsConnection;
  let app: INestMicroservice;
  const pod = { name: 'http-prod-v100001-x', uid: '0a3b' };

  beforeAll(async () => {
    server = await startNats();
    nats = await connect({ servers: server.address.replace('nats://', '') });
    const origin = { buildVersion: '1.0.0001', buildRevision: 'abc123', podUid: pod.uid };
    const identity = { serverId: pod.name, serverType: 'http', version: '1.0.0001', origin };
    const root = {
      module: class {},
      imports: [RpcModule.forRoot({ identity, natsAddress: server.address })],
    };
    app = await NestFactory.createMicroservice<AsyncMicroserviceOptions>(root, {
      inject: [RpcServer],
      useFactory: (strategy: RpcServer) => ({ strategy }),
      logger: false,
    });
    await app.listen();
  });

  afterAll(async () => {
    await app.close();
    await nats.close();
    await server.destroy();
  });

  it('is asked itself for its build', async () => {
    await assertBuilds(nats, [pod], { version: '1.0.0001', commit: 'abc' });
    await expect(assertBuilds(nats, [pod], { version: '1.0.0002' })).rejects.toThrow('code of 1.0.0001');
  });

  it('is in another cluster than NATS when a pod of the same name, but not this one, answers', async () => {
    const namesake = { ...pod, uid: '9f2c' };
    const asked = assertBuilds(nats, [namesake], { version: '1.0.0001' }, 1_000);
    await expect(asked).rejects.toThrow('the same cluster');
  });
});
