import { Module } from '@nestjs/common';
import { ReleasesModule } from '@ccgame/releases';
import { NatsClock } from '@ccgame/jetstream';
import { RpcModule } from '@ccgame/rpc';
import { ServerModule } from '@ccgame/server';
import { Presence, SessionsModule } from '@ccgame/sessions';
import { MATCH_ALLOCATOR } from './allocation/match-allocator.js';
import { createAllocator } from '../../../game/src/allocator.js';
import { BackfillController } from './backfill.controller.js';
import { ModeCatalogue } from './catalogue/mode-catalogue.js';
import { MatchingController } from './matching.controller.js';
import { OperationsController } from './operations.controller.js';
import { Backfills } from './matches/backfills.js';
import { Herald } from './matches/herald.js';
import { MatchSteps } from './matches/match-steps.js';
import { ReadyChecks } from './matches/ready-checks.js';
import { Owners } from './owner/owners.service.js';
import { Peers } from './owner/peers.js';
import { PlayedMatches } from './store/played-matches.js';
import { TicketStore } from './store/ticket-store.js';
import { Cancelling } from './tickets/cancel.js';
import { Departures } from './tickets/departures.js';
import { Explanations } from './tickets/explanations.js';
import { Joining } from './tickets/join.js';
import { Parties } from './tickets/parties.js';
import { Statuses } from './tickets/status.js';
import { TICKET_ATTRIBUTES } from './tickets/ticket-attributes-hook.js';
import { TicketGauge } from './tickets/ticket-gauge.js';
import { TicketMoves } from './tickets/ticket-moves.js';
import { WantedTickets } from './tickets/wanted-ticket.js';
import { createTicketAttributes } from './ticket-attributes.js';
import { TicketsController } from './tickets.controller.js';
import { Turns } from './turns.js';
import { MatchFeed } from './view/match-feed.js';
import { Pools } from './view/pools.js';

@Module({
  imports: [ServerModule, RpcModule.forRoot(), ReleasesModule, SessionsModule],
  controllers: [MatchingController, TicketsController, BackfillController, OperationsController],
  providers: [
    ModeCatalogue,
    NatsClock,
    TicketStore,
    PlayedMatches,
    { provide: MATCH_ALLOCATOR, useFactory: createAllocator },
    { provide: TICKET_ATTRIBUTES, useFactory: createTicketAttributes },
    Turns,
    MatchFeed,
    Pools,
    Peers,
    Herald,
    MatchSteps,
    ReadyChecks,
    Backfills,
    Owners,
    Presence,
    TicketMoves,
    WantedTickets,
    Joining,
    Parties,
    Cancelling,
    Departures,
    Statuses,
    Explanations,
    TicketGauge,
  ],
})
export class MatchingModule {}
