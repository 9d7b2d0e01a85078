import type { BackfillRecord, TicketRecord } from '../contracts/matches.js';
import { skillOf } from '../pool/rules/attributes.js';
import type { Mode } from '../pool/rules/mode.js';
import type { BackfillRequest, Ticket } from '../pool/ticket.js';

/** A running match that asks for players, as the pool searches for it. */
export function requestOf({ matchId, skill, since, places, lacks, region }: BackfillRecord): BackfillRequest {
  const request: BackfillRequest = { backfillId: matchId, matchId, skill, since, places };
  if (lacks) request.lacks = lacks;
  if (region !== undefined) request.region = region;
  return request;
}

/** A stored ticket as the pool has it. */
export function poolTicket(mode: Mode, record: TicketRecord): Ticket {
  const { ticketId, players, since, roles, latencyMs, attributes } = record;
  const ticket: Ticket = { ticketId, players, since, skill: skillOf(mode, attributes) };
  if (roles) ticket.roles = roles;
  if (latencyMs) ticket.latencyMs = latencyMs;
  return ticket;
}
