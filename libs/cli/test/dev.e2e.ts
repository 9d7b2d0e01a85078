import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Client, connect } from '@ccgame/client';
import { freePort, type NatsServer, startNats, untilHolds } from '@ccgame/testing';
import { findLauncher } from '../src/dev/dev-file.js';
import type { MemberReport } from '../src/dev/fleet-member.js';
import { Debugger } from './debugger.js';
import { DevGame } from './dev-game.js';
import { type Launch, launch } from './launch.js';

const stepsSource = `class Counted {
  constructor() {
    this.count();
  }
  count(): void {}
}
class Steps extends Counted {
  total: number;
  override count(): void {
    this.total = 7;
  }
}
const steps = new Steps();
setInterval((): void => {
  steps.total += 0;
}, 50).unref();
`;

describe('npm run dev', () => {
  let game: DevGame;
  let nats: NatsServer;
  let launcher: Launch;
  let url: string;
  let controlUrl: string;
  let launcherPid: number;
  let client: Client;
  let inspectPort: number;

  beforeAll(async () => {
    nats = await startNats();
    game = new DevGame();
    game.write('game/src/steps.ts', stepsSource);
    game.change('game/src/http.ts', 'export const', "import './steps.js';\nexport const");
    game.write('.env', 'GREETING=of the file\nLOG_LEVEL=silent\n');
    inspectPort = await freePort();
    const args = ['--port', String(await freePort()), '--inspect', `http=${inspectPort}`];
    const env = { NATS_ADDRESS: nats.address, LOG_LEVEL: 'warn' };
    launcher = launch(args, { command: 'dev', cwd: game.folder, env });
    const [, mark] = await launcher.prints(/([✓✗]) types/);
    expect(mark).toBe('✓');
    const found = await findLauncher(game.folder);
    if (found.state !== 'answers') throw new Error(`The launcher is ${found.state}:\n${launcher.text}`);
    ({ publicUrl: url, controlUrl, pid: launcherPid } = found.dev);
    client = await login();
  }, 300_000);
  afterAll(async () => {
    client?.close();
    await launcher?.interrupt();
    await nats?.destroy();
    game?.remove();
  }, 60_000);

  async function login(): Promise<Client> {
    const response = await fetch(`${url}/v1/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ deviceId: `device-${crypto.randomUUID()}` }),
    });
    const { token } = (await response.json()) as { token: string };
    const player = connect({ url, token });
    await player.ready;
    return player;
  }

  const title = async (): Promise<string> =>
    ((await (await fetch(`${url}/docs-json`)).json()) as { info: { title: string } }).info.title;
  const servers = async (): Promise<Map<string, MemberReport>> => {
    const all = (await (await fetch(`${controlUrl}/servers`)).json()) as MemberReport[];
    const staying = all.filter(({ state }) => state !== 'leaving');
    return new Map(staying.map((server) => [server.serverType, server]));
  };
  const pidOf = async (type: string): Promise<number> => (await servers()).get(type)?.pid ?? 0;
  const variablesOf = async (type: string): Promise<string[]> =>
    readFileSync(`/proc/${await pidOf(type)}/environ`, 'utf8').split('\0');

  it('gives servers the variables of .env, and over them those of the shell', async () => {
    const variables = await variablesOf('http');
    expect(variables).toContain('GREETING=of the file');
    expect(variables).toContain('LOG_LEVEL=warn');
    expect(variables).toContain('SERVER_TYPE=http');
  });

  it('leaves what `npm run pack` has packed where it is', () => {
    expect(existsSync(join(game.folder, '.ccgame/packages/packed.tgz'))).toBe(true);
  });

  it('opens no port to the network', async () => {
    const all = [...(await servers()).values()];
    for (const { healthPort } of all) {
      expect((await fetch(`http://127.0.0.1:${healthPort}/livez`)).status).toBe(200);
      await expect(fetch(`http://[::1]:${healthPort}/livez`)).rejects.toThrow();
    }
    expect(await variablesOf('http')).toContain('LISTEN_HOST=127.0.0.1');
  });

  it('has a public port that bears a path which is no URL', async () => {
    expect((await fetch(`${url}//`)).status).toBeLessThan(500);
    expect((await fetch(`${url}/docs`)).status).toBe(200);
  });

  it('replaces the server whose code changed and no other, and tells wrong types beside it', async () => {
    const [http, connector] = [await pidOf('http'), await pidOf('connector')];
    let dropped = 0;
    client.on('state', () => (dropped += 1));
    expect(await title()).toBe('ccgame');
    game.change('game/src/http.ts', "title: 'ccgame'", "title: 'another', wrong: 1");
    await launcher.prints(/✓ http serves it, .*not touched: connector\)/);
    expect(await title()).toBe('another');
    await launcher.prints(/game\/src\/http\.ts[^]*'wrong' does not exist[^]*✗ types: 1 error/);
    expect(await pidOf('http')).not.toBe(http);
    expect(await pidOf('connector')).toBe(connector);
    expect(dropped).toBe(0);
  });

  it('opens the debugger of the server that is inspected, and again of the one that takes its place', async () => {
    const { folder = '' } = (await servers()).get('http') ?? {};
    const titles = async (): Promise<string[]> => {
      const answer = await fetch(`http://127.0.0.1:${inspectPort}/json/list`).catch(() => undefined);
      return answer?.ok ? ((await answer.json()) as { title: string }[]).map((one) => one.title) : [];
    };
    await untilHolds(async () => (await titles())[0] === join(folder, 'dist/servers/http.js'), {
      seen: titles,
    });
  });

  it('stops the inspected server at a line of a TypeScript file', async () => {
    const attached = await Debugger.attach(inspectPort);
    expect(await attached.evaluateAt(join(game.folder, 'game/src/steps.ts'), 15, 'steps.total')).toBe(7);
    attached.close();
    await untilHolds(async () => (await fetch(`${url}/docs`)).ok);
  });

  it('shows an error of syntax, and one at the start, and the servers before serve on', async () => {
    const before = await pidOf('http');
    game.change('game/src/http.ts', "title: 'another', wrong: 1", "title: 'broken");
    await launcher.prints(/Unterminated string literal[^]*game\/src\/http\.ts[^]*nothing is replaced/);
    expect(await title()).toBe('another');
    game.change('game/src/http.ts', "title: 'broken", 'title: String(fail())');
    await launcher.prints(
      /fail is not defined[^]*does not start with this change: the servers before serve on/,
    );
    expect(await title()).toBe('another');
    expect(await pidOf('http')).toBe(before);
    game.change('game/src/http.ts', 'title: String(fail())', "title: 'mended'");
    await launcher.prints(/✓ http serves it/);
    expect(await title()).toBe('mended');
  });

  it('moves the players of a connector whose code changed, to a process that had loaded the packages before', async () => {
    expect(client.serverId).toBe('connector-dev-v100000-0');
    // None waits for http, whose debugger would show another file.
    const standbys = (): number[] => childrenOf(launcherPid, 'standby.mjs');
    await untilHolds(() => standbys().length === 1, { seen: standbys });
    const [standby] = standbys();
    const moved = new Promise((resolve) => client.on('moved', resolve));
    game.change('game/src/edge.ts', 'export const edge', "console.log('hello');\nexport const edge");
    await launcher.prints(/✓ connector serves it, .*not touched: http\)/);
    await moved;
    expect(client.serverId).toBe('connector-dev-v100000-1');
    expect(await pidOf('connector')).toBe(standby);
    const log = readFileSync(join(game.folder, '.ccgame/logs/connector-dev-v100000-1.log'), 'utf8');
    expect(log).toContain('hello');
    // The server keeps the name of the file that it was started with, and the next one waits beside it.
    await untilHolds(() => standbys().length === 2, { seen: standbys });
  });

  it('starts a server with changed variables, and ends with all that waits', async () => {
    const all = childrenOf(launcherPid, 'standby.mjs');
    game.write('.env', 'GREETING=changed\nLOG_LEVEL=silent\n');
    await launcher.prints(/✓ connector, http serve it/);
    expect(all).not.toContain(await pidOf('connector'));
    expect(await variablesOf('connector')).toContain('GREETING=changed');
    await untilHolds(() => childrenOf(launcherPid, 'standby.mjs').some((pid) => !all.includes(pid)));
    const children = childrenOf(launcherPid, '');
    client.close();
    await launcher.interrupt();
    await untilHolds(() => !children.some((pid) => existsSync(`/proc/${pid}`)), { seen: () => children });
  });
});

/** Processes that another one started, with a part of their command line. */
function childrenOf(parent: number, part: string): number[] {
  const read = (path: string): string => {
    try {
      return readFileSync(path, 'utf8');
    } catch {
      return '';
    }
  };
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  const own = pids.filter((pid) => read(`/proc/${pid}/status`).includes(`\nPPid:\t${parent}\n`));
  return own.filter((pid) => read(`/proc/${pid}/cmdline`).includes(part)).map(Number);
}
