import { readdirSync, readFileSync } from 'node:fs';
import { connect } from '@nats-io/transport-node';
import type { NatsConnection } from '@nats-io/nats-core';
import { ReleaseStore } from '#releases';
import { Account } from '../src/demo/account.js';
import { Backend, type CommandResult } from '../src/demo/backend.js';
import { Robot } from '../src/demo/robot.js';

const robots = 24;
const canary = '1.0.0001';

/**
 * Real servers, real players, and a canary whose matching server is made bad from outside. That a good canary stays is seen
 * in `release.e2e.ts`.
 */
describe('a guarded canary', () => {
  let backend: Backend;
  let nats: NatsConnection;
  let store: ReleaseStore;
  const players: Robot[] = [];

  beforeAll(async () => {
    backend = await Backend.start(process.cwd(), '1.0.0000', 1);
    nats = await connect({ servers: backend.dev.natsAddress });
    store = await ReleaseStore.open(nats);
    expect(await release(`deploy ${canary}`)).toMatchObject({ code: 0 });
    expect(await release(`canary ${canary} --weight 50`)).toMatchObject({ code: 0 });
    const account = new Account();
    while (players.length < robots) players.push(await Robot.login(backend.dev.publicUrl, account));
    for (const player of players) player.play();
  }, 120_000);
  afterAll(async () => {
    await Promise.all(players.map((player) => player.pause()));
    for (const player of players) player.leave();
    await nats?.close();
    await backend?.stop();
  }, 60_000);

  const release = (command: string): Promise<CommandResult> =>
    backend.ccgame(['release', ...command.split(' ')]);

  /** Of the canary's matching server. */
  function matchingPid(): number {
    const marks = ['SERVER_ID=matching-dev-v100001-0\0', `NATS_ADDRESS=${backend.dev.natsAddress}\0`];
    const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
    return Number(pids.find((pid) => marks.every((mark) => environmentOf(pid).includes(mark))));
  }

  it('is rolled back by itself when its requests take longer, and it is said why', async () => {
    const pid = matchingPid();
    // Stopped for most of the time, as under a neighbour who takes the processor.
    const stutter = setInterval(() => {
      process.kill(pid, 'SIGSTOP');
      setTimeout(() => process.kill(pid, 'SIGCONT'), 150);
    }, 200);
    const { code, text } = await release(`canary ${canary} --weight 50 --guard --guard-seconds 60`);
    clearInterval(stutter);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect({ code, text }).toMatchObject({ code: 1 });
    expect(text).toMatch(
      /1\.0\.0001 was rolled back: matching\.user_join_matching: .*requests take .*stable's .*\(p = /,
    );
    await expectRolledBack();
  }, 90_000);

  it('and when they fail', async () => {
    await release(`canary ${canary} --weight 50 --move-now`);
    const pid = matchingPid();
    process.kill(pid, 'SIGSTOP');
    const { code, text } = await release(`canary ${canary} --guard --guard-seconds 60`);
    process.kill(pid, 'SIGCONT');
    expect({ code, text }).toMatchObject({ code: 1 });
    expect(text).toMatch(
      /was rolled back: (matching\.user_join_matching: \d+\.\d\d % of its requests fail|no matching server of it answers)/,
    );
    await expectRolledBack();
  }, 90_000);

  async function expectRolledBack(): Promise<void> {
    const stored = await store.read('dev');
    expect(stored?.table.canaries).toEqual([]);
    expect(stored?.action).toMatch(/^guard rolled 1\.0\.0001 back: /);
  }
});

function environmentOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8');
  } catch {
    return '';
  }
}
