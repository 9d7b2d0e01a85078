import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { natsCertificate } from './certificate.js';
import { kubectl, read } from './cluster.js';

/** For connections from here. */
export const natsTls = { caFile: natsCertificate.ca };

/** Gives NATS its certificate. One of an earlier proof is what the servers of the cluster go by: it is taken for that of this tree. */
export async function provideNatsTls(): Promise<void> {
  const { ca, key, crt } = natsCertificate;
  const files = { 'ca.crt': ca, 'tls.key': key, 'tls.crt': crt };
  const isThere = await kubectl('get', 'secret', 'nats-tls', '--ignore-not-found', '-o', 'name');
  if (!isThere) {
    const from = Object.entries(files).map(([name, file]) => `--from-file=${name}=${file}`);
    await kubectl('create', 'secret', 'generic', 'nats-tls', ...from);
    return;
  }
  const { data } = await read<{ data: Record<string, string> }>('secret', 'nats-tls');
  for (const [name, file] of Object.entries(files))
    writeFileSync(file, Buffer.from(data[name] ?? '', 'base64'));
}

/** The file of kubectl with which the service account `release` acts, as CI has it. */
export async function accountOfReleases(folder: string): Promise<string> {
  const file = join(folder, 'release.kubeconfig');
  writeFileSync(file, await kubectl('config', 'view', '--minify', '--flatten'), { mode: 0o600 });
  const token = (await kubectl('create', 'token', 'release', '--duration', '12h')).trim();
  const config = ['--kubeconfig', file, 'config'];
  await kubectl(...config, 'set-credentials', 'release', `--token=${token}`);
  await kubectl(...config, 'set-context', '--current', '--user=release');
  return file;
}
