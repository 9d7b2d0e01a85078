import { randomUUID } from 'node:crypto';
import { Inject, Injectable, Optional } from '@nestjs/common';
import { isName } from '@ccgame/config';
import type { Attributes, TicketRecord } from '../contracts/matches.js';
import type { JoinMatchingDto } from '../contracts/matching.js';
import type { OpenTicketDto } from '../contracts/party.js';
import { invalid, RpcError, rpcContext } from '@ccgame/rpc';
import { NatsClock } from '@ccgame/jetstream';
import { GameErrors } from '@ccgame/protocol';
import { Sanctions } from '@ccgame/sessions';
import { ModeCatalogue } from '../catalogue/mode-catalogue.js';
import { checkAttributes, completeAttributes } from '../pool/rules/attributes.js';
import { checkJoin, type JoinRequest } from '../pool/rules/check-join.js';
import type { Mode } from '../pool/rules/mode.js';
import { TICKET_ATTRIBUTES, type TicketAttributesHook } from './ticket-attributes-hook.js';

type Wish = Pick<JoinMatchingDto, 'attributes' | 'roles' | 'latencyMs'>;

/** The ticket that a join asks for: checked, with all that its mode needs, and not stored yet. */
@Injectable()
export class WantedTickets {
  constructor(
    private readonly catalogue: ModeCatalogue,
    private readonly clock: NatsClock,
    private readonly sanctions: Sanctions,
    @Optional() @Inject(TICKET_ATTRIBUTES) private readonly hook?: TicketAttributesHook,
  ) {}

  /**
   * A ban ends a membership of a party, too, as the others should not wait for the player.
   *
   * @throws RpcError UNKNOWN_MODE, INVALID, BANNED, NOT_IN_PARTY, and what the game's hook throws
   */
  async ofPlayer(player: string, version: string, request: JoinMatchingDto): Promise<TicketRecord> {
    const { session, request: message, pinned } = rpcContext.get().attributes;
    const mode = this.catalogue.get(request.mode);
    const players = [player, ...(request.party ?? [])];
    check(mode, { ...wishOf(request), players, by: 'client' });
    this.sanctions.assertNotBanned(player);
    const banned = this.bannedOf(players);
    if (banned.length > 0) throw GameErrors.NOT_IN_PARTY({ details: { players: banned } });
    const given = request.attributes ?? {};
    const attributes = { ...given, ...(await this.decided(mode, players, given)) };
    // A message that is sent again after a break has its first try's id.
    const requestId = request.requestId ?? (session && message && `${session}.${message}`);
    return {
      ...this.ticketOf(mode, players, version, { ...wishOf(request), attributes }),
      ...(requestId && { requestId }),
      ...(pinned !== undefined && { isNamed: true }),
      ...(session !== undefined && { hasSessions: true }),
    };
  }

  /** @throws RpcError UNKNOWN_MODE, INVALID, and BANNED, whose details are then `{ players }` */
  ofServer(version: string, request: OpenTicketDto): TicketRecord {
    const { players, requestId, endsWhenAway = true } = request;
    const mode = this.catalogue.get(request.mode);
    check(mode, { ...wishOf(request), players, by: 'server' });
    const banned = this.bannedOf(players);
    if (banned.length > 0) throw GameErrors.BANNED({ details: { players: banned } });
    return {
      ...this.ticketOf(mode, players, version, wishOf(request)),
      ...(requestId && { requestId }),
      ...(endsWhenAway && { hasSessions: true }),
    };
  }

  private bannedOf(players: string[]): string[] {
    return players.filter((player) => this.sanctions.sanctionOf('ban', player));
  }

  private ticketOf(mode: Mode, players: string[], version: string, wish: Wish): TicketRecord {
    const { attributes = {}, roles, latencyMs } = wish;
    return {
      ticketId: randomUUID(),
      players,
      mode: mode.name,
      version,
      ...(mode.versionGroup !== undefined && { versionGroup: mode.versionGroup }),
      attributes: completeAttributes(mode, attributes),
      ...(roles && { roles }),
      ...(latencyMs && { latencyMs }),
      since: this.clock.now(),
      state: 'open',
    };
  }

  private async decided(mode: Mode, players: string[], given: Attributes): Promise<Attributes> {
    if (!this.hook) return {};
    const decided = await this.hook.attributesFor({ mode: mode.name, players, given });
    const [problem] = checkAttributes(mode, { ...given, ...decided });
    if (!problem) return decided;
    const { attribute, expected } = problem;
    throw new RpcError('INTERNAL', { message: `The game's hook gave ${attribute}, expected ${expected}` });
  }
}

/** Only what was given: what is left out, or null, the checks take for left out. */
function wishOf({ attributes, roles, latencyMs }: Wish): Wish {
  return {
    ...(attributes && { attributes }),
    ...(roles && { roles }),
    ...(latencyMs && { latencyMs }),
  };
}

/** @throws RpcError INVALID */
function check(mode: Mode, request: JoinRequest): void {
  const problems: { field: string; problem: string }[] = checkJoin(mode, request);
  const areIds = request.players.every((player) => isName('playerId', player));
  if (problems.length === 0 && !areIds) problems.push({ field: 'party', problem: 'not a player id' });
  if (problems.length > 0) throw invalid(problems.map(({ field, problem }) => ({ field, rule: problem })));
}
