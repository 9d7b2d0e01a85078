import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  calmTime,
  freePort,
  type GameNats,
  productionSecrets,
  startGameNats,
  type StartedServer,
  startServer,
} from '@ccgame/testing';

/** Every server starts and stops by libs/server; the http server stands for all of them here. */
describe('a server', () => {
  let nats: GameNats;
  beforeAll(async () => {
    nats = await startGameNats();
  });
  afterAll(() => nats.destroy());

  let ordinal = 0;

  function start(env: Record<string, string> = {}): Promise<StartedServer> {
    const options = {
      serverType: 'http',
      version: '1.0.0000',
      nats,
      logFolder: nats.folder,
    };
    return startServer({ root: process.cwd(), ...options, ordinal: ordinal++, env });
  }

  /** The ops port's first answer with this status. */
  async function untilProbe(server: StartedServer, status: number): Promise<string> {
    for (;;) {
      const answer = await fetch(`http://127.0.0.1:${server.healthPort}/`).catch(() => undefined);
      const text = await answer?.text();
      if (text !== undefined && answer?.status === status) return text;
      if (!server.process.isRunning) throw new Error(`It ended:\n${server.process.logTail()}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  async function outcome(child: ChildProcess): Promise<{ code: number; text: string }> {
    let text = '';
    child.stdout?.on('data', (chunk: Buffer) => (text += chunk.toString()));
    child.stderr?.on('data', (chunk: Buffer) => (text += chunk.toString()));
    const [code] = (await once(child, 'close')) as [number];
    return { code, text };
  }

  async function startDirectly(env: Record<string, string>): Promise<{ code: number; text: string }> {
    const ports = { HTTP_PORT: String(await freePort()), HEALTHY_CHECK_PORT: String(await freePort()) };
    const child = spawn(process.execPath, ['dist/servers/http.js'], {
      env: { PATH: process.env.PATH, NATS_ADDRESS: nats.addressOf('http'), ...ports, ...env },
    });
    return outcome(child);
  }

  it('drains when its terminal closes, and ends with 0', async () => {
    const server = await start();
    await server.process.untilReady();
    const gone = new Promise((resolve) => server.process.onCrash(resolve));
    server.process.signal('SIGHUP');
    expect(await gone).toBe('exit code 0');
    expect(server.process.logTail(1000)).toMatch(/server\.stopping.*SIGHUP[^]*server\.stopped/);
  });

  it('is alive before it is ready, takes calls once its modules have begun, and ends with 0 at SIGTERM', async () => {
    const server = await start({ DEBUG: 'ccgame:NestApplication' });
    await server.process.untilReady();
    expect((await fetch(`http://127.0.0.1:${server.healthPort}/livez`)).status).toBe(200);
    expect(await (await fetch(`http://127.0.0.1:${server.healthPort}/metrics`)).text()).toContain(
      'process_cpu_user_seconds_total',
    );
    expect((await fetch(`http://127.0.0.1:${server.healthPort}/other`)).status).toBe(404);
    expect(server.process.logTail(1000)).toMatch(/application successfully started[^]*rpc\.listening/);
    for (const lines of ['all', 'as configured']) {
      server.process.signal('SIGUSR2');
      await server.process.untilLogged(new RegExp(`"lines":"${lines}"`));
    }
    expect(await server.process.stop()).toBe('exit code 0');
  });

  it('stops when the launcher that started it is gone', async () => {
    const server = await start();
    await server.process.untilReady();
    const gone = new Promise((resolve) => server.process.onCrash(resolve));
    server.process.disconnect();
    expect(await gone).toBe('exit code 0');
  });

  it('does not start on when its launcher is gone', async () => {
    const server = await start();
    const gone = new Promise((resolve) => server.process.onCrash(resolve));
    server.process.disconnect();
    expect(await gone).toBe('exit code 1');
    expect(server.process.logTail()).not.toContain('server.running');
  });

  describe('without NATS', () => {
    beforeEach(() => nats.stop());
    afterEach(() => nats.restart());

    it('is alive and not ready, at its start and later, and ready as soon as NATS is there', async () => {
      const server = await start();
      expect(await untilProbe(server, 503)).toBe('not ready: starting\n');
      expect((await fetch(`http://127.0.0.1:${server.healthPort}/livez`)).status).toBe(200);
      await nats.start();
      await server.process.untilReady();
      await nats.stop('SIGKILL');
      expect(await untilProbe(server, 503)).toContain('nats');
      expect((await fetch(`http://127.0.0.1:${server.healthPort}/livez`)).status).toBe(200);
      await nats.start();
      await untilProbe(server, 200);
      expect(await server.process.stop()).toBe('exit code 0');
    });

    it('ends at once at SIGTERM while it starts', async () => {
      const server = await start();
      await untilProbe(server, 503);
      expect(await server.process.stop()).toBe('exit code 143');
    });
  });

  it('is not ready while it drains, and ends with 1 when that takes longer than it may', async () => {
    const server = await start({ STOP_TIMEOUT_SECONDS: '2' });
    await server.process.untilReady();
    nats.pause();
    const body = JSON.stringify({ deviceId: 'device-one' });
    const headers = { 'content-type': 'application/json' };
    const login = fetch(`http://127.0.0.1:${server.port}/v1/login`, { method: 'POST', headers, body });
    const ended = Promise.allSettled([login]);
    const gone = new Promise((resolve) => server.process.onCrash(resolve));
    server.process.signal('SIGTERM');
    expect(await untilProbe(server, 503)).toBe('not ready: draining\n');
    expect(await gone).toBe('exit code 1');
    expect(server.process.logTail()).toContain('server.stop-timeout');
    nats.resume();
    await ended;
  });

  it('takes one ^C that npm repeats for one, and is forced by a third signal', async () => {
    const one = await start();
    const other = await start();
    await Promise.all([one.process.untilReady(), other.process.untilReady()]);
    const gone = new Promise((resolve) => one.process.onCrash(resolve));
    one.process.signal('SIGINT');
    await sleep(80);
    one.process.signal('SIGINT');
    expect(await gone).toBe('exit code 0');
    expect(one.process.logTail(1000)).toContain('server.stopped');

    const forced = new Promise((resolve) => other.process.onCrash(resolve));
    for (let times = 0; times < 3; times++) {
      other.process.signal('SIGINT');
      await sleep(40);
    }
    expect(await forced).toBe('exit code 1');
    expect(other.process.logTail(1000)).toContain('server.stop-forced');
  });

  it.each([
    ['a rejection that nobody caught', 'Promise.reject({ n: 1n })'],
    ['a throw that nobody caught', 'const circle = {}; circle.circle = circle; throw circle'],
  ])('logs %s, drains, and ends with 1', async (_, fault) => {
    const planted = `process.on('SIGUSR2', () => { ${fault} })`;
    const server = await start({
      NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(planted)}`,
    });
    await server.process.untilReady();
    const gone = new Promise((resolve) => server.process.onCrash(resolve));
    server.process.signal('SIGUSR2');
    expect(await gone).toBe('exit code 1');
    const log = server.process.logTail(1000);
    expect(log).toMatch(/process\.failed[^]*server\.stopping[^]*server\.stopped/);
    expect(log).toMatch(/n: 1n|circle: \[Circular/);
  });

  it('listens on IPv6 and IPv4, and ends a request that does not come to an end', async () => {
    const server = await start();
    await server.process.untilReady();
    for (const port of [server.port, server.healthPort])
      for (const host of ['127.0.0.1', '[::1]'])
        expect((await fetch(`http://${host}:${port}/`)).status).toBeGreaterThan(0);
    const calmMs = calmTime();
    const socket = connect(server.port, '127.0.0.1');
    socket.write(
      'POST /v1/login HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n',
    );
    const drip = setInterval(() => socket.write(' '), 1000);
    let answer = '';
    socket.on('data', (chunk: Buffer) => (answer += chunk.toString())).on('error', () => {});
    await once(socket, 'close');
    clearInterval(drip);
    expect(answer).toMatch(/^HTTP\/1\.1 408 /);
    expect(calmMs()).toBeLessThan(14_000);
    await server.process.stop();
  });

  it('says in one list what is wrong with its environment', async () => {
    const { code, text } = await startDirectly({ WS_TYPE: 'ws', VERSION: 'first' });
    expect(code).toBe(1);
    expect(text).toContain('WS_TYPE');
    expect(text).toContain('VERSION');
    expect(text).not.toContain('    at ');
  });

  it.each(['HTTP_PORT', 'HEALTHY_CHECK_PORT'])('says in a sentence that %s is in use', async (variable) => {
    const blocker = createServer().listen(0);
    await once(blocker, 'listening');
    const { port } = blocker.address() as AddressInfo;
    const { code, text } = await startDirectly({ [variable]: String(port) });
    blocker.close();
    expect(code).toBe(1);
    expect(text).toContain(`Port ${port} is in use`);
    expect(text).not.toContain('    at ');
  });

  it('writes a JSON line an event in production, and no secret', async () => {
    const secrets = { ...productionSecrets(), SERVER_KEY: '4f1c9e07ab38d25c61e0f79b8a3d4c52' };
    const { password } = new URL(nats.addressOf('http'));
    expect(password).toMatch(/^[0-9a-f]{32}$/);
    const server = await start({ NODE_ENV: 'production', DEBUG: 'ccgame:*', ...secrets });
    await server.process.untilReady();
    await server.process.stop();
    const lines = server.process
      .logTail(1000)
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    const events = lines.map(({ event }) => event);
    expect(events).toEqual(expect.arrayContaining(['server.running', 'server.stopping', 'server.stopped']));
    expect(lines[0]).toMatchObject({ serverId: server.serverId, version: '1.0.0000' });
    expect(JSON.stringify(lines)).not.toMatch(new RegExp(`"d"|4f1c9e07|${password}`));
  });

  it('writes debug lines of the names in DEBUG', async () => {
    const server = await start({ DEBUG: 'ccgame:RoutesResolver' });
    await server.process.untilReady();
    await server.process.stop();
    expect(server.process.logTail(1000)).toContain('LoginController');
    expect(server.process.logTail(1000)).not.toContain('dependencies initialized');
  });
});
