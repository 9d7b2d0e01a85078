import { clientHandler, type DtoClass, IsName, serverHandler } from '@ccgame/rpc';
import type { Explanation } from './explanation.js';

/** `explain_ticket` */
export class ExplainTicketDto {
  @IsName('ticketId')
  ticketId: string;
}

/** Answers are not checked on their way, so the interface is enough. */
const ExplanationShape = class {} as DtoClass<Explanation>;

/** Why a ticket is not matched yet, in words and numbers. */
export const explainHandlers = {
  /** Explains the player's own open ticket. */
  own: clientHandler({
    serverType: 'matching',
    handler: 'explain',
    result: ExplanationShape,
    retryPolicy: 'safe',
  }),
  any: serverHandler({
    serverType: 'matching',
    handler: 'explain_ticket',
    payload: ExplainTicketDto,
    result: ExplanationShape,
  }),
};
