import { type ArgumentsHost, Catch, type ExceptionFilter } from '@nestjs/common';
import type { Acknowledge } from './client-event.js';
import { answerWithError } from './event-answers.js';
import type { PlayerSession } from './player-session.js';

/** Answers the errors of every gateway's handlers in the one way that clients know. A gateway's own filters come before it. */
@Catch()
export class SocketErrors implements ExceptionFilter {
  catch(error: unknown, host: ArgumentsHost): void {
    const ws = host.switchToWs();
    const session = ws.getClient<PlayerSession>();
    const ack = host.getArgs<unknown[]>().find((argument) => typeof argument === 'function');
    answerWithError(
      session,
      { name: ws.getPattern(), data: ws.getData<unknown>(), ack: ack as Acknowledge | undefined },
      error,
    );
  }
}
