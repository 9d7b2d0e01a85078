import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LogDenials } from './log-denials.js';

const denied = (subject: string): string =>
  `{"reason":"Permissions Violation for Publish to \\"${subject}\\""}\n`;

describe('what a log says that NATS did not permit', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ccgame-log-'));
  const file = join(folder, 'server.log');
  afterAll(() => rmSync(folder, { recursive: true }));

  it('is found once each, also where a line is still being written, and not of the process before', () => {
    writeFileSync(file, denied('old'));
    const log = new LogDenials(file);
    expect(log.findDenied()).toEqual([]);
    const second = denied('orders.old');
    appendFileSync(file, denied('orders.new') + denied('orders.new') + second.slice(0, -6));
    expect(log.findDenied()).toEqual(['publish to orders.new']);
    appendFileSync(file, `${second.slice(-6)}Permissions Violation for Subscription to "orders.*"\n`);
    const found = ['publish to orders.new', 'publish to orders.old', 'subscribe to orders.*'];
    expect([log.findDenied(), log.findDenied()]).toEqual([found, found]);
    expect(new LogDenials(join(folder, 'none.log')).findDenied()).toEqual([]);
  });
});
