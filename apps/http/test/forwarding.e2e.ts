import { connect } from '@nats-io/transport-node';
import type { NatsConnection } from '@nats-io/nats-core';
import { firstTable, ReleaseStore, type Rule, setCanary } from '@ccgame/releases';
import {
  type GameNats,
  productionSecrets,
  startGameNats,
  type StartedServer,
  startServer,
  tokenOf,
} from '@ccgame/testing';

const note = { who: 'test', why: 'test', action: 'test' };
const [stable, canary] = ['1.0.0000', '1.0.0001'];
const secrets = productionSecrets();

/** Two versions, of which the second runs as in production; no Ingress stands before them. */
describe('an HTTP request', () => {
  let nats: GameNats;
  let operator: NatsConnection;
  let store: ReleaseStore;
  const servers: StartedServer[] = [];

  beforeAll(async () => {
    nats = await startGameNats();
    operator = await connect({ servers: nats.address });
    store = await ReleaseStore.open(operator);
    await store.writeFirstTable(firstTable('production', stable, [canary]), note);
    servers.push(await startHttp(stable), await startHttp(canary, { NODE_ENV: 'production' }));
    await Promise.all(servers.map(({ process: server }) => server.untilReady()));
  });
  afterAll(async () => {
    await Promise.all(servers.map(({ process: server }) => server.stop()));
    await operator.close();
    await nats.destroy();
  });

  function startHttp(version: string, env: Record<string, string> = {}): Promise<StartedServer> {
    const where = { root: process.cwd(), nats, logFolder: nats.folder };
    return startServer({ ...where, serverType: 'http', version, env: { ...secrets, ...env } });
  }

  /** Asks the server of each version. */
  function askBoth(path: string, headers: Record<string, string> = {}): Promise<Response[]> {
    return Promise.all(servers.map(({ port }) => fetch(`http://127.0.0.1:${port}${path}`, { headers })));
  }

  const answeredBy = (answers: Response[]) => answers.map(({ headers }) => headers.get('version'));

  /** The servers follow within 1 s. */
  async function give(options: { weight?: number; rules?: Rule[] }): Promise<void> {
    await store.changeTable('production', setCanary(canary, options), note);
    await new Promise((resolve) => setTimeout(resolve, 500));
  }

  it('is answered by the version that a rule gives, whichever server it came to', async () => {
    await give({
      rules: [
        { cookie: { name: 'track', value: 'beta' } },
        { header: { name: 'X-Track', value: 'beta' } },
        { query: { name: 'track', value: 'beta' } },
        { header: { name: 'Version', value: 'beta' } },
        { players: ['anna'] },
        { region: 'eu', build: { from: 1, to: 9 } },
      ],
    });
    const bearer = (playerId: string) =>
      `bearer ${tokenOf(playerId, { signingKey: secrets.TOKEN_SIGNING_KEY })}`;
    const fitting: Array<[path: string, headers?: Record<string, string>]> = [
      ['/v1/config', { cookie: 'a=b; track=beta' }],
      ['/v1/config', { 'x-track': 'beta' }],
      ['/v1/config?track=beta'],
      ['/v1/config', { version: 'beta' }],
      ['/v1/config', { authorization: bearer('anna') }],
      ['/v1/config?region=eu&build=5'],
    ];
    for (const [path, headers] of fitting) {
      const answers = await askBoth(path, headers);
      expect([path, headers, ...answeredBy(answers)]).toEqual([path, headers, canary, canary]);
      for (const answer of answers) expect(await answer.json()).toMatchObject({ version: canary });
    }
    for (const headers of [{}, { cookie: 'track=alpha' }, { authorization: bearer('ben') }])
      expect(answeredBy(await askBoth('/v1/config', headers as Record<string, string>))).toEqual([
        stable,
        stable,
      ]);
  });

  it('is answered with a table of before names were checked, whatever header it asks for', async () => {
    const rules = [{ header: { name: '轨道', value: 'x' } }, { header: { name: 'a\r\nb', value: 'x' } }];
    const before = (await store.readTable('production'))?.table.canaries ?? [];
    const canaries = [
      { version: canary, weight: 0, slots: [], rules: [...(before[0]?.rules ?? []), ...rules] },
    ];
    await store.changeTable('production', (table) => ({ ...table, canaries }), note);
    await new Promise((resolve) => setTimeout(resolve, 500));
    const answers = await askBoth('/v1/config');
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    expect(answers[0]?.headers.get('vary')).toMatch(/^authorization, cookie, origin(, [a-z-]+)*$/);
    await store.changeTable('production', (table) => ({ ...table, canaries: before }), note);
    await new Promise((resolve) => setTimeout(resolve, 500));
  });

  it('is answered by the version that it names in header, query or path; an empty name is none', async () => {
    for (const [path, headers] of [
      ['/v1/config', { version: canary }],
      [`/v1/config?version=${canary}`, {}],
      [`/v/${canary}/v1/config`, {}],
      [`/v/${canary}/v1/config`, { version: stable }],
    ] as Array<[string, Record<string, string>]>)
      expect(answeredBy(await askBoth(path, headers))).toEqual([canary, canary]);
    for (const [path, headers] of [
      ['/v1/config', { version: '' }],
      ['/v1/config?version=', {}],
      ['/v//v1/config', {}],
      ['/v1/config', { version: '9.9.9999' }],
    ] as Array<[string, Record<string, string>]>)
      expect(answeredBy(await askBoth(path, headers))).toEqual([stable, stable]);
  });

  it('goes on with its method and body, and comes back with the status of the answer', async () => {
    const post = (body: object) =>
      fetch(`http://127.0.0.1:${servers[0].port}/v1/login`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', version: canary },
        body: JSON.stringify(body),
      });
    const good = await post({ deviceId: 'device-of-the-forwarded' });
    expect([good.headers.get('version'), (await good.json()) as object]).toEqual([
      canary,
      expect.objectContaining({ token: expect.any(String) }),
    ]);
    const bad = await post({ deviceId: 7 });
    expect([bad.status, bad.headers.get('content-type')]).toEqual([
      400,
      expect.stringContaining('application/problem+json'),
    ]);
    const large = await post({ deviceId: 'x'.repeat(70_000) });
    expect(large.status).toBe(413);
  });

  it('of one player always meets one version: 40 of each of 20 players, at random servers', async () => {
    await give({ weight: 50, rules: [] });
    const met = await Promise.all(
      Array.from({ length: 20 }, async (_, number) => {
        const headers = {
          authorization: `Bearer ${tokenOf(`player${number}`, { signingKey: secrets.TOKEN_SIGNING_KEY })}`,
        };
        const versions = new Set<string | null>();
        for (let turn = 0; turn < 40; turn += 1) {
          const { port } = servers[turn % 2];
          const answer = await fetch(`http://127.0.0.1:${port}/v1/config`, { headers });
          await answer.arrayBuffer();
          versions.add(answer.headers.get('version'));
        }
        return [...versions];
      }),
    );
    expect(met.map(({ length }) => length)).toEqual(met.map(() => 1));
    expect(new Set(met.flat())).toEqual(new Set([stable, canary]));
  });

  it('of a load balancer is answered by whom it asks', async () => {
    const answers = await askBoth('/');
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    expect(answeredBy(answers)).toEqual([stable, canary]);
  });

  it('for the API page finds none in production, and nothing that servers say to each other', async () => {
    const [open, closed] = await askBoth('/docs-json');
    expect(closed.status).toBe(404);
    const [openSocket, closedSocket] = await askBoth('/docs/asyncapi.json');
    expect([openSocket.status, closedSocket.status]).toEqual([200, 404]);
    const { components } = (await open.json()) as { components: { schemas: object } };
    const answers = [
      'BoardEntry',
      'BoardView',
      'ClientConfig',
      'LoginResult',
      'MatchResult',
      'PeriodView',
      'PlayerView',
    ];
    const shown = [...answers, 'LoginDto', 'MatchResultDto', 'PlayerScoreDto', 'Problem'];
    expect(Object.keys(components.schemas).sort()).toEqual(shown.sort());
  });

  it('of a foreign page is allowed on a laptop, and not in production unless it is named', async () => {
    const version = (name: string) => ({ origin: 'https://game.example.com', version: name });
    const [[laptop], [, production]] = [
      await askBoth('/v1/config', version(stable)),
      await askBoth('/v1/config', version(canary)),
    ];
    expect(laptop.headers.get('access-control-allow-origin')).toBe('https://game.example.com');
    expect(production.headers.get('access-control-allow-origin')).toBeNull();
  });

  it('of a page that is named, and for the API page that is opened, is answered in production', async () => {
    const named = 'https://named.example.com';
    const env = { NODE_ENV: 'production', CORS_ORIGINS: named, API_DOCS: 'open' };
    const server = await startHttp(canary, env);
    servers.push(server);
    await server.process.untilReady();
    const ask = (path: string, origin: string): Promise<Response> =>
      fetch(`http://127.0.0.1:${server.port}${path}`, { headers: { origin, version: canary } });
    const allowed = async (origin: string): Promise<string | null> =>
      (await ask('/v1/config', origin)).headers.get('access-control-allow-origin');
    expect(await allowed(named)).toBe(named);
    expect(await allowed('https://game.example.com')).toBeNull();
    for (const page of ['/docs-json', '/docs/asyncapi.json'])
      expect((await ask(page, named)).status).toBe(200);
  });
});
