import { Injectable, Logger } from '@nestjs/common';
import type { SessionHooks, SocketSession } from '@ccgame/edge';
import { RpcError } from '@ccgame/rpc';

/** A studio's hooks: they greet, refuse and note. */
@Injectable()
export class GreetPlayers implements SessionHooks {
  private readonly log = new Logger('greet');

  async onConnect(session: SocketSession): Promise<void> {
    // As one that asks a studio's own service does.
    const tookMs = session.playerId.startsWith('slow') ? 6_000 : 0;
    await new Promise((resolve) => setTimeout(resolve, tookMs));
    if (session.playerId === 'unwanted') throw new RpcError('FORBIDDEN', { details: { why: 'unwanted' } });
    session.push('greeting', { text: 'welcome' });
  }

  onResume(session: SocketSession): void {
    session.push('greeting', { text: 'welcome back' });
  }

  onDisconnect({ playerId }: SocketSession, reason: string): void {
    this.log.log({ event: 'greet.gone', playerId, reason });
  }

  onMessage(_session: SocketSession, event: string, data: unknown): void {
    if (event === 'chat' && (data as { text?: unknown } | undefined)?.text === 'secret') {
      throw new RpcError('FORBIDDEN', { details: { why: 'secret' } });
    }
  }
}
