/// <reference lib="dom" />
import { type Client, ClientError, connect } from '@ccgame/client';
import type { RequestsOf } from '@ccgame/rpc';
import type { MatchedPush, matchingHandlers } from '@ccgame/matchmaker';
import type { ArenaPushes, arenaHandlers, ArenaRooms, ArenaView } from '../src/arena-contracts.js';
import { followControls } from './controls.js';
import { drawView } from './draw.js';
import { InputCount } from '../src/input-count.js';
import { ViewBuffer } from './view-buffer.js';

interface ArenaGame {
  requests: RequestsOf<typeof matchingHandlers & typeof arenaHandlers>;
  pushes: ArenaPushes & { matched: MatchedPush };
  rooms: ArenaRooms;
}

const element = (id: string): HTMLElement => document.getElementById(id) as HTMLElement;
const canvas = element('field') as HTMLCanvasElement;
const button = element('play') as HTMLButtonElement;
const show = (id: string, text: string): void => void (element(id).textContent = text);

const ownId = (): string => game.playerId ?? '';

/** The game that this tab plays. */
const page = {
  isPlaying: false,
  views: new ViewBuffer(),
  inputs: new InputCount(),
};

function startRound(): void {
  page.isPlaying = true;
  page.views = new ViewBuffer();
  page.inputs = new InputCount();
  button.disabled = true;
}

function seeView(view: ArenaView): void {
  if (!page.isPlaying) return;
  page.views.addView(view, performance.now());
  page.inputs.seeView(view, ownId());
  show('note', `${view.rule} · ${view.secondsLeft} s left`);
}

function endRound(view: ArenaView): void {
  const [first] = [...view.discs].sort((a, b) => b.score - a.score);
  page.isPlaying = false;
  button.disabled = false;
  show('note', first?.id === ownId() ? 'You won! Another one?' : `${first?.id} won. Another one?`);
}

async function findMatch(game: Client<ArenaGame>): Promise<void> {
  button.disabled = true;
  show('note', 'looking for players, bots after 5 s …');
  try {
    await game.request('matching.user_join_matching', { mode: 'arena' });
  } catch (error) {
    button.disabled = false;
    show('note', `not queued: ${error instanceof ClientError ? error.code : String(error)}`);
  }
}

/** After a reload: the player may be in a room that goes on. */
async function comeBack(game: Client<ArenaGame>): Promise<void> {
  button.disabled = false;
  show('note', 'ready');
  const view = await game.request('arena.watch', {}).catch(() => undefined);
  if (view?.phase !== 'playing') return;
  startRound();
  page.inputs.beginAt(view, ownId());
}

async function steer(game: Client<ArenaGame>, x: number, y: number): Promise<void> {
  const { isPlaying, inputs } = page;
  if (!isPlaying) return;
  inputs.sent += 1;
  try {
    inputs.seeAnswer(await game.request('arena.steer', { x, y }));
  } catch (error) {
    // The round was over before it came.
    if ((error as ClientError).code === 'NOT_BOUND') return void (inputs.sent -= 1);
    inputs.seeFailure((error as ClientError).code);
  }
}

function drawFrame(): void {
  drawView(canvas, page.views.viewAt(performance.now()), ownId());
  const { longestGapMs } = page.views;
  show('gap', longestGapMs > 0 ? `${Math.round(longestGapMs)} ms` : '–');
  show('inputs', `${page.inputs.applied} of ${page.inputs.sent} applied`);
  show('lost', page.inputs.toString());
  requestAnimationFrame(drawFrame);
}

let moves = 0;
// One tab is one guest, and stays it after a reload.
const game = connect<ArenaGame>({ url: location.origin, storage: sessionStorage });
game.on('state', (state) => {
  if (state !== 'online') show('note', `${state} …`);
  show('server', game.serverId ?? '–');
});
game.on('moved', ({ serverId }) => {
  show('server', serverId);
  show('moves', String((moves += 1)));
});
game.on('matched', startRound);
game.room('arena.arena').onChange((view) => view && seeView(view));
game.on('arena.over', endRound);
game.on('error', ({ code }) => show('note', code));
button.addEventListener('click', () => void findMatch(game));
followControls(
  canvas,
  () => page.views.discOf(ownId()),
  (x, y) => void steer(game, x, y),
);
void game.ready.then(() => comeBack(game));
requestAnimationFrame(drawFrame);
