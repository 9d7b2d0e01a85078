import { calmTime } from '@ccgame/testing';
import { Controller, Logger } from '@nestjs/common';
import { jetstreamManager } from '@nats-io/jetstream';
import { headers, type NatsConnection } from '@nats-io/nats-core';
import { connect } from '@nats-io/transport-node';
import { NatsWithUsers } from '../test/nats-with-users.js';
import { rejection, type RpcApp, startRpcApp } from '../test/rpc-app.js';
import { clientHandler, serverHandler } from './contract/contract.js';
import { ClientHandler, ServerHandler } from './contract/decorators.js';

/** As in k8s/nats: a connector calls what players may call, stores pushes, reads streams. */
const permissions = `{ publish: { allow: ["client.>", "push.>", "rpc.id.*.*.$alive", "_INBOX.>", "$SRV.>",
  "$JS.API.DIRECT.GET.>", "$JS.API.STREAM.INFO.>"] } }`;

const open = clientHandler({ serverType: 'back', handler: 'open', result: String });
const secret = serverHandler({ serverType: 'back', handler: 'secret' });
const secretSubjects = [
  'rpc.any.back.1_0_0000.secret',
  'rpc.id.back.back-0.secret',
  'rpc.all.back.every.secret',
];
let secretsDone = 0;

@Controller()
class BackController {
  @ClientHandler(open)
  open(): string {
    return 'open';
  }

  @ServerHandler(secret)
  secret(): void {
    secretsDone++;
  }
}

let nats: NatsWithUsers;
let back: RpcApp;
let connector: RpcApp;
let operator: NatsConnection;
let attacker: NatsConnection;

beforeAll(async () => {
  nats = await NatsWithUsers.start({
    connector: permissions,
    back: '{}',
    deaf: '{ subscribe: { deny: "rpc.any.>" } }',
  });
  back = await startRpcApp({
    natsAddress: nats.addressFor('back'),
    serverId: 'back-0',
    controllers: [BackController],
  });
  connector = await startRpcApp({ natsAddress: nats.addressFor('connector'), serverId: 'connector-0' });
  [operator, attacker] = await Promise.all(
    ['back', 'connector'].map((user) => connect({ servers: nats.addressFor(user), user, pass: 'x' })),
  );
  const manager = await jetstreamManager(operator);
  await manager.streams.add({ name: 'PUSH', subjects: ['push.>'], allow_direct: true });
});
afterAll(async () => {
  await Promise.all([attacker?.close(), operator?.close(), connector?.close(), back?.close()]);
  await nats?.stop();
});

describe('a user of NATS who may not call servers', () => {
  it('is told FORBIDDEN, at once', async () => {
    const calmMs = calmTime();
    const call = connector.rpc.doRPC({ handler: secret }, undefined);
    expect(await rejection(call)).toMatchObject({ code: 'FORBIDDEN', retryable: false });
    expect(calmMs()).toBeLessThan(500);
    expect(await connector.rpc.doRPC({ handler: open }, undefined)).toBe('open');
  });

  /** NATS holds no reply subject against its user's permissions: whoever answers, answers there. */
  it.each<[string, string, object | undefined]>([
    ['a stored message, read by subject', '$JS.API.DIRECT.GET.PUSH', { last_by_subj: 'push.evil' }],
    ['stored messages, read in a batch', '$JS.API.DIRECT.GET.PUSH', { seq: 1, batch: 10 }],
    ['a stored message, read without headers', '$JS.API.DIRECT.GET.PUSH', { seq: 1, no_hdr: true }],
    ['a stored message, read by its subject alone', '$JS.API.DIRECT.GET.PUSH.push.evil', undefined],
    ['the state of a stream', '$JS.API.STREAM.INFO.PUSH', undefined],
    ['the ack of a stored message', 'push.evil', {}],
  ])('can’t have them called by %s', async (_, subject, request) => {
    const given = headers();
    given.set('Rpc-Left', '5000');
    attacker.publish('push.evil', '', { headers: given });
    const reached = secretSubjects.map((reply) => operator.subscribe(reply));
    await operator.flush();
    for (const reply of secretSubjects) {
      attacker.publish(subject, request && JSON.stringify(request), { reply });
    }
    // The answers that they ask for do come; otherwise this would prove nothing.
    for (const subscription of reached) {
      for await (const _message of subscription) break;
    }
    await back.rpc.doRPC({ serverId: 'back-0', scope: 'client', handler: 'open' });
    expect(secretsDone).toBe(0);
  });

  it('can’t have a server answer elsewhere than to an inbox', async () => {
    const given = headers();
    given.set('Rpc-Left', '5000');
    const elsewhere = operator.subscribe('elsewhere.>');
    await operator.flush();
    for (const subject of ['client.any.back.1_0_0000.open', 'rpc.id.back.back-0.$alive', '$SRV.INFO.back']) {
      attacker.publish(subject, '', { reply: 'elsewhere.x', headers: given });
    }
    await attacker.flush();
    await back.rpc.doRPC({ serverId: 'back-0', scope: 'client', handler: 'open' });
    await operator.flush();
    expect(elsewhere.getReceived()).toBe(0);
  });
});

describe('a server whose user may not hear its own calls', () => {
  it('says which subject it was, and where its rights are', async () => {
    const logged: object[] = [];
    const deaf = await startRpcApp({
      natsAddress: nats.addressFor('deaf'),
      serverId: 'back-1',
      controllers: [BackController],
      setUp: () =>
        Logger.overrideLogger({
          log: () => undefined,
          warn: () => undefined,
          error: (line: object) => logged.push(line),
        }),
    });
    expect(logged).toContainEqual({
      event: 'rpc.subscription.failed',
      subject: 'rpc.any.back.1_0_0000.secret',
      reason: expect.stringContaining('Permissions Violation for Subscription'),
    });
    expect(logged).toContainEqual({
      event: 'nats.error',
      reason: expect.stringContaining('Permissions Violation for Subscription'),
      remedy: 'give the right to the NATS user, in k8s/nats/accounts/accounts.yaml',
    });
    Logger.overrideLogger(false);
    await deaf.close();
  });
});
