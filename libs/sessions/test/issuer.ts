import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';

type KeyPair = Awaited<ReturnType<typeof generateKeyPair>>;

/** An issuer of a studio's own accounts, that publishes its keys over HTTP. */
export class Issuer {
  readonly rules = { issuer: 'https://id.example.com/', audience: 'game' };
  /** Times that somebody asked for the keys. */
  asked = 0;
  isFailing = false;
  /** Answers nobody until then. */
  answersAfter: Promise<void> = Promise.resolve();
  private readonly published: object[] = [];
  private readonly pairs = new Map<string, KeyPair>();
  private readonly server: Server;

  private constructor() {
    this.server = createServer((_, response) => {
      this.asked += 1;
      void this.answersAfter.then(() => {
        response.statusCode = this.isFailing ? 503 : 200;
        response.end(JSON.stringify({ keys: this.published }));
      });
    });
  }

  /** Its first key is `first`. */
  static async start(): Promise<Issuer> {
    const issuer = new Issuer();
    issuer.server.listen(0, '127.0.0.1');
    await once(issuer.server, 'listening');
    await issuer.publish('first');
    return issuer;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/keys`;
  }

  stop(): void {
    this.server.close();
  }

  async publish(kid: string): Promise<void> {
    const { publicKey } = await this.pairOf(kid);
    this.published.push({ ...(await exportJWK(publicKey)), kid, alg: 'EdDSA' });
  }

  /** By default of `anna`, for a minute. A key that was not published signs too. */
  async tokenOf(claims: JWTPayload = {}, kid = 'first'): Promise<string> {
    const { privateKey } = await this.pairOf(kid);
    const { issuer: iss, audience: aud } = this.rules;
    const exp = Math.floor(Date.now() / 1_000) + 60;
    return new SignJWT({ iss, aud, sub: 'anna', exp, ...claims })
      .setProtectedHeader({ alg: 'EdDSA', kid })
      .sign(privateKey);
  }

  private async pairOf(kid: string): Promise<KeyPair> {
    const pair = this.pairs.get(kid) ?? (await generateKeyPair('EdDSA'));
    this.pairs.set(kid, pair);
    return pair;
  }
}
