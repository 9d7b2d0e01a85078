import 'reflect-metadata';
import { type ChildProcess, fork } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { freePort, ServerProcess, startNats, startServer } from '#testing';
import { PushService } from '#sessions';
import { forward, type Forwarded } from './forwarding.js';
import { openPublisher, pushRates, resumeTimes } from './pushes.js';
import { median, round } from './statistics.js';
import { storm } from './storm.js';

/**
 * `npm run bench:connector`: a real connector with everything on, in turn with a bare socket.io forwarder, on one machine.
 * Absolute numbers are this machine's; the ratios count.
 */
const rounds = Number(process.argv[2] ?? 3);
const roundMs = 3_000;
const stormSize = 10_000;
const pushCount = 60_000;
const resumeCount = 1_000;
const missedEach = 10;

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

const nats = await startNats();
const root = process.cwd();
const children: ChildProcess[] = [];
const processes: ServerProcess[] = [];
try {
  await bench();
} finally {
  for (const child of children) child.kill();
  await Promise.all(processes.map((one) => one.stop(500)));
  await nats.destroy();
}
process.exit();

async function bench(): Promise<void> {
  const bare = await startBare();
  const connector = await startConnector();
  await startEcho();
  const at50 = await interleave(bare, connector.url, 50, 4);
  const at500 = await interleave(bare, connector.url, 500, 1);
  const players = Array.from({ length: stormSize }, (_, index) => authOf(`s${index}`));
  const stormed = await storm(connector.url, connector.pid, players);
  say(
    `handshakes ${round(stormed.perSecond)}/s, ${stormed.refused} refused; ${round(stormed.rssKbPerSession, 1)} KB a session`,
  );
  const publisher = await openPublisher(nats.address);
  const push = publisher.get(PushService);
  const rates: { core: number; reliable: number }[] = [];
  for (let turn = 0; turn < rounds; turn += 1) rates.push(await pushRates(nats.address, push, pushCount));
  const core = median(rates.map((one) => one.core));
  const reliable = median(rates.map((one) => one.reliable));
  say(`pushes/s core ${round(core)}, reliable ${round(reliable)}: ${round(reliable / core, 3)}`);
  const resumed = await resumeTimes(
    connector.url,
    push,
    Array.from({ length: resumeCount }, (_, index) => ({ playerId: `r${index}`, auth: authOf(`r${index}`) })),
    missedEach,
  );
  say(
    `${resumeCount} resumes with ${missedEach} missed: p50 ${round(resumed.p50)} ms, p99 ${round(resumed.p99)} ms`,
  );
  await publisher.close();
  say(
    JSON.stringify({
      bench: 'connector',
      forwarded_50: at50,
      forwarded_500: at500,
      rss_kb_per_session: round(stormed.rssKbPerSession, 1),
      handshakes_per_s: round(stormed.perSecond),
      handshakes_refused: stormed.refused,
      push: {
        core: round(core),
        reliable: round(reliable),
        ratio: round(reliable / core, 3),
        storage: 'file',
      },
      resume_ms: { p50: round(resumed.p50), p99: round(resumed.p99), failed: resumed.lost },
    }),
  );
}

async function interleave(bare: string, ccgame: string, connections: number, depth: number): Promise<object> {
  const auths = Array.from({ length: connections }, (_, index) => authOf(`f${index}`));
  const got: Record<'bare' | 'ccgame', Forwarded[]> = { bare: [], ccgame: [] };
  for (let turn = 0; turn < rounds; turn += 1) {
    got.bare.push(await forward(bare, auths, depth, roundMs));
    got.ccgame.push(await forward(ccgame, auths, depth, roundMs));
  }
  const of = (name: 'bare' | 'ccgame') => ({
    perSecond: median(got[name].map((one) => one.perSecond)),
    p99Ms: median(got[name].map((one) => one.p99Ms)),
  });
  const [yardstick, ours] = [of('bare'), of('ccgame')];
  const failed = got.ccgame.reduce((sum, one) => sum + one.failed, 0);
  const result = {
    bare: round(yardstick.perSecond),
    ccgame: round(ours.perSecond),
    ratio: round(ours.perSecond / yardstick.perSecond, 3),
    p99_ratio: round(ours.p99Ms / yardstick.p99Ms, 2),
    failed,
  };
  say(`${connections} connections: ${JSON.stringify(result)}`);
  return result;
}

function authOf(playerId: string): { token: string } {
  const claims = { iss: 'ccgame', sub: playerId, exp: Math.floor(Date.now() / 1000) + 3600 };
  const signed = `${part({ alg: 'HS256' })}.${part(claims)}`;
  const signature = createHmac('sha256', 'development-only-token-secret-0000')
    .update(signed)
    .digest('base64url');
  return { token: `${signed}.${signature}` };
}

async function startBare(): Promise<string> {
  const port = await freePort();
  for (const role of ['echo', 'forwarder']) {
    const child = fork(join(root, 'dist/bench/connector/bare.js'), [role], {
      env: { ...process.env, NATS_ADDRESS: nats.address, WS_PORT: String(port) },
    });
    children.push(child);
    await once(child, 'message');
  }
  return `http://127.0.0.1:${port}`;
}

async function startConnector(): Promise<{ url: string; pid: number }> {
  const { process: started, port } = await startServer({
    root,
    serverType: 'connector',
    version: '1.0.0000',
    natsAddress: nats.address,
    logFolder: nats.folder,
    env: { SESSION_RATE: '1000000', SESSION_BURST: '1000000', HANDSHAKE_RATE: '100000', LOG_LEVEL: 'warn' },
  });
  processes.push(started);
  await started.untilReady();
  return { url: `http://127.0.0.1:${port}`, pid: started.pid ?? 0 };
}

async function startEcho(): Promise<void> {
  const healthPort = await freePort();
  const serverId = 'bench-dev-v100000-0';
  const echo = new ServerProcess({
    serverId,
    entry: join(root, 'dist/bench/connector/echo.js'),
    healthPort,
    logFile: join(nats.folder, 'echo.log'),
    env: {
      SERVER_ID: serverId,
      SERVER_TYPE: 'bench',
      VERSION: '1.0.0000',
      NODE_ENV: 'dev',
      NATS_ADDRESS: nats.address,
      HEALTHY_CHECK_PORT: String(healthPort),
      LOG_LEVEL: 'warn',
    },
  });
  processes.push(echo);
  echo.start();
  await echo.untilReady();
}
