import { Controller } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import {
  answerForwarded,
  type ForwardedAnswer,
  type ForwardedRequest,
} from './forwarded-request.contract.js';
import { ServerHandler } from '@ccgame/rpc';
import type { FastifyInstance, InjectOptions } from 'fastify';
import { fitAnswer } from './fit-answer.js';
import { endToEnd, ForwardRequests } from './forward-requests.js';

/** Answers what another version's http server was asked, as if it had come here. */
@Controller()
export class AnswerForwardedController {
  constructor(
    private readonly host: HttpAdapterHost,
    private readonly forwarding: ForwardRequests,
  ) {}

  /** @throws Error as `fitAnswer` */
  @ServerHandler(answerForwarded)
  async answer({ method, url, headers, body, remoteAddress }: ForwardedRequest): Promise<ForwardedAnswer> {
    const fastify = this.host.httpAdapter.getInstance<FastifyInstance>();
    const answer = await fastify.inject({
      method: method as InjectOptions['method'],
      url,
      headers: { ...headers, [this.forwarding.mark]: '1' },
      payload: body === undefined ? undefined : Buffer.from(body, 'base64'),
      remoteAddress,
    });
    const plain = {
      headers: endToEnd(answer.headers as ForwardedAnswer['headers']),
      body: answer.rawPayload,
    };
    const { headers: told, body: bytes } = await fitAnswer(plain, headers['accept-encoding']);
    return { status: answer.statusCode, headers: told, body: bytes.toString('base64') };
  }
}
