/// <reference lib="dom" />
import { type Client, ClientError, connect, type Gap } from '@ccgame/client';
import type { Game } from '../src/contracts.js';

/** The play page: one tab is one guest. */
const element = (id: string): HTMLElement => document.getElementById(id) as HTMLElement;

function log(line: string): void {
  element('log').prepend(`${new Date().toLocaleTimeString()}  ${line}\n`);
}

async function login(): Promise<string> {
  // One guest a tab, also after a reload.
  const deviceId = (sessionStorage.deviceId ??= `tab-${Math.random().toString(36).slice(2, 14)}`) as string;
  const response = await fetch('/v1/login', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ deviceId }),
  });
  if (!response.ok) throw new Error(`The login answered ${response.status}`);
  const { playerId, token } = (await response.json()) as { playerId: string; token: string };
  element('player').textContent = playerId;
  return token;
}

function show(game: Client<Game>): void {
  const button = element('join') as HTMLButtonElement;
  game.on('state', (state) => {
    element('state').textContent = state;
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

const game = connect<Game>({ url: location.origin, token: login, onNotRecovered: refresh });
show(game);
