import type { IncomingMessage } from 'node:http';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { answerProblem } from './answer-problem.js';

/** Refuses a request by its head, before anything reads its body: one for no host or several, and a body in a coding. */
export function checkHeads(app: NestFastifyApplication): void {
  const fastify = app.getHttpAdapter().getInstance();
  fastify.addHook('onRequest', async (request, reply) => {
    const { raw } = request;
    if (raw.httpVersion === '1.1' && countHosts(raw) !== 1) {
      answerProblem(request, reply, { statusCode: 400, message: 'HTTP/1.1 needs one Host.' });
      return reply;
    }
    if (!isEncoded(raw)) return undefined;
    // The codings that a server takes are told: RFC 9110, section 15.5.16.
    void reply.header('accept-encoding', 'identity');
    answerProblem(request, reply, { statusCode: 415, message: 'Send the body without a Content-Encoding.' });
    return reply;
  });
}

/** Node keeps the first of several. Source: RFC 9112, section 3.2. */
function countHosts({ rawHeaders }: IncomingMessage): number {
  return rawHeaders.filter((text, at) => at % 2 === 0 && text.toLowerCase() === 'host').length;
}

function isEncoded({ headers }: IncomingMessage): boolean {
  const { 'content-encoding': coding = '', 'content-length': length = '0' } = headers;
  const hasBody = headers['transfer-encoding'] !== undefined || length !== '0';
  // By no expression: blanks that two of its parts could match cost the square of their number.
  return hasBody && !['', 'identity'].includes(coding.trim().toLowerCase());
}
