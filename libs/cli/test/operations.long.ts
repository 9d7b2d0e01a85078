import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from '@nats-io/transport-node';
import { connect as connectPlayer } from '@ccgame/client';
import { serverHandler } from '@ccgame/rpc';
import { untilHolds } from '@ccgame/testing';
import { Backend, type CommandResult } from '../../../proof/release-demo/backend.js';
import { OperatorRpc } from '../src/release/operator-rpc.js';
import { releaseInProcess } from './command-in-process.js';
import { pidOf } from './pid-of.js';

const asksMatching = serverHandler({ serverType: 'chat', handler: 'asks_matching', result: Number });

/** As README's "Add a server type", without TypeScript: 9.0.0000 of it crashes, 9.0.0001 forgets ServerModule. */
const chat = `
import { Controller, Module } from '@nestjs/common';
import { matchingOperations } from '@ccgame/matchmaker';
import { RpcModule, RpcService, ServerHandler, serverHandler } from '@ccgame/rpc';
import { Readiness, runServer, ServerModule } from '@ccgame/server';

if (process.env.VERSION === '9.0.0000') throw new Error('there is no card deck');
const contract = serverHandler({ serverType: 'chat', handler: 'asks_matching', result: Number });
class ChatController {
  constructor(rpc) { this.rpc = rpc; }
  async ask() {
    return (await this.rpc.doRPC({ handler: matchingOperations.countTickets }, { version: process.env.VERSION })).tickets;
  }
}
Controller()(ChatController);
Reflect.defineMetadata('design:paramtypes', [RpcService], ChatController);
ServerHandler(contract)(ChatController.prototype, 'ask', Object.getOwnPropertyDescriptor(ChatController.prototype, 'ask'));
class ChatModule {}
const isForgetful = process.env.VERSION === '9.0.0001';
Module({
  imports: [isForgetful ? { module: class {}, global: true, providers: [Readiness], exports: [Readiness] } : ServerModule, RpcModule.forRoot()],
  controllers: [ChatController],
})(ChatModule);
await runServer({ module: () => Promise.resolve(ChatModule) });
`;

/** A checkout with one more server type. */
function checkoutWithChat(): string {
  const root = mkdtempSync(join(tmpdir(), 'ccgame-chat-'));
  const link = (...path: string[]): void => symlinkSync(join(process.cwd(), ...path), join(root, ...path));
  for (const part of ['libs', 'k8s', 'node_modules', 'package.json']) link(part);
  mkdirSync(join(root, 'apps', 'chat', 'src'), { recursive: true });
  mkdirSync(join(root, 'dist', 'servers'), { recursive: true });
  for (const folder of ['apps', join('dist', 'servers')])
    for (const part of readdirSync(join(process.cwd(), folder))) link(folder, part);
  for (const part of readdirSync(join(process.cwd(), 'dist'))) if (part !== 'servers') link('dist', part);
  writeFileSync(join(root, 'apps', 'chat', 'src', 'main.ts'), '');
  writeFileSync(join(root, 'dist', 'servers', 'chat.js'), chat);
  return root;
}

describe('ccgame release, when something is wrong', () => {
  const ownFolder = process.cwd();
  let root: string;
  let backend: Backend;

  beforeAll(async () => {
    root = checkoutWithChat();
    backend = await Backend.start(root, '1.0.0000');
    process.chdir(backend.path);
  }, 120_000);
  afterAll(async () => {
    process.chdir(ownFolder);
    await backend?.stop();
    rmSync(root, { recursive: true, force: true });
  }, 60_000);

  const release = (command: string, onLine?: (line: string) => void): Promise<CommandResult> =>
    releaseInProcess(command.split(' '), onLine);
  const done = async (command: string): Promise<string> => {
    const { code, text } = await release(command);
    expect({ code, text }).toMatchObject({ code: 0 });
    return text;
  };
  const pid = (SERVER_ID: string): number => pidOf({ SERVER_ID, NATS_ADDRESS: backend.dev.natsAddress });

  it('releases a type of README alone: what it calls is served by the version that stands in', async () => {
    await done('deploy 1.0.0001 --only chat');
    expect(await done('check')).toContain('Nothing would go wrong.');
    const nats = await connect({ servers: backend.dev.natsAddress });
    const operator = new OperatorRpc(nats);
    const target = { serverId: 'chat-dev-v100001-0', handler: asksMatching };
    expect(await operator.calls.doRPC(target, undefined)).toBe(0);
    operator.close();
    await nats.close();
  }, 180_000);

  it('tells why a server does not start, leaves players alone, and goes on when told again', async () => {
    let since = 0;
    const { code, text } = await release('deploy 9.0.0000 --only chat --patience 2', () => {
      since ||= performance.now();
    });
    expect({ code, text }).toMatchObject({ code: 1 });
    expect(performance.now() - since).toBeLessThan(20_000);
    expect(text).toMatch(/9\.0\.0000: chat 0\/1/);
    expect(text).toMatch(/chat-dev-v900000-0 does not become ready: it died \(exit code 1\)[^]*no card deck/);
    expect(text).toMatch(/"ccgame release retire 9\.0\.0000" removes it/);
    expect(await done('status')).toMatch(/^9\.0\.0000 +deploying +chat 0\/1/m);
    const again = await release('deploy 9.0.0000 --only chat --patience 2 --clean-up');
    expect(again).toMatchObject({ code: 1, text: expect.stringContaining('Its servers are removed.') });
    expect(again.text).not.toContain('chat 0/2');
    expect(await done('status')).toMatch(/^9\.0\.0000 +retired +none/m);
  }, 180_000);

  it('goes on with a deployment that was broken off by Ctrl-C, and starts nothing twice', async () => {
    const bin = join(backend.path, 'libs', 'cli', 'bin', 'ccgame.mjs');
    const child = spawn(process.execPath, [bin, 'release', 'deploy', '1.0.0002'], { cwd: backend.path });
    let text = '';
    child.stderr.on('data', (chunk: Buffer) => (text += chunk.toString()));
    child.stdout.once('data', () => child.kill('SIGINT'));
    const [code] = (await once(child, 'close')) as [number];
    expect({ code, text }).toEqual({ code: 130, text: expect.stringContaining('once more goes on with it') });
    expect(await done('deploy 1.0.0002')).toMatch(
      /^1\.0\.0002 +live .*chat 1\/1, connector 1\/1, http 1\/1, matching 1\/1/m,
    );
  }, 180_000);

  it('tells of a server whose module forgets what every server needs', async () => {
    expect(await release('deploy 9.0.0001 --only chat --patience 2')).toMatchObject({
      code: 1,
      text: expect.stringContaining('does not import ServerModule, which every server needs'),
    });
    await done('retire 9.0.0001');
  }, 180_000);

  it('takes a paused connector for one with players, not for an empty one', async () => {
    const response = await fetch(`${backend.dev.publicUrl}/v1/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ deviceId: `device-${crypto.randomUUID()}` }),
    });
    const { token } = (await response.json()) as { token: string };
    const player = connectPlayer({ url: backend.dev.publicUrl, token });
    await player.ready;
    // It lacks connectors, and the ones that stand in are to go.
    await done('retire 1.0.0001');
    await done('promote 1.0.0002');
    const connector = pid('connector-dev-v100000-0');
    process.kill(connector, 'SIGSTOP');
    try {
      expect(await done('status')).toMatch(
        /\d \+ \?[^]*connector-dev-v100000-0 \((GONE|NO_SERVER|TIMEOUT)\) does not answer/,
      );
      expect(await release('check')).toMatchObject({
        code: 1,
        text: expect.stringMatching(
          /connector-dev-v100000-0 runs, but does not answer \((GONE|NO_SERVER|TIMEOUT)\)/,
        ),
      });
      expect(await release('rollback --move-now')).toMatchObject({
        code: 1,
        text: expect.stringMatching(
          /connector-dev-v100000-0 \((GONE|NO_SERVER|TIMEOUT)\) does not answer: players there stay/,
        ),
      });
      expect(await release('promote 1.0.0002')).toMatchObject({
        code: 1,
        text: expect.stringContaining('nobody knows whether what they have can go along'),
      });
      await done('promote 1.0.0002 --leave-behind');
      let looks = 0;
      const { code, text } = await release('retire 1.0.0000', (line) => {
        if (/connector-dev-v100000-0 .*nobody knows how many players are there/.test(line) && ++looks === 2)
          process.kill(connector, 'SIGCONT');
      });
      expect({ code, looks, text }).toMatchObject({ code: 0 });
      expect(looks).toBeGreaterThanOrEqual(2);
    } finally {
      if (pid('connector-dev-v100000-0') === connector) process.kill(connector, 'SIGCONT');
    }
    await untilHolds(() => player.serverId?.includes('v100002') === true, { seen: () => player.serverId });
    player.close();
  }, 240_000);

  it('never leaves a launcher that is only slow for a cluster', async () => {
    const { pid: launcher } = backend.dev;
    process.kill(launcher, 'SIGSTOP');
    try {
      const { code, text } = await release('status');
      expect({ code, text }).toEqual({
        code: 1,
        text: expect.stringMatching(/^"npm start" runs here \(process \d+\), but does not answer/),
      });
    } finally {
      process.kill(launcher, 'SIGCONT');
    }
  }, 180_000);
});
