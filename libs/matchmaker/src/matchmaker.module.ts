import { type DynamicModule, Module } from '@nestjs/common';
import { NatsClock } from '@ccgame/jetstream';
import { ServerModule } from '@ccgame/server';
import { PlayerWhereabouts, SanctionsModule, SessionsModule } from '@ccgame/sessions';
import { MatchAllocators } from './allocation/match-allocators.js';
import { MATCHMAKER_OPTIONS, type MatchmakerOptions } from './matchmaker-options.js';
import { BackfillController } from './backfill.controller.js';
import { ModeCatalogue } from './catalogue/mode-catalogue.js';
import { MatchingController } from './matching.controller.js';
import { OperationsController } from './operations.controller.js';
import { Backfills } from './matches/backfills.js';
import { MatchAnnouncer } from './matches/match-announcer.js';
import { MatchSteps } from './matches/match-steps.js';
import { ReadyChecks } from './matches/ready-checks.js';
import { MatchingMembership } from './owner/matching-membership.js';
import { PartitionRegistry } from './owner/partition-registry.js';
import { PlayedMatches } from './store/played-matches.js';
import { TicketStore } from './store/ticket-store.js';
import { TicketCanceller } from './tickets/ticket-canceller.js';
import { TicketSweeper } from './tickets/ticket-sweeper.js';
import { BannedPlayers } from './tickets/banned-players.js';
import { HeldTickets } from './tickets/held-tickets.js';
import { OwnTickets } from './tickets/own-tickets.js';
import { Explanations } from './tickets/explanations.js';
import { TicketJoiner } from './tickets/ticket-joiner.js';
import { Parties } from './tickets/parties.js';
import { TicketStatusReader } from './tickets/ticket-status-reader.js';
import { TICKET_ATTRIBUTES } from './tickets/ticket-attributes-hook.js';
import { TicketGauge } from './tickets/ticket-gauge.js';
import { TicketMoves } from './tickets/ticket-moves.js';
import { WantedTickets } from './tickets/wanted-ticket.js';
import { TicketsController } from './tickets.controller.js';
import { WorkScheduler } from './work-scheduler.js';
import { MatchFeed } from './view/match-feed.js';
import { PartitionPools } from './view/partition-pools.js';

/** The matchmaker as a Nest module. */
@Module({
  imports: [ServerModule, SessionsModule, SanctionsModule],
  controllers: [MatchingController, TicketsController, BackfillController, OperationsController],
  providers: [
    ModeCatalogue,
    NatsClock,
    TicketStore,
    PlayedMatches,
    WorkScheduler,
    MatchFeed,
    PartitionPools,
    MatchingMembership,
    MatchAnnouncer,
    MatchSteps,
    ReadyChecks,
    Backfills,
    PartitionRegistry,
    PlayerWhereabouts,
    TicketMoves,
    WantedTickets,
    TicketJoiner,
    Parties,
    TicketCanceller,
    OwnTickets,
    HeldTickets,
    BannedPlayers,
    TicketSweeper,
    TicketStatusReader,
    Explanations,
    TicketGauge,
  ],
})
export class MatchmakerModule {
  /** Matching for a game's modes. Import it once, in the root module of the server type `matching`. */
  static forRoot({ imports = [], allocators, ...options }: MatchmakerOptions): DynamicModule {
    const { useFactory, inject = [] } = allocators ?? { useFactory: () => [] };
    return {
      module: MatchmakerModule,
      imports,
      providers: [
        { provide: MATCHMAKER_OPTIONS, useValue: options },
        {
          provide: MatchAllocators,
          inject,
          useFactory: async (...given: unknown[]) => new MatchAllocators(await useFactory(...given)),
        },
        { provide: TICKET_ATTRIBUTES, useFactory: () => options.ticketAttributes?.() },
      ],
    };
  }
}
