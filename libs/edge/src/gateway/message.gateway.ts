import { Ack, ConnectedSocket, MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { EventType, GatewayMessageDto } from '@ccgame/protocol';
import type { Acknowledge } from './event-answers.js';
import { PlayerSession } from './player-session.js';
import { RequestForwarder } from './request-forwarder.js';

/** The protocol's own events. A game adds others by gateways of its own. */
@WebSocketGateway()
export class MessageGateway {
  constructor(private readonly forwarder: RequestForwarder) {}

  @SubscribeMessage(EventType.REQUEST)
  onRequest(
    @ConnectedSocket() session: PlayerSession,
    @MessageBody() message: GatewayMessageDto,
    @Ack() ack?: Acknowledge,
  ): void {
    this.forwarder.forwardRequest(session, message, ack);
  }

  @SubscribeMessage(EventType.NOTIFY)
  onNotify(@ConnectedSocket() session: PlayerSession, @MessageBody() message: GatewayMessageDto): void {
    this.forwarder.forwardNotify(session, message);
  }
}
