import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const folder = '.ccgame/k8s';

/** The Gateway's, for localhost. Nobody signs it but itself, so Node has to be started with it in NODE_EXTRA_CA_CERTS. */
export const certificate = { key: `${folder}/tls.key`, crt: `${folder}/tls.crt` };

/** @throws Error when there is no openssl */
function makeCertificate(): void {
  if (existsSync(certificate.crt)) return;
  mkdirSync(folder, { recursive: true });
  const request = 'req -x509 -newkey rsa:2048 -nodes -days 3650 -subj /CN=localhost';
  const names = '-addext subjectAltName=DNS:localhost';
  const files = `-keyout ${certificate.key} -out ${certificate.crt}`;
  execFileSync('openssl', `${request} ${names} ${files}`.split(' '), { stdio: 'pipe' });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) makeCertificate();
