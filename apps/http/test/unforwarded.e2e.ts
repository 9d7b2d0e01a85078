import { connect, headers as natsHeaders } from '@nats-io/transport-node';
import type { Msg, NatsConnection, Subscription } from '@nats-io/nats-core';
import { firstTable, ReleaseStore } from '@ccgame/releases';
import {
  type GameNats,
  productionSecrets,
  startGameNats,
  type StartedServer,
  startServer,
  untilHolds,
} from '@ccgame/testing';

const note = { who: 'test', why: 'test', action: 'test' };
const [stable, canary] = ['1.0.0000', '1.0.0001'];
const forwarded = 'rpc.any.http.1_0_0001.answer_forwarded';
const config = 'GET /v1/config';

/** The server of 1.0.0000 is a real one, those of 1.0.0001 are this test. */
describe('a request for a version whose servers do not answer', () => {
  let nats: GameNats;
  let operator: NatsConnection;
  let server: StartedServer;
  let canaryServer: Subscription | undefined;

  beforeAll(async () => {
    nats = await startGameNats();
    operator = await connect({ servers: nats.address });
    const store = await ReleaseStore.open(operator);
    await store.writeFirstTable(firstTable('production', stable, [canary]), note);
    const where = { root: process.cwd(), nats, logFolder: nats.folder };
    server = await startServer({
      ...where,
      serverType: 'http',
      version: stable,
      env: { ...productionSecrets(), NODE_ENV: 'production' },
    });
    await server.process.untilReady();
  });
  afterEach(() => canaryServer?.unsubscribe());
  afterAll(async () => {
    await server.process.stop();
    await operator.close();
    await nats.destroy();
  });

  const ask = (method: string, path: string): Promise<Response> =>
    fetch(`http://127.0.0.1:${server.port}${path}`, { method, headers: { version: canary } });

  /** A server of 1.0.0001 that answers each call so. Gives the number of calls that it had. */
  async function serve(answer: (message: Msg, call: number) => void): Promise<() => number> {
    let calls = 0;
    canaryServer = operator.subscribe(forwarded, {
      queue: 'canary',
      callback: (_, message) => answer(message, (calls += 1)),
    });
    await operator.flush();
    return () => calls;
  }

  const succeed = (message: Msg): boolean =>
    message.respond(JSON.stringify({ status: 200, headers: { version: canary }, body: '' }));

  function fail(message: Msg, code: string): void {
    const headers = natsHeaders();
    headers.set('Rpc-Error', code);
    message.respond('{}', { headers });
  }

  async function refusedCalls(): Promise<number> {
    const answer = await fetch(`http://127.0.0.1:${server.healthPort}/metrics`);
    const counts = (await answer.text()).matchAll(
      /^ccgame_rpc_calls_total\{.*result="NO_SERVER".*\} (\d+)/gm,
    );
    return [...counts].reduce((sum, [, count]) => sum + Number(count), 0);
  }

  /** The counts of this server for the routes of 1.0.0001. */
  async function countedOfCanary(): Promise<{ route: string; failed: number } | undefined> {
    const headers = natsHeaders();
    headers.set('Rpc-Left', '1000');
    const answer = await operator.request(`rpc.id.http.${server.serverId}.traffic`, '', {
      timeout: 1_000,
      headers,
    });
    const { routes } = answer.json<{ routes: Array<{ version: string; route: string; failed: number }> }>();
    return routes.find(({ version, route }) => version === canary && route === config);
  }

  it.each(['GET', 'POST'])('waits for one that listens again: %s', async (method) => {
    const before = await refusedCalls();
    const asked = ask(method, method === 'GET' ? '/v1/config' : '/v1/login');
    await untilHolds(async () => (await refusedCalls()) > before);
    const calls = await serve(succeed);
    const { status, headers } = await asked;
    expect([status, headers.get('version'), calls()]).toEqual([200, canary, 1]);
  });

  it.each([
    ['GET', '/v1/config'],
    ['POST', '/v1/login'],
  ])(
    'is sent to another where the one that had it is gone, if it may be sent twice: %s %s',
    async (...asked) => {
      const calls = await serve((message, call) => (call === 1 ? fail(message, 'GONE') : succeed(message)));
      expect((await ask(...asked)).status).toBe(200);
      expect(calls()).toBe(2);
    },
  );

  it('fails where the one that had it is gone, if it may not be sent twice', async () => {
    const calls = await serve((message) => fail(message, 'GONE'));
    // A route that only the other version may have, as a canary's new one.
    const answer = await ask('POST', '/v1/purchases');
    expect(answer.status).toBeGreaterThanOrEqual(500);
    expect(await answer.json()).toMatchObject({ code: 'GONE' });
    expect(calls()).toBe(1);
  });

  it('fails after four seconds, and is counted as one that this version did not answer', async () => {
    const before = (await countedOfCanary())?.failed ?? 0;
    const answer = await ask('GET', '/v1/config');
    expect([answer.status, await answer.json()]).toEqual([
      503,
      expect.objectContaining({ code: 'NO_SERVER' }),
    ]);
    await untilHolds(async () => ((await countedOfCanary())?.failed ?? 0) === before + 1);
  });

  it('is answered with an incident that the log explains, where the error is a server’s own', async () => {
    await serve((message) => fail(message, 'INTERNAL'));
    const answer = await ask('GET', '/v1/config');
    expect(answer.status).toBe(500);
    const { incident } = (await answer.json()) as { incident: string };
    await server.process.untilLogged(new RegExp(incident), 5_000);
    const answers = await fetch(`http://127.0.0.1:${server.healthPort}/metrics`);
    expect(await answers.text()).toMatch(
      /^ccgame_http_problems_total\{route="GET \/v1\/config",code="INTERNAL"/m,
    );
  });
});
