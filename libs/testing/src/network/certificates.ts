import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';

/** The certificate and key of a TLS server or client, as PEM. */
export interface Identity {
  cert: string;
  key: string;
}

const oid = {
  commonName: '0603550403',
  ecdsaWithSha256: '06082a8648ce3d040302',
  basicConstraints: '0603551d13',
  subjectAltName: '0603551d11',
};

/** Made an hour ago at least, and valid for a day. */
const soonMs = 86_400_000;
const hourMs = 3_600_000;

/** A certificate authority of the test's own, as nothing in Node makes certificates: X.509 v3, P-256. */
export class Authority {
  private readonly keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  readonly cert = this.certify('test authority', this.keys.publicKey, [
    sequence(hex(oid.basicConstraints), hex('0101ff'), octets(sequence(hex('0101ff')))),
  ]);

  /** @param ip whom a server must be reached at @param endsInMs negative for one that has expired */
  issue(name: string, ip: string, endsInMs = soonMs): Identity {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const address = der(0x87, Buffer.from(ip.split('.').map(Number)));
    // Node asks for this name where a server is reached at an address.
    const local = der(0x82, Buffer.from('localhost'));
    const extension = sequence(hex(oid.subjectAltName), octets(sequence(local, address)));
    return {
      cert: this.certify(name, publicKey, [extension], endsInMs),
      key: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
    };
  }

  private certify(name: string, publicKey: KeyObject, extensions: Buffer[], endsInMs = soonMs): string {
    const algorithm = sequence(hex(oid.ecdsaWithSha256));
    const now = Date.now();
    const body = sequence(
      der(0xa0, der(0x02, Buffer.from([2]))),
      der(0x02, Buffer.concat([Buffer.from([1]), randomBytes(8)])),
      algorithm,
      distinguishedName('test authority'),
      sequence(time(now + Math.min(0, endsInMs) - hourMs), time(now + endsInMs)),
      distinguishedName(name),
      publicKey.export({ type: 'spki', format: 'der' }),
      der(0xa3, sequence(...extensions)),
    );
    const signature = sign('sha256', body, this.keys.privateKey);
    const all = sequence(body, algorithm, der(0x03, Buffer.concat([Buffer.from([0]), signature])));
    const lines = all.toString('base64').replace(/.{64}/g, '$&\n');
    return `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`;
  }
}

/** A value in ASN.1's distinguished encoding. */
function der(tag: number, content: Buffer): Buffer {
  const { length } = content;
  const long = length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.from([tag, ...(length < 128 ? [length] : long)]), content]);
}

const hex = (bytes: string): Buffer => Buffer.from(bytes, 'hex');
const sequence = (...parts: Buffer[]): Buffer => der(0x30, Buffer.concat(parts));
const octets = (content: Buffer): Buffer => der(0x04, content);
const time = (ms: number): Buffer =>
  der(0x17, Buffer.from(`${new Date(ms).toISOString().replace(/[-:T]/g, '').slice(2, 14)}Z`));
const distinguishedName = (name: string): Buffer =>
  sequence(der(0x31, sequence(hex(oid.commonName), der(0x0c, Buffer.from(name)))));
