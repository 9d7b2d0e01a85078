import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { stopSignals } from '@ccgame/server/stop';
import { Command } from 'commander';
import { examplesText } from '../examples-text.js';
import { findLauncher } from '../dev/dev-file.js';
import { portNumber } from '../dev/options.js';
import type { MemberReport } from '../dev/fleet-member.js';
import { findPrometheus } from './find-prometheus.js';
import { dashboardsFolder, PrometheusFiles } from './prometheus-files.js';

const lookAgainMs = 2_000;

/** `ccgame observe`: a Prometheus beside what `npm start` runs here, until Ctrl-C or until that ends. */
export function observeCommand(): Command {
  return new Command('observe')
    .option('--port <port>', 'the port of its page', portNumber, 9090)
    .addHelpText('after', examplesText(['observe', 'observe --port 9191']))
    .action(({ port }: { port: number }) => observeServers(process.cwd(), port));
}

/** Ends when Prometheus does. @throws Error in a sentence */
async function observeServers(root: string, port: number): Promise<void> {
  const program = findPrometheus();
  const found = await findLauncher(root);
  if (found.state !== 'answers')
    throw new Error('No "npm start" runs here; start it in another terminal first.');
  const files = new PrometheusFiles(root);
  files.writeConfig();
  const listServers = async (): Promise<void> => {
    const answer = await fetch(`${found.dev.controlUrl}/servers`);
    files.writeTargets((await answer.json()) as MemberReport[]);
  };
  await listServers();
  const address = `127.0.0.1:${port}`;
  const args = [
    `--config.file=${files.config}`,
    `--storage.tsdb.path=${files.data}`,
    `--web.listen-address=${address}`,
    `--web.console.templates=${files.pages}`,
    `--web.console.libraries=${files.pages}`,
    '--log.level=warn',
  ];
  const prometheus = spawn(program, args, { stdio: ['ignore', 'inherit', 'inherit'] });
  const ended = once(prometheus, 'exit');
  // Versions come and go. When the launcher ends there is nothing left to look at.
  const clock = setInterval(() => void listServers().catch(() => prometheus.kill()), lookAgainMs);
  for (const signal of stopSignals) process.on(signal, () => prometheus.kill());
  void untilReady(address, prometheus).then((isReady) => isReady && console.log(describe(root, address)));
  const [code] = (await ended) as [number | null];
  clearInterval(clock);
  if (code) throw new Error(`Prometheus ended with ${code}; its own words are above.`);
}

/** False when it ended before. */
async function untilReady(address: string, prometheus: ChildProcess): Promise<boolean> {
  while (prometheus.exitCode === null && prometheus.signalCode === null) {
    const answer = await fetch(`http://${address}/-/ready`).catch(() => undefined);
    if (answer?.ok) return true;
    await sleep(lookAgainMs / 10);
  }
  return false;
}

function describe(root: string, address: string): string {
  const lines = [
    `graphs      http://${address}/graph`,
    `alarms      http://${address}/alerts   (docs/alarms.md)`,
    `servers     http://${address}/targets`,
  ];
  if (existsSync(join(root, dashboardsFolder)))
    lines.push(
      `dashboards  http://${address}/consoles/index.html`,
      `Grafana     add http://${address} as a data source, and import the files of ${dashboardsFolder}`,
    );
  return lines.join('\n');
}
