import { connect } from '@nats-io/transport-node';
import type { NatsConnection } from '@nats-io/nats-core';
import { type Client, connect as connectPlayer, type ConnectOptions } from '@ccgame/client';
import type { PushRoutes } from '../../../game/src/contracts.js';
import { ReleaseStore, type StoredRelease } from '@ccgame/releases';
import type { Socket } from 'socket.io-client';
import { readAskedExpressions } from '../../../proof/observability/alarm-rules.js';
import { declaredNameOf, findAskedMetrics } from '../../../proof/observability/asked-metrics.js';
import { dashboardFiles } from '../../../proof/observability/dashboard-files.js';
import { Account } from '../../../proof/release-demo/account.js';
import { Backend, type CommandResult } from '../../../proof/release-demo/backend.js';
import { Robot } from '../../../proof/release-demo/robot.js';
import type { ServerInstance } from '../src/release/targets/target.js';
import { releaseInProcess } from './command-in-process.js';
import { describeOperator } from './operator-tests.js';
import { pidOf } from './pid-of.js';

/** The servers that `npm start` runs, and one command after the other: each test goes on where the last one ended. */
describe('ccgame release', () => {
  const ownFolder = process.cwd();
  let backend: Backend;
  let nats: NatsConnection;
  let store: ReleaseStore;

  beforeAll(async () => {
    backend = await Backend.start(process.cwd(), '1.0.0000');
    nats = await connect({ servers: backend.dev.natsAddress, maxReconnectAttempts: -1 });
    store = await ReleaseStore.open(nats);
    process.chdir(backend.path);
  }, 120_000);
  afterAll(async () => {
    process.chdir(ownFolder);
    await nats?.close();
    await backend?.stop();
  }, 60_000);

  const release = (command: string): Promise<CommandResult> => releaseInProcess(command.split(' '));
  /** As a person does; `onLine` gets what it prints. */
  const typed = (command: string, onLine?: (line: string) => void): Promise<CommandResult> =>
    backend.ccgame(['release', ...command.split(' ')], onLine);
  const done = async (command: string): Promise<string> => {
    const { code, text } = await release(command);
    expect({ code, text }).toMatchObject({ code: 0 });
    return text;
  };
  const current = (): Promise<StoredRelease | undefined> => store.readTable('dev');

  describeOperator(() => backend);

  it('tells the same as JSON, and nothing else on stdout', async () => {
    const json = async (command: string): Promise<unknown> => JSON.parse(await done(`${command} --json`));
    expect(await json('status')).toMatchObject({
      channel: 'dev',
      stable: '1.0.0000',
      isOlder: false,
      versions: [
        {
          version: '1.0.0000',
          state: 'live',
          isStable: true,
          requests: { total: expect.any(Number), failed: expect.any(Number) },
          work: expect.any(Array),
        },
      ],
      silent: [],
    });
    const first = expect.objectContaining({ action: 'init 1.0.0000' });
    expect(await json('history')).toEqual({ changes: expect.arrayContaining([first]) });
    expect(await json('check')).toMatchObject({ risks: [] });
  });

  describe('refuses in a sentence, and changes nothing:', () => {
    it.each([
      ['promote 9.9.9999', /9\.9\.9999 is unknown; the versions are 1\.0\.0000/],
      ['promote 1.0', /A version looks like 1\.0\.0000/],
      ['canary 9.9.9999 --weight 10', /9\.9\.9999 is unknown/],
      ['canary 1.0.0000 --weight 10', /is the stable version; it can't be its own canary/],
      ['canary 1.0.0001 --weight 101', /A weight is 0 to 100 percent/],
      ['canary 1.0.0001 --weight ten', /A weight is 0 to 100 percent/],
      ['canary 1.0.0001 --header Version', /Expected <name>=<value>/],
      ['canary 1.0.0001 --build new', /Builds look like 100-200/],
      ['canary 1.0.0001 --players ,', /Expected names, by comma/],
      ['canary 1.0.0001 --guard --guard-seconds long', /Expected a number of seconds/],
      ['canary 1.0.0001', /Say who gets 1\.0\.0001: --weight 10, or a rule/],
      ['retire 1.0.0000', /is the stable version; promote another one first/],
      ['retire 1.0.0000 --force', /argument missing/],
      ['retire 1.0.0000 --force 1.0.0001', /--force names 1\.0\.0001; to mean it, name 1\.0\.0000/],
      ['retire 9.9.9999', /9\.9\.9999 is unknown/],
      ['rollback', /No other version than 1\.0\.0000 was ever stable/],
      ['rollback 1.0.0000', /is no canary/],
      ['deploy 1.0.0000', /is live already/],
      ['deploy 10.0.000', /A version looks like 1\.0\.0000/],
      [
        'deploy 1.0.0002 --only chess',
        /There is no server type chess; there are arena, connector, http, matching, storage/,
      ],
      ['deploy 1.0.0002 --only ,', /Expected names, by comma/],
      [
        'deploy 1.0.0002 --only matching --group other',
        /fallback of http 1\.0\.0002: 1\.0\.0000 is of another group/,
      ],
      ['fallback chess 1.0.0000 1.0.0001', /There is no server type chess/],
      ['init --stable 1.0.0001', /has a table already/],
      ['restore', /has a table already/],
      ['status --channel nowhere', /belong to the channel dev, by their variable CHANNEL/],
      ['init --stable 1.0.0000 --channel nowhere', /belong to the channel dev, by their variable CHANNEL/],
      ['status --target mars', /The targets are dev and kubectl/],
    ])('%s', async (command, sentence) => {
      const before = await current();
      const { code, text } = await release(command);
      expect(code).not.toBe(0);
      expect(text).toMatch(sentence);
      expect(await current()).toEqual(before);
    });

    it('what is typed wrong, with exit code 1 and no stack', async () => {
      const { code, text } = await typed('retire 1.0.0000');
      expect({ code, text }).toEqual({
        code: 1,
        text: '1.0.0000 is the stable version; promote another one first.\n',
      });
    });
  });

  it('deploys a version for matching only, which the stable connectors serve, and completes it later', async () => {
    expect(await done('deploy 1.0.0001 --only matching --why balance')).toMatch(/1\.0\.0001 +live/);
    expect((await current())?.table.fallbacks).toMatchObject({
      connector: { '1.0.0001': '1.0.0000' },
      http: { '1.0.0001': '1.0.0000' },
    });
    expect(await release('check')).toEqual({ code: 0, text: 'Nothing would go wrong.' });
    expect(await done('history')).toMatch(
      / deploy 1\.0\.0001 --only matching +balance\n.* live 1\.0\.0001 +balance/,
    );
    await done('promote 1.0.0001');
    // Its own types are served by the former version, by whatever door.
    expect((await fetch(`${backend.dev.publicUrl}/v1/config`)).status).toBe(200);
    expect(await release('retire 1.0.0000')).toMatchObject({
      code: 1,
      text: expect.stringContaining('deploy them first'),
    });
    expect(await release('deploy 1.0.0001 --only matching')).toMatchObject({
      code: 1,
      text: expect.stringContaining('1.0.0001 has matching servers already'),
    });
    expect(await release('deploy 1.0.0001 --group other')).toMatchObject({
      code: 1,
      text: expect.stringContaining('a live version keeps its group'),
    });
    await done('deploy 1.0.0002 --only matching');
    expect((await current())?.table.fallbacks.connector?.['1.0.0002']).toBe('1.0.0000');
    expect(await done('deploy 1.0.0001')).toContain('connector 1/1, http 1/1, matching 1/1');
    expect((await current())?.table.fallbacks.connector).toEqual({ '1.0.0002': '1.0.0000' });
    await done('check');
  }, 120_000);

  it('refuses one of two operators at once', async () => {
    const fallbacks = ['fallback http 1.0.0002 1.0.0000', 'fallback arena 1.0.0002 1.0.0000'];
    const before = (await current())?.revision ?? 0;
    const results = await Promise.all(fallbacks.map((command) => typed(command)));
    const wins = results.filter(({ code }) => code === 0).length;
    expect(wins).toBeGreaterThan(0);
    expect((await current())?.revision).toBe(before + wins);
    for (const { code, text } of results) {
      if (code !== 0)
        expect(text).toMatch(/was changed by somebody else in between; look at it and try again/);
    }
  });

  it('moves a player who waits, and the ticket too', async () => {
    const [anna, ben] = [await login(), await login()];
    const matched = [anna, ben].map((client) => pushed(client, 'matched'));
    const { ticketId } = await anna.request('matching.user_join_matching', { mode: 'duel' });
    const moved = pushed(anna, 'moved');
    expect(await done('rollback --move-now')).toMatch(/2 players are asked to move/);
    await moved;
    expect(await anna.request('matching.user_matching_status', undefined)).toMatchObject({
      state: 'open',
      ticketId,
    });
    await ben.request('matching.user_join_matching', { mode: 'duel' });
    for (const match of await Promise.all(matched)) expect(match.version).toBe('1.0.0000');
    for (const client of [anna, ben]) client.close();
  }, 60_000);

  it('lets a player keep the version until the next connection', async () => {
    const anna = await login();
    expect(anna.serverId).toContain('v100000');
    const moved = pushed(anna, 'moved');
    await done('promote 1.0.0001');
    expect(anna.serverId).toContain('v100000');
    cut(anna);
    await moved;
    expect(anna.serverId).toContain('v100001');
    anna.close();
  }, 60_000);

  it('gives a canary to clients of a region and a range of builds, as their SDK tells it', async () => {
    await done('canary 1.0.0002 --region eu --build 100-200');
    const some = [
      { region: 'eu', build: 150 },
      { region: 'eu', build: 200 },
    ];
    const players = await Promise.all([...some, { region: 'us', build: 150 }].map(login));
    const matched = players.map((client) => pushed(client, 'matched'));
    const join = (client: Client) => client.request('matching.user_join_matching', { mode: 'duel' });
    await Promise.all(players.map(join));
    for (const match of await Promise.all(matched.slice(0, 2))) expect(match.version).toBe('1.0.0002');
    expect((await done('status')).match(/^1\.0\.0001 .* 1 +1 /m)).not.toBeNull();
    for (const client of players) client.close();
    await done('rollback 1.0.0002');
  }, 60_000);

  async function login(facts: Partial<ConnectOptions> = {}): Promise<Client> {
    const response = await fetch(`${backend.dev.publicUrl}/v1/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ deviceId: `device-${crypto.randomUUID()}` }),
    });
    const { token } = (await response.json()) as { token: string };
    const client = connectPlayer({ url: backend.dev.publicUrl, token, ...facts });
    await client.ready;
    return client;
  }

  /** The former version once more, as a canary whose matching server is made bad from outside. */
  describe('guards a canary:', () => {
    const canary = '1.0.0000';
    const players: Robot[] = [];

    beforeAll(async () => {
      await done(`canary ${canary} --weight 50`);
      const account = new Account();
      const some = Array.from({ length: 12 }, () => Robot.login(backend.dev.publicUrl, account));
      players.push(...(await Promise.all(some)));
      for (const player of players) player.play();
    }, 180_000);
    afterAll(async () => {
      await Promise.all(players.map((player) => player.pause()));
      for (const player of players) player.leave();
    }, 180_000);

    it('one that NATS leaves alone for a while is watched to the end', async () => {
      const { code, text } = await guarded('--guard-seconds 7', async () => {
        await backend.nats.stop('SIGKILL');
        await new Promise((resolve) => setTimeout(resolve, 3_000));
        await backend.nats.start();
      });
      expect({ code, text }).toMatchObject({ code: 0 });
      expect(text).toMatch(/1\.0\.0000 is no worse than 1\.0\.0001, by [1-9]\d* requests/);
    }, 180_000);

    it('one that somebody else ends, or promotes, is left alone, and it is said', async () => {
      expect(await guarded('', () => done(`rollback ${canary}`))).toMatchObject({
        code: 1,
        text: expect.stringMatching(/The guard ends: 1\.0\.0000 is no canary any more\.$/m),
      });
      await done(`canary ${canary} --weight 50`);
      expect(await guarded('', () => done(`promote ${canary}`))).toMatchObject({
        code: 1,
        text: expect.stringMatching(/The guard ends: 1\.0\.0000 is the stable version by now\.$/m),
      });
      expect((await current())?.table).toMatchObject({ stable: canary, canaries: [] });
      await done('promote 1.0.0001');
      await done(`canary ${canary} --weight 50 --move-now`);
    }, 180_000);

    it('one whose requests take longer is rolled back, and it is said why', async () => {
      const pid = pidOf({ SERVER_ID: 'matching-dev-v100000-0', NATS_ADDRESS: backend.dev.natsAddress });
      // Stopped for most of the time, as under a neighbour who takes the processor.
      const stutter = setInterval(() => {
        process.kill(pid, 'SIGSTOP');
        setTimeout(() => process.kill(pid, 'SIGCONT'), 150);
      }, 200);
      const { code, text } = await release(`canary ${canary} --guard --guard-seconds 60`);
      clearInterval(stutter);
      await new Promise((resolve) => setTimeout(resolve, 200));
      expect({ code, text }).toMatchObject({ code: 1 });
      expect(text).toMatch(
        /1\.0\.0000 was rolled back: matching\.user_join_matching: .*requests take .*stable's .*\(p = /,
      );
      await expectRolledBack();
    }, 90_000);

    it('one whose requests fail, too', async () => {
      await done(`canary ${canary} --weight 50 --move-now`);
      const pid = pidOf({ SERVER_ID: 'matching-dev-v100000-0', NATS_ADDRESS: backend.dev.natsAddress });
      process.kill(pid, 'SIGSTOP');
      const { code, text } = await release(`canary ${canary} --guard --guard-seconds 60`);
      process.kill(pid, 'SIGCONT');
      expect({ code, text }).toMatchObject({ code: 1 });
      expect(text).toMatch(
        /was rolled back: (matching\.user_join_matching: \d+\.\d\d % of its requests fail|no matching server of it answers)/,
      );
      await expectRolledBack();
    }, 90_000);

    /** Does something as soon as the guard watches. */
    async function guarded(
      options: string,
      meanwhile: () => Promise<unknown> = async () => {},
    ): Promise<CommandResult> {
      let work: Promise<unknown> | undefined;
      const result = await typed(`canary ${canary} --guard ${options}`.trim(), (line) => {
        if (line.startsWith('guarding')) work ??= meanwhile();
      });
      await work;
      return result;
    }

    async function expectRolledBack(): Promise<void> {
      const stored = await current();
      expect(stored?.table.canaries).toEqual([]);
      expect(stored?.action).toMatch(/^guard rolled 1\.0\.0000 back: /);
    }
  });

  it('is seen by operators: its servers have every metric that dashboards and alarms ask for', async () => {
    const answer = await fetch(`${backend.dev.controlUrl}/servers`);
    const servers = (await answer.json()) as { healthPort: number }[];
    const texts = servers.map(async ({ healthPort }) =>
      (await fetch(`http://127.0.0.1:${healthPort}/metrics`)).text(),
    );
    const shown = (await Promise.all(texts)).join('\n');
    const names = new Set([...shown.matchAll(/^# TYPE (\w+)/gm)].map(([, name = '']) => name));
    const asked = readAskedExpressions(dashboardFiles(), ownFolder).flatMap(([, expr]) =>
      findAskedMetrics(expr),
    );
    // The others are kube-state-metrics'.
    const own = asked.filter(({ name }) => !name.startsWith('kube_'));
    const missing = own.filter(({ name }) => !names.has(declaredNameOf(name, (one) => names.has(one))));
    expect(missing).toEqual([]);
    // From the tests before.
    for (const line of [
      /^ccgame_release_version\{release_version="1\.0\.0001",state="live",role="stable",.*\} 1$/m,
      /^ccgame_connector_requests_total\{route="matching\.user_join_matching",result="ok",.*\} [1-9]/m,
      /^ccgame_connector_moves_total\{reason="release",.*\} [1-9]/m,
      /^ccgame_rpc_calls_total\{to="matching",handler="user_join_matching",result="ok",.*\} [1-9]/m,
      /^ccgame_rpc_handler_seconds_count\{handler="user_join_matching",scope="client",.*\} [1-9]/m,
      /^ccgame_storage_publish_seconds_count\{.*storage="KV_sessions".*\} [1-9]/m,
      /^ccgame_storage_limit_bytes\{storage="PUSH",discard="new",.*\} [1-9]/m,
      /^ccgame_nats_connected\{.*\} 1$/m,
      /^ccgame_server_ready\{.*\} 1$/m,
    ])
      expect(shown).toMatch(line);
  });

  it('writes the table again, which the servers remember, when NATS has lost everything', async () => {
    const before = await current();
    await backend.nats.restartEmpty();
    await untilReady();
    expect(await release('status')).toMatchObject({
      code: 1,
      text: expect.stringContaining('has no release table yet'),
    });
    expect(await release('init --stable 1.0.0002')).toMatchObject({
      code: 1,
      text: expect.stringMatching(/Servers remember a table of dev, with 1\.0\.0001 as stable/),
    });
    expect(await done('restore')).toMatch(/restored as it was after ".+" by .+, 20/);
    // The connection of before may still look for NATS.
    const anew = await connect({ servers: backend.nats.address });
    expect((await (await ReleaseStore.open(anew)).readTable('dev'))?.table).toEqual(before?.table);
    await anew.close();
    await done('check');
  }, 60_000);

  /** Resolves when all servers have found NATS. */
  async function untilReady(): Promise<void> {
    const deadline = Date.now() + 45_000;
    for (;;) {
      const answer = await fetch(`${backend.dev.controlUrl}/servers`);
      const servers = (await answer.json()) as ServerInstance[];
      const waiting = servers.filter(({ isReady }) => !isReady);
      if (waiting.length === 0) return;
      if (Date.now() > deadline) throw new Error(`Not ready in 45 s: ${JSON.stringify(waiting)}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
});

/** Ends the connection without a word, as a dead network does. */
function cut(client: Client): void {
  const { socket } = (client as unknown as { current: { socket: Socket } }).current;
  (socket.io.engine.transport as unknown as { ws: { terminate(): void } }).ws.terminate();
}

function pushed<R extends 'matched' | 'moved'>(
  client: Client,
  route: R,
): Promise<R extends 'matched' ? PushRoutes['matched'] : unknown> {
  return new Promise((resolve) => client.on(route as 'matched', (data) => resolve(data as never)));
}
