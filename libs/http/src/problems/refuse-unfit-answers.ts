import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { assertData } from '@ccgame/rpc';

/**
 * Answers 500, with an incident, where a controller gives what JSON would show as `{}`: a Map, generator, Error and their like. Streams, bytes
 * and texts are sent as they are.
 */
export function refuseUnfitAnswers(app: NestFastifyApplication): void {
  const fastify = app.getHttpAdapter().getInstance();
  fastify.addHook('preSerialization', (_request, _reply, payload, done) => {
    try {
      assertData(payload);
      done(null, payload);
    } catch (cause) {
      done(new Error('The controller returned what can not be sent', { cause }));
    }
  });
}
