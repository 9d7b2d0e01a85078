import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Config } from '@ccgame/config';
import { answerForwarded, type ForwardedRequest } from './forwarded-request.contract.js';
import { rpcContext, RpcError, RpcService, untilServed } from '@ccgame/rpc';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { answerProblem } from '../problems/answer-problem.js';
import { HTTP_OPTIONS, type HttpOptions } from '../http-options.js';
import { VersionOfRequest } from './version-of-request.js';

/** They are about one connection: RFC 9110, section 7.6.1. */
const hopByHop = ['connection', 'keep-alive', 'proxy-connection', 'te', 'transfer-encoding', 'upgrade'];
/** A proxy may send a forwarded request again where it has one of these: RFC 9110, section 9.2.2. */
const idempotent = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE']);

/**
 * Has a request answered by the version that the release table gives its player, where it came to another one's server. An
 * Ingress can't know players, and shares out requests, not players: so one player's requests all meet one version.
 */
@Injectable()
export class ForwardRequests {
  /** The mark of a request that was forwarded to this server, which answers it. Only this process knows the mark. */
  readonly mark = `ccgame-forwarded-${randomUUID()}`;
  private readonly forwarded = new WeakSet<FastifyRequest>();
  private readonly missed = new WeakMap<FastifyRequest, string>();
  /** First words of paths that this server answers itself, as what is there is larger than a message. */
  private readonly ownPages: ReadonlySet<string>;

  constructor(
    private readonly versions: VersionOfRequest,
    private readonly rpc: RpcService,
    @Inject(HTTP_OPTIONS) { pages = [] }: HttpOptions,
  ) {
    this.ownPages = new Set(['docs', 'docs-json', 'docs-yaml', ...pages.map(({ name }) => name)]);
  }

  listen(app: NestFastifyApplication): void {
    const fastify = app.getHttpAdapter().getInstance();
    const { bodyLimit = 0 } = fastify.initialConfig;
    fastify.addHook('onRequest', async (request, reply) => {
      const isAnsweredHere = this.mark in request.headers || this.isOwn(request);
      const version = isAnsweredHere ? undefined : await this.versions.choose(request);
      if (version === undefined || this.versions.serving(version) === Config.VERSION) {
        void reply.header('version', Config.VERSION);
        return undefined;
      }
      await this.forward(request, reply, version, bodyLimit);
      return reply;
    });
  }

  /** Whether a server of another version answered it. */
  hasForwarded(request: FastifyRequest): boolean {
    return this.forwarded.has(request);
  }

  /** The other version that was to answer a request, and none of whose servers did. */
  missedVersion(request: FastifyRequest): string | undefined {
    return this.missed.get(request);
  }

  private isOwn({ method, url }: FastifyRequest): boolean {
    const [path = ''] = url.split('?', 1);
    const [, first = ''] = path.split('/', 2);
    return method === 'OPTIONS' || path === '/' || this.ownPages.has(first);
  }

  private async forward(
    request: FastifyRequest,
    reply: FastifyReply,
    version: string,
    bodyLimit: number,
  ): Promise<void> {
    try {
      const body = await bodyOf(request, bodyLimit);
      const { method, url, headers, routeOptions } = request;
      const isRepeatable = idempotent.has(method) || routeOptions.config.isRepeatable === true;
      // Nobody's, where the client has gone: no address of a trusted proxy, whose headers would be believed.
      const remoteAddress = request.socket.remoteAddress ?? '0.0.0.0';
      const payload: ForwardedRequest = { method, url, headers: endToEnd(headers), body, remoteAddress };
      const call = (answering: boolean) =>
        this.rpc.doRPC({ handler: answerForwarded, version }, payload, { answering });
      const answer = await rpcContext.run({ ...rpcContext.get(), version }, () =>
        untilServed({ call, isRepeatable }),
      );
      this.forwarded.add(request);
      void reply.status(answer.status).headers(endToEnd(answer.headers));
      void reply.send(Buffer.from(answer.body, 'base64'));
    } catch (error) {
      // The client went while it sent its body: nobody waits for an answer, and no version failed.
      if ((error as NodeJS.ErrnoException).code === 'ECONNRESET') return void reply.hijack();
      this.missed.set(request, version);
      answerProblem(request, reply, error);
    }
  }
}

/** The headers without those that are about one connection alone (RFC 9110, 7.6.1). */
export function endToEnd<V>(headers: Record<string, V>): Record<string, V> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !hopByHop.includes(name)));
}

/** base64. @throws RpcError TOO_LARGE */
async function bodyOf({ raw }: FastifyRequest, limit: number): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of raw as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > limit) throw new RpcError('TOO_LARGE');
    chunks.push(chunk);
  }
  return size === 0 ? undefined : Buffer.concat(chunks).toString('base64');
}
