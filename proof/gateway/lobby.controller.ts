import { Controller } from '@nestjs/common';
import { IsIn, IsOptional, IsString, MaxLength } from 'class-validator';
import { callingSession } from '@ccgame/edge';
import { ClientHandler, clientHandler, RpcError, rpcContext } from '@ccgame/rpc';

export class LobbyDto {
  @IsOptional()
  @IsString()
  @MaxLength(20)
  name?: string;
}

export class Lobby {
  @IsString() by: string;
  @IsString() name: string;
  /** The message's id, as other servers get it. */
  @IsOptional() @IsString() request?: string;
}

const lobby = clientHandler({
  serverType: 'connector',
  handler: 'lobby',
  payload: LobbyDto,
  result: Lobby,
  retryPolicy: 'safe',
});

export class EndDto {
  @IsIn(['typed', 'untyped', 'odd', 'large', 'late'])
  how: 'typed' | 'untyped' | 'odd' | 'large' | 'late';
}

/** Longer than a call may take. */
const lateMs = 3_000;
const end = clientHandler({ serverType: 'connector', handler: 'end', payload: EndDto, result: String });
const limited = clientHandler({ serverType: 'connector', handler: 'limited', result: Number });

export const lobbyHandlers = { lobby, end, limited };

/** Handlers in the connector's own process: they have the session, and all that other servers' handlers have. */
@Controller()
export class LobbyController {
  private count = 0;

  @ClientHandler(lobby)
  async lobby({ name }: LobbyDto): Promise<Lobby> {
    const session = callingSession();
    if (name !== undefined) await session.set('lobby', name);
    const { request } = rpcContext.get().attributes;
    return { by: session.playerId, name: String(session.get('lobby')), request };
  }

  @ClientHandler(end, { concurrency: 1, queue: 0 })
  end({ how }: EndDto): string | Promise<string> {
    if (how === 'typed') throw new RpcError('CONFLICT', { message: 'For the log', details: { how } });
    if (how === 'untyped') throw new Error('Nobody declared it');
    if (how === 'odd') return { n: 1n } as never;
    if (how === 'large') return 'x'.repeat(2 * 1024 * 1024);
    return new Promise((resolve) => setTimeout(() => resolve('late'), lateMs));
  }

  @ClientHandler(limited)
  limited(): number {
    return (this.count += 1);
  }
}
