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

  /** The next look-up asks the servers: the version is gone. */
  forget(): void {
    this.isKnown = false;
  }

  /** @throws ClientError UNREACHABLE */
  async find(): Promise<string> {
    if (this.isKnown) return this.wsUrl;
    const { version, wsUrl } = await ask(new URL('/v1/config', this.options.url));
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
