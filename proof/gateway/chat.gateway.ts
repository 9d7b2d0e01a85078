import {
  type ArgumentsHost,
  Catch,
  type CallHandler,
  type CanActivate,
  type ExceptionFilter,
  type ExecutionContext,
  Injectable,
  type NestInterceptor,
  UseFilters,
  UseGuards,
  UseInterceptors,
  UsePipes,
  ValidationPipe,
} from '@nestjs/common';
import { ConnectedSocket, MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import type { SocketSession } from '@ccgame/edge';
import { RpcError } from '@ccgame/rpc';
import { IsString, MaxLength } from 'class-validator';
import { map, type Observable } from 'rxjs';

export class ChatLine {
  @IsString()
  @MaxLength(20)
  text: string;
}

/** Players whose names begin with `mute` may not speak. */
@Injectable()
class MaySpeak implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    return !context.switchToWs().getClient<SocketSession>().playerId.startsWith('mute');
  }
}

@Injectable()
class NumberLines implements NestInterceptor {
  private lines = 0;

  intercept(_context: ExecutionContext, next: CallHandler): Observable<unknown> {
    return next.handle().pipe(map((answer: object) => ({ ...answer, line: (this.lines += 1) })));
  }
}

class BadWord extends Error {}

@Catch(BadWord)
class BadWordFilter implements ExceptionFilter {
  catch(_error: BadWord, host: ArgumentsHost): void {
    host.switchToWs().getClient<SocketSession>().emit('warning', { text: 'Mind your words.' });
  }
}

/** An example of what a studio may add to its players' socket: events of its own, in its own module, with all that Nest has. */
@WebSocketGateway()
@UseFilters(BadWordFilter)
export class ChatGateway {
  @SubscribeMessage('chat')
  @UseGuards(MaySpeak)
  @UseInterceptors(NumberLines)
  @UsePipes(new ValidationPipe())
  chat(@ConnectedSocket() session: SocketSession, @MessageBody() { text }: ChatLine): object {
    if (text === 'bad') throw new BadWord();
    if (text === 'late') throw new RpcError('BUSY', { retryAfterMs: 5 });
    if (text === 'odd') throw new RpcError('BUSY', { details: { n: 1n } });
    session.push('chat.said', { text });
    return { by: session.playerId, version: session.version, session: session.sessionId };
  }

  /** Answers by an event of its own. */
  @SubscribeMessage('roll')
  roll(): object {
    return { event: 'rolled', data: { eyes: 4 } };
  }

  /** Answers by an event that carries text alone. */
  @SubscribeMessage('toast')
  toast(): object {
    return { event: 'toasted', data: 'cheers' };
  }

  /** Answers after so many ms. */
  @SubscribeMessage('wait')
  async wait(@MessageBody() ms: number): Promise<string> {
    await new Promise((resolve) => setTimeout(resolve, ms));
    return 'waited';
  }

  /** Keeps values with the session, and tells one. */
  @SubscribeMessage('keep')
  async keep(
    @ConnectedSocket() session: SocketSession,
    @MessageBody() { name, value }: { name: string; value?: unknown },
  ): Promise<object> {
    if (value !== undefined) await session.set(name, value);
    return { value: session.get(name) ?? null };
  }

  /** Binds the session to a server, or to none of its type any more, and tells which it is bound to. */
  @SubscribeMessage('bind')
  async bind(
    @ConnectedSocket() session: SocketSession,
    @MessageBody() { to, off }: { to?: string; off?: boolean },
  ): Promise<object> {
    if (to !== undefined) await session.bind(to);
    if (off) await session.unbind('matching');
    return { bound: session.boundServer('matching') ?? null };
  }

  @SubscribeMessage('leave')
  leave(@ConnectedSocket() session: SocketSession): void {
    session.close('LEFT');
  }
}
