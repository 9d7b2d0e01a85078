import { RouteConfig } from '@nestjs/platform-fastify';

declare module 'fastify' {
  interface FastifyContextConfig {
    isRepeatable?: boolean;
  }
}

/**
 * Marks a POST whose work isn't done twice where it comes twice: one that was forwarded is sent again where nobody knows whether it was done,
 * as are the methods that HTTP says so of.
 */
export function Repeatable(): MethodDecorator {
  return RouteConfig({ isRepeatable: true });
}
