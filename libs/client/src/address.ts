import type { ClientConfig } from '#contracts';
import { ClientError } from './errors.js';
import type { ConnectOptions } from './options.js';

const timeoutMs = 10_000;

/** Which version this client talks to, and where. */
export class Address {
  version?: string;
  private wsUrl: string;
  private isKnown: boolean;

  constructor(private readonly options: Pick<ConnectOptions, 'url' | 'version'>) {
    this.version = options.version;
    this.wsUrl = options.url;
    this.isKnown = options.version !== undefined;
  }

  /** The version is gone: the next look-up asks the servers. */
  forget(): void {
    this.isKnown = false;
  }

  /** The servers want this client elsewhere, which may mean in another version, unless the game has chosen it. */
  refresh(): void {
    if (this.options.version === undefined) this.isKnown = false;
  }

  /** @throws ClientError UNREACHABLE when it was never known */
  async find(): Promise<string> {
    if (this.isKnown) return this.wsUrl;
    const found = await ask(new URL('/v1/config', this.options.url)).catch((error: unknown) => {
      if (this.version === undefined) throw error;
      return { version: this.version, wsUrl: this.wsUrl };
    });
    const { version, wsUrl } = found;
    this.version = version;
    this.wsUrl = wsUrl;
    this.isKnown = true;
    return wsUrl;
  }
}

async function ask(url: URL): Promise<ClientConfig> {
  const response = await fetch(url, { signal: AbortSignal.timeout(timeoutMs) }).catch(() => undefined);
  if (!response?.ok) throw new ClientError('UNREACHABLE', { details: { url: url.href }, retryable: true });
  return (await response.json()) as ClientConfig;
}
