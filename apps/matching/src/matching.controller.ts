import { Controller } from '@nestjs/common';
import { Config } from '#config';
import {
  type AnswerMatchDto,
  type CancelTicketDto,
  explainHandlers,
  type Explanation,
  type JoinMatchingDto,
  type JoinPartyDto,
  type LeftMatching,
  matchingHandlers,
  partyHandlers,
  type PartyMembership,
  type ReadyCheck,
  readyCheckHandlers,
  type TicketStatus,
  type TicketView,
} from '#contracts';
import { ClientHandler, RpcError, rpcContext } from '#rpc';
import { Cancelling } from './tickets/cancel.js';
import { ReadyChecks } from './matches/ready-checks.js';
import { Explanations } from './tickets/explanations.js';
import { Joining } from './tickets/join.js';
import { Parties } from './tickets/parties.js';
import { Statuses } from './tickets/status.js';

const oneByOne = { concurrency: 1, queue: 200 };

/** What players ask of matching. */
@Controller()
export class MatchingController {
  constructor(
    private readonly joining: Joining,
    private readonly parties: Parties,
    private readonly cancelling: Cancelling,
    private readonly statuses: Statuses,
    private readonly readyChecks: ReadyChecks,
    private readonly explanations: Explanations,
  ) {}

  @ClientHandler(matchingHandlers.join)
  async join(request: JoinMatchingDto): Promise<TicketView> {
    const version = rpcContext.get().version ?? Config.VERSION;
    const { ticketId, mode, since } = await this.joining.join(caller(), version, request);
    return { ticketId, mode, waitingSinceMs: since };
  }

  @ClientHandler(partyHandlers.join)
  joinParty({ leader }: JoinPartyDto): Promise<PartyMembership> {
    return this.parties.join(caller(), leader);
  }

  @ClientHandler(partyHandlers.leave)
  leaveParty(): Promise<void> {
    return this.parties.leave(caller());
  }

  @ClientHandler(matchingHandlers.leave)
  leave(): Promise<LeftMatching> {
    return this.cancelling.cancel(caller());
  }

  @ClientHandler(matchingHandlers.cancel)
  cancel({ ticketId }: CancelTicketDto): Promise<LeftMatching> {
    return this.cancelling.cancel(caller(), ticketId);
  }

  @ClientHandler(matchingHandlers.status)
  status(): Promise<TicketStatus> {
    return this.statuses.of(caller());
  }

  /** Some ten milliseconds of this thread each: one after the other, so that they don't take it all. */
  @ClientHandler(explainHandlers.own, oneByOne)
  explain(): Promise<Explanation> {
    return this.explanations.ofPlayer(caller());
  }

  @ClientHandler(readyCheckHandlers.accept)
  accept({ matchId }: AnswerMatchDto): Promise<ReadyCheck> {
    return this.readyChecks.accept(caller(), matchId);
  }

  @ClientHandler(readyCheckHandlers.decline)
  decline({ matchId }: AnswerMatchDto): Promise<ReadyCheck> {
    return this.readyChecks.decline(caller(), matchId);
  }
}

/** The player who asks: the connector says so, no client can. */
function caller(): string {
  const { uid } = rpcContext.get().attributes;
  if (uid === undefined) throw new RpcError('FORBIDDEN', { message: 'Only players queue' });
  return uid;
}
