import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findNats, freePort, probeNats } from '#testing';
import { rejection, sleep, startRpcApp } from '../test/rpc-app.js';

/** As in k8s/nats: a connector may publish to `client.>` only. */
const permissions = `publish: { allow: ["client.>", "rpc.id.*.$alive", "_INBOX.>", "$SRV.>"] }`;

it('a call that NATS does not permit fails with FORBIDDEN, at once', async () => {
  const source = await findNats({ root: process.cwd(), binaryOnly: true });
  const folder = mkdtempSync(join(tmpdir(), 'ccgame-nats-'));
  const port = await freePort();
  const file = join(folder, 'nats.conf');
  writeFileSync(
    file,
    `listen: "127.0.0.1:${port}"\nauthorization { users: [{ user: connector, password: x, permissions: { ${permissions} } }] }\n`,
  );
  const nats = spawn(source.kind === 'binary' ? source.path : 'nats-server', ['-c', file], {
    stdio: 'ignore',
  });
  try {
    for (
      let tries = 0;
      tries < 100 && !(await probeNats('127.0.0.1', port).catch(() => undefined));
      tries++
    ) {
      await sleep(50);
    }
    const natsAddress = `nats://connector:x@127.0.0.1:${port}`;
    const connector = await startRpcApp({ natsAddress, serverId: 'connector-0' });
    const since = performance.now();
    const secret = connector.rpc.doRPC({ serverType: 'back', version: '1.0.0', handler: 'secret' }, {});
    expect(await rejection(secret)).toMatchObject({ code: 'FORBIDDEN', retryable: false });
    expect(performance.now() - since).toBeLessThan(500);
    const open = connector.rpc.doRPC({
      scope: 'client',
      serverType: 'back',
      version: '1.0.0',
      handler: 'open',
    });
    expect(await rejection(open)).toMatchObject({ code: 'NO_SERVER' });
    await connector.close();
  } finally {
    nats.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  }
});
