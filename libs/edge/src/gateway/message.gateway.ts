import { Ack, ConnectedSocket, MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { EventType, GatewayMessageDto, renewRoute } from '@ccgame/protocol';
import type { Acknowledge } from './client-event.js';
import { partsOf } from './event-answers.js';
import { PlayerSession } from './player-session.js';
import { RequestForwarder } from './request-forwarder.js';
import { TokenAcceptor } from './token-acceptor.js';

/** The protocol's own events. A game adds others by gateways of its own. */
@WebSocketGateway()
export class MessageGateway {
  constructor(
    private readonly forwarder: RequestForwarder,
    private readonly tokens: TokenAcceptor,
  ) {}

  @SubscribeMessage(EventType.REQUEST)
  onRequest(
    @ConnectedSocket() session: PlayerSession,
    @MessageBody() message: GatewayMessageDto,
    @Ack() ack?: Acknowledge,
  ): Promise<void> | void {
    if (partsOf(message).route === renewRoute) return this.tokens.acceptToken(session, message, ack);
    this.forwarder.forwardRequest(session, message, ack);
  }

  @SubscribeMessage(EventType.NOTIFY)
  onNotify(@ConnectedSocket() session: PlayerSession, @MessageBody() message: GatewayMessageDto): void {
    this.forwarder.forwardNotify(session, message);
  }
}
