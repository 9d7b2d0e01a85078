import {
  type CanActivate,
  type ExecutionContext,
  Injectable,
  UnsupportedMediaTypeException,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { DECORATORS } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';

const byDefault = ['application/json'];

/** Takes bodies of JSON, or of what a route names by `@ApiConsumes`, as a form that a payment service posts. */
@Injectable()
export class MediaTypeGuard implements CanActivate {
  private readonly reflector = new Reflector();

  canActivate(context: ExecutionContext): boolean {
    const { body, headers } = context.switchToHttp().getRequest<FastifyRequest>();
    if (body === undefined || body === null) return true;
    const [mediaType = ''] = (headers['content-type'] ?? '').toLowerCase().split(';', 1);
    const targets = [context.getHandler(), context.getClass()];
    const taken = this.reflector.getAllAndOverride<string[] | undefined>(DECORATORS.API_CONSUMES, targets);
    if ((taken ?? byDefault).includes(mediaType.trim())) return true;
    throw new UnsupportedMediaTypeException(`This takes ${(taken ?? byDefault).join(', ')}.`);
  }
}
