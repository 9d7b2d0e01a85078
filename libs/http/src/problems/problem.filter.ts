import { type ArgumentsHost, Catch, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { AllowedMethods } from './allowed-methods.js';
import { answerProblem } from './answer-problem.js';

/** Answers every error of the HTTP door as `application/problem+json`; nothing inside a server's error text gets out. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly allowed: AllowedMethods) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const methods = this.otherMethods(request);
    if (methods.length > 0) void reply.header('allow', methods.join(', '));
    answerProblem(request, reply, methods.length > 0 ? methodNotAllowed : error);
  }

  /** The methods of the path of a request that fits no route. */
  private otherMethods({ is404, url }: FastifyRequest): string[] {
    return is404 ? this.allowed.methodsOf(url) : [];
  }
}

const methodNotAllowed = { statusCode: 405, message: 'This path is not served with that method.' };
