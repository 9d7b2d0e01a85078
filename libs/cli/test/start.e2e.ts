import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseNatsAddress } from '@ccgame/config';
import { matchingHandlers } from '@ccgame/matchmaker';
import { NatsHealth } from '@ccgame/nats';
import { rpcContext, RpcService } from '@ccgame/rpc';
import { connect as connectNats } from '@nats-io/transport-node';
import type { NatsServer } from '@ccgame/testing';
import { calmTime, ChildOutput, findNats, freePort, startNats } from '@ccgame/testing';
import { Launch, launch } from './launch.js';
import { RuleGame } from './rule-game.js';

/** The processes of this machine whose command line holds `text`. */
function processesWith(text: string): number[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.filter((pid) => commandLine(pid).includes(text)).map(Number);
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8') + readFileSync(`/proc/${pid}/environ`, 'utf8');
  } catch {
    return '';
  }
}

/** Fewer than package.json says, for a quick start. */
const oneOfEach = ['--servers', 'connector=1,arena=1'];

describe('npm start', () => {
  let folder: string;
  let nats: NatsServer;
  /** Copied from dist/ once, and not for each test. */
  const versions = mkdtempSync(join(tmpdir(), 'ccgame-versions-'));
  beforeAll(async () => {
    nats = await startNats();
  });
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'ccgame-start-'));
    symlinkSync(join(process.cwd(), 'dist'), join(folder, 'dist'));
    symlinkSync(join(process.cwd(), 'apps'), join(folder, 'apps'));
    symlinkSync(join(process.cwd(), 'node_modules'), join(folder, 'node_modules'));
    symlinkSync(join(process.cwd(), 'package.json'), join(folder, 'package.json'));
    symlinkSync(join(process.cwd(), 'docker-compose.yml'), join(folder, 'docker-compose.yml'));
    mkdirSync(join(folder, '.ccgame'));
    symlinkSync(versions, join(folder, '.ccgame', 'versions'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  afterAll(async () => {
    await nats.destroy();
    rmSync(versions, { recursive: true, force: true });
  });

  /** No NATS_ADDRESS: the nats-server that the tests have is the one on PATH. */
  async function ownNats(): Promise<NodeJS.ProcessEnv> {
    const source = await findNats({ root: process.cwd(), binaryOnly: true });
    return pathWith(folder, { 'nats-server': `exec ${source.kind === 'binary' ? source.path : ''} "$@"` });
  }

  /** Everything that was started in the test's folder is gone. */
  async function nothingIsLeft(): Promise<void> {
    while (processesWith(folder).length > 0) await new Promise((resolve) => setTimeout(resolve, 50));
  }

  it('plays a game on each of two versions side by side on a NATS of docker compose, and stops all', async () => {
    // No engine runs on a test machine: a `docker` in its place does what the engine would, with the same server.
    const source = await findNats({ root: process.cwd(), binaryOnly: true });
    const binary = source.kind === 'binary' ? source.path : '';
    const log = join(folder, 'docker.log');
    const docker = `echo "$COMPOSE_PROJECT_NAME: $@" >> ${log}
      case "$2" in
      up)
        ${binary} -js -sd ${folder}/data -p "$NATS_PORT" > ${folder}/nats.log 2>&1 < /dev/null &
        echo $! > ${folder}/nats.pid
        until grep -q 'Server is ready' ${folder}/nats.log; do sleep 0.1; done ;;
      stop) kill $(cat ${folder}/nats.pid) ;;
      *) echo 28.0.0 ;;
      esac`;
    const env = pathWith(folder, { 'nats-server': 'exit 1', docker });
    const args = ['--once', '--versions', '1.0.0000,1.0.0001', '--port', String(await freePort())];
    const run = launch([...args, ...oneOfEach], { cwd: folder, env });
    expect({ code: await run.ended, text: run.text }).toEqual({
      code: 0,
      text: expect.stringContaining('Everything works'),
    });
    expect(run.text).toMatch(
      /a game on 1\.0\.0000:[^]*leaderboard shows it[^]*a game on 1\.0\.0001:[^]*leaderboard shows it/,
    );
    // Its own by the path: another folder of that name has another project.
    expect(readFileSync(log, 'utf8')).toMatch(
      /\n(ccgame-start-\w+-[0-9a-f]{8}): compose up --detach --wait nats\n\1: compose stop --timeout 2 nats\n$/,
    );
    await nothingIsLeft();
  });

  /** Calls what players may call, with the NATS user of a server type of this launcher. @returns the error's code */
  async function callAsPlayer(serverType: string): Promise<string> {
    const dev = JSON.parse(readFileSync(join(folder, '.ccgame', 'dev.json'), 'utf8')) as {
      natsAddress: string;
    };
    const { servers, pass } = parseNatsAddress(dev.natsAddress);
    const user = { user: serverType, pass, inboxPrefix: `_INBOX.${serverType}` };
    const connection = await connectNats({ servers, ...user });
    const identity = { serverId: `${serverType}-test-0`, serverType, version: '1.0.0000' };
    const rpc = new RpcService(connection, new NatsHealth(connection), { identity, timeoutMs: 5_000 });
    const ask = () => rpc.doRPC({ handler: matchingHandlers.status }, undefined);
    const answer = rpcContext.run({ attributes: { uid: 'anna' } }, ask);
    const code = await answer.then(
      () => 'answered',
      (error: { code: string }) => error.code,
    );
    rpc.onApplicationShutdown();
    await connection.close();
    return code;
  }

  it('starts again on the files of a launcher that was killed, restarts an app that crashed, and Ctrl-C stops all within 5 s', async () => {
    // With the cluster's NATS users.
    symlinkSync(join(process.cwd(), 'k8s'), join(folder, 'k8s'));
    const port = String(await freePort());
    const env = await ownNats();
    const killed = launch(['--port', port], { cwd: folder, env });
    await killed.prints(/Ctrl-C/);
    // As package.json says, so that players of a killed one go on with the other.
    expect(killed.text).toMatch(/arena-dev-v100000-1 +pid[^]*connector-dev-v100000-1 +pid/);
    killed.child.kill('SIGKILL');
    await killed.ended;
    const run = launch(['--port', port, ...oneOfEach], { cwd: folder, env });
    const [, pid] = await run.prints(/connector-dev-v100000-0\s+pid (\d+)/);
    process.kill(Number(pid), 'SIGKILL');
    await run.prints(/connector-dev-v100000-0 died \(SIGKILL\); it is started again/);
    await run.prints(/connector-dev-v100000-0 is back/);
    // As in the cluster: a back end may call what is for servers alone, and acts for no player. This one has no ticket.
    expect([await callAsPlayer('http'), await callAsPlayer('connector')]).toEqual(['FORBIDDEN', 'NOT_FOUND']);

    const second = launch(['--port', String(await freePort())], { cwd: folder, env: await ownNats() });
    expect(await second.ended).toBe(1);
    expect(second.text).toContain(`"npm start" runs in this folder already (process ${run.child.pid})`);
    expect((await fetch(`http://127.0.0.1:${port}/v1/config`)).status).toBe(200);

    const calmMs = calmTime();
    run.child.kill('SIGINT');
    // As npm passes the same Ctrl-C on.
    await sleep(80);
    run.child.kill('SIGINT');
    expect(await run.ended).toBe(0);
    await nothingIsLeft();
    expect(calmMs()).toBeLessThan(5000);
    expect(existsSync(join(folder, '.ccgame', 'nats', 'jetstream'))).toBe(true);
  });

  it('tells at once which right of NATS a server lacks that does not get ready for it', async () => {
    const path = 'k8s/nats/accounts';
    const accounts = readFileSync(join(path, 'accounts.yaml'), 'utf8');
    const lacking = ' "$JS.API.STREAM.INFO.KV_guests",';
    expect(accounts).toContain(lacking);
    mkdirSync(join(folder, path), { recursive: true });
    writeFileSync(join(folder, path, 'accounts.yaml'), accounts.replace(lacking, ''));
    const run = launch(['--port', String(await freePort()), ...oneOfEach], {
      cwd: folder,
      env: await ownNats(),
    });
    const calmMs = calmTime();
    await run.prints(
      /! http-dev-v100000-0: NATS does not permit it to publish to \$JS\.API\.STREAM\.INFO\.KV_guests: give its user that right in k8s\/nats\/accounts\/accounts\.yaml/,
    );
    expect(calmMs()).toBeLessThan(30_000);
    await run.interrupt();
    await nothingIsLeft();
  });

  it('ends connections that ask for nothing, and stops all when its terminal closes', async () => {
    const port = await freePort();
    // A small game does: the launcher and its public port are the same.
    const game = new RuleGame('silence ends');
    const run = launch(['--port', String(port)], { cwd: game.folder, env: await ownNats() });
    await run.prints(/Ctrl-C/);
    const silentMs = await Promise.all(
      ['', 'GET /v1/config HTTP/1.1\r\nHost: x\r\n'].map(async (bytes) => {
        const calmMs = calmTime();
        const socket = connect(port, '127.0.0.1').resume();
        socket.write(bytes);
        await once(socket, 'close');
        return calmMs();
      }),
    );
    expect(Math.max(...silentMs)).toBeLessThan(10_000);

    // The closed terminal takes no lines any more.
    run.child.stdout?.destroy();
    run.child.stderr?.destroy();
    const calmMs = calmTime();
    run.child.kill('SIGHUP');
    const [code] = (await once(run.child, 'exit')) as [number | null];
    expect(code).toBe(0);
    await nothingIsLeft();
    expect(calmMs()).toBeLessThan(5_000);
    game.remove();
  });

  it('leaves no process behind when the launcher is killed while the servers start', async () => {
    const run = launch(['--port', String(await freePort()), ...oneOfEach], {
      cwd: folder,
      env: await ownNats(),
    });
    await run.prints(/getting a NATS server \(/);
    while (processesWith(join(folder, '.ccgame', 'versions')).length === 0)
      await new Promise((resolve) => setTimeout(resolve, 5));
    run.child.kill('SIGKILL');
    await run.ended;
    await nothingIsLeft();
  });

  describe('says in a sentence, without a stack', () => {
    async function problem(args: string[], env: NodeJS.ProcessEnv): Promise<string> {
      const run = launch(['--once', ...args], { cwd: folder, env });
      expect({ code: await run.ended, text: run.text }).toMatchObject({ code: 1 });
      expect(run.text).not.toContain('    at ');
      return run.text;
    }

    it('that the public port is in use', async () => {
      const blocker = createServer().listen(0, '127.0.0.1');
      await once(blocker, 'listening');
      const { port } = blocker.address() as { port: number };
      const text = await problem(['--port', String(port)], { NATS_ADDRESS: nats.address });
      expect(text).toContain(`Port ${port} is in use`);
      // Before a NATS server is built, which takes a minute at the first start.
      expect(text).not.toContain('getting a NATS server');
      blocker.close();
    });

    it('that the NATS of NATS_ADDRESS does not answer', async () => {
      const address = `nats://127.0.0.1:${await freePort()}`;
      expect(await problem([], { NATS_ADDRESS: address })).toMatch(
        /does not answer \(ECONNREFUSED\); start it, or unset NATS_ADDRESS/,
      );
    });

    it('that NATS refuses the password, and does not show it', async () => {
      const source = await findNats({ root: process.cwd(), binaryOnly: true });
      const port = await freePort();
      const guarded = spawn(source.kind === 'binary' ? source.path : '', [
        '-js',
        '-sd',
        join(folder, 'js'),
        '-p',
        String(port),
        '--user',
        'game',
        '--pass',
        'right',
      ]);
      await new ChildOutput(guarded).prints(/Server is ready/);
      const text = await problem([], { NATS_ADDRESS: `nats://game:wr0ng@127.0.0.1:${port}` });
      guarded.kill('SIGKILL');
      expect(text).toMatch(/refuses the user or password/);
      expect(text).not.toContain('wr0ng');
    });

    it.each([
      [
        { version: '2.9.10', jetstream: true },
        /is version 2\.9\.10; ccgame needs 2\.12\.0 or newer, because/,
      ],
      [{ version: '2.15.2' }, /runs without JetStream; start it with "nats-server -js"/],
    ])('that the NATS of NATS_ADDRESS will not do: %j', async (greeting, sentence) => {
      const server = createServer((socket) => socket.end(`INFO ${JSON.stringify(greeting)}\r\n`));
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      const { port } = server.address() as { port: number };
      expect(await problem([], { NATS_ADDRESS: `nats://127.0.0.1:${port}` })).toMatch(sentence);
      server.close();
    });

    it('that nats-server on PATH is too old, and why', async () => {
      const env = pathWith(folder, {
        'nats-server': 'echo "nats-server: v2.9.10"',
        docker: 'exit 1',
        go: 'exit 1',
      });
      expect(await problem([], env)).toMatch(
        /version 2\.9\.10; ccgame needs 2\.12\.0 or newer, because JetStream republish/,
      );
    });

    it('the four ways to get NATS, when there is none', async () => {
      const env = pathWith(folder, { 'nats-server': 'exit 1', docker: 'exit 1', go: 'exit 1' });
      const text = await problem([], env);
      for (const way of ['NATS_ADDRESS', 'on PATH', 'Docker engine', 'install Go'])
        expect(text).toContain(way);
    });

    it('that Docker could not start NATS, and why', async () => {
      const docker = '[ "$2" = up ] && echo "pulling" && echo "no such host" >&2 && exit 1; echo 28.0.0';
      expect(await problem([], pathWith(folder, { 'nats-server': 'exit 1', docker }))).toMatch(
        /Docker could not start the nats service of docker-compose\.yml \(no such host\); mend that/,
      );
    });

    it('that a server type is none', async () => {
      const text = await problem(['--servers', 'foo=2'], { NATS_ADDRESS: nats.address });
      expect(text).toContain('There is no server type foo; there are arena, connector, http,');
    });

    it('that a version is none', async () => {
      expect(await problem(['--versions', '1.0'], {})).toContain('A version looks like 1.0.0000');
    });
  });

  it('refuses a Node that is too old, before anything is installed', async () => {
    const script = `Object.defineProperty(process.versions, 'node', { value: '18.20.0' });
      const { prepare } = await import(${JSON.stringify(join(process.cwd(), 'libs/cli/bin/prepare.mjs'))}); prepare();`;
    const run = new Launch(spawn(process.execPath, ['--input-type=module', '-e', script]));
    expect(await run.ended).toBe(1);
    expect(run.text).toBe(
      'This is Node 18.20.0; ccgame needs 20.19 or newer. Install it from https://nodejs.org and run the command again.\n',
    );
  });
});

/** An environment in which commands of a folder come first on PATH. */
function pathWith(folder: string, commands: Record<string, string>): NodeJS.ProcessEnv {
  const bin = join(folder, 'bin');
  mkdirSync(bin, { recursive: true });
  for (const [name, body] of Object.entries(commands)) {
    writeFileSync(join(bin, name), `#!/bin/sh\n${body}\n`);
    chmodSync(join(bin, name), 0o755);
  }
  return { PATH: `${bin}:${process.env.PATH}` };
}
