import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const folder = '.ccgame/k8s';
const natsFolder = `${folder}/nats`;

/** The Gateway's, for localhost. Nobody signs it but itself, so Node has to be started with it in NODE_EXTRA_CA_CERTS. */
export const certificate = { key: `${folder}/tls.key`, crt: `${folder}/tls.crt` };

/** Those of NATS, of an authority of their own: Node has to be started with it in NATS_TLS_CA. */
export const natsCertificate = {
  ca: `${natsFolder}/ca.crt`,
  key: `${natsFolder}/tls.key`,
  crt: `${natsFolder}/tls.crt`,
};

/** @throws Error when there is no openssl */
function makeCertificates(): void {
  mkdirSync(natsFolder, { recursive: true });
  if (!existsSync(certificate.crt)) {
    const names = '-addext subjectAltName=DNS:localhost';
    openssl(`req -x509 ${newKey(certificate.key)} -subj /CN=localhost ${names} -out ${certificate.crt}`);
  }
  if (!existsSync(natsCertificate.crt)) makeNatsCertificate();
}

/** As docs/deploy.md says it. */
function makeNatsCertificate(): void {
  const { ca, key, crt } = natsCertificate;
  const [caKey, request, names] = [`${natsFolder}/ca.key`, `${natsFolder}/tls.csr`, `${natsFolder}/names`];
  openssl(`req -x509 ${newKey(caKey)} -subj /CN=nats-ca -out ${ca}`);
  openssl(`req ${newKey(key)} -subj /CN=nats -out ${request}`);
  writeFileSync(names, 'subjectAltName=DNS:nats,DNS:*.nats-pods,DNS:localhost,IP:127.0.0.1\n');
  const signed = `-CA ${ca} -CAkey ${caKey} -CAcreateserial -days 3650`;
  openssl(`x509 -req -in ${request} ${signed} -extfile ${names} -out ${crt}`);
}

const newKey = (file: string): string => `-newkey rsa:2048 -nodes -days 3650 -keyout ${file}`;

function openssl(args: string): void {
  execFileSync('openssl', args.split(' '), { stdio: 'pipe' });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) makeCertificates();
