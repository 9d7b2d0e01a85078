export { GameErrors } from './errors.js';
export { type GatewayError, GatewayMessageDto, type GatewayResponse } from './gateway-message.dto.js';
export type { HandshakeAuth, NotRecovered, PushMessage, ResumeFrom, SessionClosed, SessionOpened, SessionPushes } from './session-protocol.js';
