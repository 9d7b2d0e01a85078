import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { writeDevFile } from '../dev/dev-file.js';
import { chooseTarget } from './choose-target.js';
import { defaultOverlay } from './options.js';
import { Kubectl } from './targets/kubectl.js';
import { KubectlTarget } from './targets/kubectl-target.js';

describe('beside a running "npm start"', () => {
  const ownFolder = process.cwd();
  const options = { yes: true, overlay: defaultOverlay };
  let root: string;
  let control: Server;

  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), 'ccgame-choose-target-'));
    mkdirSync(join(root, 'apps'));
    control = createServer((_, response) => response.end(String(process.pid))).listen(0, '127.0.0.1');
    await once(control, 'listening');
    writeDevFile(root, {
      pid: process.pid,
      controlUrl: `http://127.0.0.1:${(control.address() as AddressInfo).port}`,
      natsAddress: 'nats://127.0.0.1:4222',
      publicUrl: 'http://127.0.0.1:3000',
      isStarting: false,
    });
    process.chdir(root);
  });
  afterAll(() => {
    process.chdir(ownFolder);
    control.close();
    rmSync(root, { recursive: true, force: true });
  });

  it('a command acts on that', async () => {
    expect(await chooseTarget(options, 'changes')).toMatchObject({
      channel: 'dev',
      launcherPid: process.pid,
    });
  });

  it('a command about the channel of other servers does nothing', async () => {
    await expect(chooseTarget({ ...options, channel: 'production' }, 'reads')).rejects.toThrow(
      /^--channel says production, but the servers that "npm start" runs here belong to the channel dev/,
    );
  });

  it.each([
    ['', /^NATS_ADDRESS is empty, as where the command that should read it failed\./],
    ['http://operator:hunter2@nats:4222', /^NATS_ADDRESS is no address of NATS\. It looks like/],
  ])('one about a cluster whose NATS is said as "%s" does nothing', async (address, sentence) => {
    const before = process.env.NATS_ADDRESS;
    process.env.NATS_ADDRESS = address;
    try {
      await expect(chooseTarget({ ...options, target: 'kubectl' }, 'reads')).rejects.toThrow(sentence);
    } finally {
      if (before === undefined) delete process.env.NATS_ADDRESS;
      else process.env.NATS_ADDRESS = before;
    }
  });

  it.each([{ context: 'prod-eu' }, { namespace: 'game' }, { overlay: join('k8s', 'overlays', 'staging') }])(
    'one that is about a cluster by %j does nothing before it is said which',
    async (said) => {
      await expect(chooseTarget({ ...options, ...said }, 'changes')).rejects.toThrow(
        /"npm start" \(process \d+\) runs here, and .*: say --target kubectl or --target dev/,
      );
      const target = 'dev' as const;
      expect(await chooseTarget({ ...options, ...said, target }, 'changes')).toMatchObject({
        channel: 'dev',
      });
    },
  );
});

describe('a change of a cluster', () => {
  const name = 'context prod of the cluster eu';
  const own = Object.getOwnPropertyDescriptor(process, 'stdin') as PropertyDescriptor;
  let told: string[];

  beforeEach(() => {
    told = [];
    jest.spyOn(process.stderr, 'write').mockImplementation((text) => told.push(String(text)) > 0);
    jest.spyOn(Kubectl, 'at').mockResolvedValue({ name } as unknown as Kubectl);
    jest.spyOn(KubectlTarget.prototype, 'natsReplicas').mockResolvedValue(undefined);
  });
  afterEach(() => {
    jest.restoreAllMocks();
    Object.defineProperty(process, 'stdin', own);
  });

  /** @param answer that a person types at the terminal; undefined: nobody is asked */
  async function choose(answer: string | undefined, does: 'changes' | 'reads', yes = false): Promise<string> {
    const value = Object.assign(new PassThrough(), { isTTY: answer !== undefined });
    if (answer !== undefined) value.write(`${answer}\n`);
    Object.defineProperty(process, 'stdin', { value, configurable: true });
    const { channel } = await chooseTarget({ target: 'kubectl', overlay: defaultOverlay, yes }, does);
    return channel;
  }
  const asked = (): boolean => told.some((text) => text.includes('Is that meant? [y/N]'));

  it.each(['y', 'YES', ' yes '])(
    'goes on where a person at a terminal answers "%s", and says where before',
    async (answer) => {
      expect(await choose(answer, 'changes')).toBe('production');
      expect(told[0]).toContain(`${name}, channel production, NATS `);
      expect(asked()).toBe(true);
    },
  );

  it.each(['n', '', 'no', 'yes please', 'ja'])('does nothing where the answer is "%s"', async (answer) => {
    await expect(choose(answer, 'changes')).rejects.toThrow(/^Nothing was changed\.$/);
    expect(asked()).toBe(true);
  });

  it('does nothing where nobody can be asked', async () => {
    await expect(choose(undefined, 'changes')).rejects.toThrow(
      /^This would change .*Say --yes if that is meant/,
    );
  });

  it('asks nobody with --yes, and a command that reads asks nobody', async () => {
    expect(await choose('n', 'changes', true)).toBe('production');
    expect(await choose('n', 'reads')).toBe('production');
    expect(asked()).toBe(false);
  });
});
