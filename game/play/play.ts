/// <reference lib="dom" />
import { type Client, ClientError, connect, type Gap } from '@ccgame/client';
import type { Game } from '../src/contracts.js';

/** The play page: one tab is one guest. */
const element = (id: string): HTMLElement => document.getElementById(id) as HTMLElement;

function log(line: string): void {
  element('log').prepend(`${new Date().toLocaleTimeString()}  ${line}\n`);
}

function show(game: Client<Game>): void {
  const button = element('join') as HTMLButtonElement;
  game.on('state', (state) => {
    element('state').textContent = state;
    element('player').textContent = game.playerId ?? '–';
    element('server').textContent = game.serverId ?? '–';
    button.disabled = state !== 'online';
    log(`connection: ${state}`);
  });
  game.on('moved', ({ serverId }) => {
    element('server').textContent = serverId;
    log(`moved to ${serverId} without a gap`);
  });
  game.on('error', ({ code }) => log(`error: ${code}`));
  game.on('matched', ({ matchId, teams }) => {
    element('match').textContent = matchId;
    log(`matched: ${teams.map(({ players }) => players.join(', ')).join(' against ')}`);
  });
  button.addEventListener('click', () => {
    game.request('matching.user_join_matching', { mode: 'duel' }).then(
      ({ ticketId }) => log(`waiting with ticket ${ticketId}`),
      (error: unknown) => log(`not queued: ${error instanceof ClientError ? error.code : String(error)}`),
    );
  });
}

/** After a gap: what became of the ticket meanwhile. */
async function refresh({ reason }: Gap): Promise<void> {
  log(`pushes may be missing: ${reason}`);
  const ticket = await game
    .request('matching.user_matching_status', undefined)
    .catch((error: ClientError) => {
      if (error.code !== 'NOT_FOUND') throw error;
    });
  element('match').textContent = ticket?.matchId ?? 'none';
  log(`ticket: ${ticket?.state ?? 'none'}`);
}

// One guest a tab, also after a reload.
const game = connect<Game>({ url: location.origin, storage: sessionStorage, onNotRecovered: refresh });
show(game);
