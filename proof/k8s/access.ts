import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { natsCertificate } from './certificate.js';
import { kubectl } from './cluster.js';

/** For connections from here. */
export const natsTls = { caFile: natsCertificate.ca };

export async function provideNatsTls(): Promise<void> {
  const { ca, key, crt } = natsCertificate;
  const isThere = await kubectl('get', 'secret', 'nats-tls', '--ignore-not-found', '-o', 'name');
  const files = Object.entries({ 'ca.crt': ca, 'tls.key': key, 'tls.crt': crt });
  const from = files.map(([name, file]) => `--from-file=${name}=${file}`);
  if (!isThere) await kubectl('create', 'secret', 'generic', 'nats-tls', ...from);
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
