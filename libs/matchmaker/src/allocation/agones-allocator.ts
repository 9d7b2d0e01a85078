import { readFileSync } from 'node:fs';
import { Agent as HttpAgent, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, type AgentOptions, request as httpsRequest } from 'node:https';
import { join } from 'node:path';
import type { MatchRecord } from '../contracts/matches.js';
import * as z from 'zod';
import type { MatchAllocator } from './match-allocator.js';

/** Where Agones is, and which fleet a match is played on. */
export interface AgonesOptions {
  /** The allocator service, such as `https://agones-allocator.agones-system.svc`. */
  url: string;
  /** The name space of the game servers. */
  namespace: string;
  /** The fleet that a match is played on. */
  fleetOf: (match: MatchRecord) => string;
  /** A folder with `tls.crt`, `tls.key` and `ca.crt`, as a Kubernetes secret is mounted. Left out: no client certificate. */
  tlsFolder?: string;
  patienceMs: number;
  /** The most that one request may take, ms. */
  timeoutMs?: number;
}

/** The part of a game server that players are told. */
export interface AgonesAllocation {
  gameServer: string;
  address: string;
  ports: { name: string; port: number }[];
}

/** The allocator did not give a game server; `status` 429: none is ready now. */
export class NotAllocated extends Error {
  override readonly name = 'NotAllocated';
  constructor(
    message: string,
    readonly status?: number,
  ) {
    super(message);
  }
}

const answerSchema = z.object({
  gameServerName: z.string().min(1),
  address: z.string().min(1),
  ports: z.array(z.object({ name: z.string().default(''), port: z.number().int() })).default([]),
});

const matchLabel = 'ccgame.dev/match';
const mostBytes = 64 * 1024;

/**
 * Asks Agones' allocator service by its REST door: `POST /gameserverallocation`
 * (https://agones.dev/site/docs/advanced/allocator-service/). The game server is labelled with the match, and one that is
 * allocated under this label already is asked for first: a match that asks twice gets the same one.
 */
export class AgonesAllocator implements MatchAllocator {
  readonly patienceMs: number;
  private readonly agent: HttpAgent;

  constructor(private readonly options: AgonesOptions) {
    this.patienceMs = options.patienceMs;
    const Agent = options.url.startsWith('https:') ? HttpsAgent : HttpAgent;
    this.agent = new Agent({ keepAlive: true });
    // A folder that can't be read ends the server at its start.
    this.readCertificates();
  }

  /** @throws NotAllocated */
  async allocate(match: MatchRecord): Promise<AgonesAllocation> {
    const { namespace, fleetOf } = this.options;
    const fleet = { 'agones.dev/fleet': fleetOf(match) };
    const label = { [matchLabel]: match.matchId };
    const answer = await this.postAllocation({
      namespace,
      gameServerSelectors: [
        { matchLabels: { ...fleet, ...label }, gameServerState: 'ALLOCATED' },
        { matchLabels: fleet, gameServerState: 'READY' },
      ],
      metadata: { labels: label, annotations: { 'ccgame.dev/mode': match.mode } },
    });
    const parsed = answerSchema.safeParse(answer);
    if (!parsed.success) throw new NotAllocated(`The allocator's answer is not one: ${parsed.error.message}`);
    const { gameServerName, address, ports } = parsed.data;
    return { gameServer: gameServerName, address, ports };
  }

  /** Read for each request, as certificates are renewed while the server runs: the agent makes a new connection for new ones. */
  private readCertificates(): Pick<AgentOptions, 'cert' | 'key' | 'ca'> {
    const { tlsFolder } = this.options;
    if (tlsFolder === undefined) return {};
    const read = (file: string): Buffer => readFileSync(join(tlsFolder, file));
    return { cert: read('tls.crt'), key: read('tls.key'), ca: read('ca.crt') };
  }

  private postAllocation(body: object): Promise<unknown> {
    const { url, timeoutMs = 5_000 } = this.options;
    const send = url.startsWith('https:') ? httpsRequest : httpRequest;
    return new Promise((resolve, reject) => {
      const fail = (reason: string, status?: number): void => reject(new NotAllocated(reason, status));
      const request = send(new URL('/gameserverallocation', url), {
        method: 'POST',
        agent: this.agent,
        ...this.readCertificates(),
        headers: { 'content-type': 'application/json' },
        signal: AbortSignal.timeout(timeoutMs),
      });
      request.on('error', (error) => fail(`The allocator can't be reached: ${error.message}`));
      request.on('response', (response) => {
        let text = '';
        let bytes = 0;
        response.setEncoding('utf8');
        response.on('error', (error) => fail(`The allocator's answer broke off: ${error.message}`));
        response.on('data', (chunk: string) => {
          text += chunk;
          bytes += Buffer.byteLength(chunk);
          if (bytes > mostBytes) request.destroy();
        });
        response.on('end', () => {
          if (response.statusCode !== 200) return fail(text.slice(0, 200), response.statusCode);
          try {
            resolve(JSON.parse(text));
          } catch {
            fail('The allocator’s answer is no JSON');
          }
        });
      });
      request.end(JSON.stringify(body));
    });
  }
}
