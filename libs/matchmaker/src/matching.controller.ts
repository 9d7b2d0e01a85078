import { Controller } from '@nestjs/common';
import { Config } from '@ccgame/config';
import { type AnswerMatchDto, type ReadyCheck, readyCheckHandlers } from './contracts/ready-check.js';
import {
  type CancelTicketDto,
  type JoinMatchingDto,
  type LeftMatching,
  matchingHandlers,
  type TicketStatus,
  type TicketView,
} from './contracts/matching.js';
import { explainHandlers } from './contracts/explain.js';
import { type Explanation } from './contracts/explanation.js';
import { type JoinPartyDto, partyHandlers, type PartyMembership } from './contracts/party.js';
import { callingPlayer, ClientHandler, rpcContext } from '@ccgame/rpc';
import { TicketCanceller } from './tickets/ticket-canceller.js';
import { ReadyChecks } from './matches/ready-checks.js';
import { Explanations } from './tickets/explanations.js';
import { TicketJoiner } from './tickets/ticket-joiner.js';
import { Parties } from './tickets/parties.js';
import { TicketStatusReader } from './tickets/ticket-status-reader.js';

const oneByOne = { concurrency: 1, queue: 200 };

/** Answers players. */
@Controller()
export class MatchingController {
  constructor(
    private readonly joiner: TicketJoiner,
    private readonly parties: Parties,
    private readonly canceller: TicketCanceller,
    private readonly statusReader: TicketStatusReader,
    private readonly readyChecks: ReadyChecks,
    private readonly explanations: Explanations,
  ) {}

  @ClientHandler(matchingHandlers.join)
  async joinQueue(request: JoinMatchingDto): Promise<TicketView> {
    const version = rpcContext.get().version ?? Config.VERSION;
    const { ticketId, mode, since } = await this.joiner.joinQueue(callingPlayer(), version, request);
    return { ticketId, mode, waitingSinceMs: since };
  }

  @ClientHandler(partyHandlers.join)
  joinParty({ leader }: JoinPartyDto): Promise<PartyMembership> {
    return this.parties.join(callingPlayer(), leader);
  }

  @ClientHandler(partyHandlers.leave)
  leaveParty(): Promise<void> {
    return this.parties.leave(callingPlayer());
  }

  @ClientHandler(matchingHandlers.leave)
  leaveQueue(): Promise<LeftMatching> {
    return this.canceller.cancelTicket(callingPlayer());
  }

  @ClientHandler(matchingHandlers.cancel)
  cancelTicket({ ticketId }: CancelTicketDto): Promise<LeftMatching> {
    return this.canceller.cancelTicket(callingPlayer(), ticketId);
  }

  @ClientHandler(matchingHandlers.status)
  ticketStatus(): Promise<TicketStatus> {
    return this.statusReader.statusOf(callingPlayer());
  }

  /** Some ten milliseconds of this thread each: one after the other, so that they don't take it all. */
  @ClientHandler(explainHandlers.own, oneByOne)
  explainTicket(): Promise<Explanation> {
    return this.explanations.ofPlayer(callingPlayer());
  }

  @ClientHandler(readyCheckHandlers.accept)
  acceptMatch({ matchId }: AnswerMatchDto): Promise<ReadyCheck> {
    return this.readyChecks.acceptMatch(callingPlayer(), matchId);
  }

  @ClientHandler(readyCheckHandlers.decline)
  declineMatch({ matchId }: AnswerMatchDto): Promise<ReadyCheck> {
    return this.readyChecks.declineMatch(callingPlayer(), matchId);
  }
}
