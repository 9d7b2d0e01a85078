import { Controller } from '@nestjs/common';
import { Config } from '@ccgame/config';
import { type AnswerMatchDto, type ReadyCheck, readyCheckHandlers } from './contracts/ready-check.js';
import { type CancelTicketDto, type JoinMatchingDto, type LeftMatching, matchingHandlers, type TicketStatus, type TicketView } from './contracts/matching.js';
import { explainHandlers } from './contracts/explain.js';
import { type Explanation } from './contracts/explanation.js';
import { type JoinPartyDto, partyHandlers, type PartyMembership } from './contracts/party.js';
import { ClientHandler, RpcError, rpcContext } from '@ccgame/rpc';
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
