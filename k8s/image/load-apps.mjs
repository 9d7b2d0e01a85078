// Starts every server with the files that the image has, until it looks for NATS: its code is loaded by then. A missing file
// fails the build, and not a rollout.
import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';

const [folder = '.'] = process.argv.slice(2);
const servers = join(resolve(folder), 'dist', 'servers');
// Any free ports: two images may be built at once, on a network that is the machine's.
const ports = { HTTP_PORT: '0', SERVER_PORT: '0', WS_PORT: '0', HEALTHY_CHECK_PORT: '0' };
const env = { ...process.env, ...ports, NODE_ENV: 'development', NATS_ADDRESS: 'nats://127.0.0.1:1' };

for (const file of readdirSync(servers).filter((name) => name.endsWith('.js'))) {
  const [, job] = /the jobs are: (\w+)/.exec(await load(file)) ?? [];
  if (job) await load(file, job);
  console.log(`${file} loads`);
}

/** Resolves with what the server printed. A server that ends before it looks for NATS was not loaded; jobs want a name first. */
function load(file, ...names) {
  const child = spawn(process.execPath, [join(servers, file), ...names], { cwd: folder, env });
  return new Promise((found, failed) => {
    let printed = '';
    const late = setTimeout(() => child.kill('SIGKILL'), 60_000);
    const hear = (text) => {
      printed += text;
      if (printed.includes('nats.connect.failed')) child.kill('SIGKILL');
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.on('close', () => {
      clearTimeout(late);
      if (/nats\.connect\.failed|the jobs are:/.test(printed)) found(printed);
      else failed(new Error(`${file} ${names.join(' ')} does not load:\n${printed}`));
    });
  });
}
