import { Config } from '@ccgame/config';
import type { Attributes, BackfillRecord, TicketRecord } from '../contracts/matches.js';
import { partitionOf } from '../pool/partition.js';
import { completeAttributes, skillOf } from '../pool/rules/attributes.js';
import type { Mode } from '../pool/rules/mode.js';
import type { BackfillRequest, Ticket } from '../pool/ticket.js';

/** A running match that asks for players, as the pool searches for it. */
export function requestOf({ matchId, skill, since, places, lacks, region }: BackfillRecord): BackfillRequest {
  const request: BackfillRequest = { backfillId: matchId, matchId, skill, since, places };
  if (lacks) request.lacks = lacks;
  if (region !== undefined) request.region = region;
  return request;
}

/** The partition of a ticket, or of a running match by its hard keys. One of before the mode had a key waits with those who come now. */
export const partitionNameOf = (mode: Mode, attributes: Attributes): string =>
  partitionOf(mode, { version: Config.VERSION, attributes: completeAttributes(mode, attributes) });

/** A stored ticket as the pool has it. */
export function poolTicket(mode: Mode, record: TicketRecord): Ticket {
  const { ticketId, players, since, roles, latencyMs, attributes } = record;
  // Its mode may have got the skill since the ticket was opened.
  const skill = skillOf(mode, completeAttributes(mode, attributes));
  const ticket: Ticket = { ticketId, players, since, skill };
  if (roles) ticket.roles = roles;
  if (latencyMs) ticket.latencyMs = latencyMs;
  return ticket;
}
