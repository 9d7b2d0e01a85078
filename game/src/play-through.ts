import { io, type Socket } from 'socket.io-client';
import { type ArenaPlayer, playArena } from '#arena/play-arena.js';

/** The public address, for HTTP and sockets, a version, and the key with which a game server reports a result. */
export interface GameDoors {
  url: string;
  version: string;
  serverKey: string;
}

/** A step of the game, run and shown by the caller. */
export type RunStep = <T>(name: string, work: () => Promise<T>) => Promise<T>;

/** `PlayThroughOptions` of @ccgame/cli, of which no server's image has anything. */
export interface PlayThroughOptions extends GameDoors {
  runStep: RunStep;
  /** Runs a job of the cron app to its end, by the name behind `start:` in package.json. */
  runJob: (name: string) => Promise<void>;
}

/** The outcome of the game that `npm start` plays. */
export interface PlayedGame {
  matchId: string;
  winner: string;
  loser: string;
}

interface Player {
  playerId: string;
  token: string;
}

interface Matched {
  matchId: string;
  teams: Array<{ players: string[] }>;
}

const answerWithinMs = 10_000;

/** The game that `npm start` plays on every version, and the job that settles its leaderboard. */
export async function playThrough({ runStep, runJob, ...doors }: PlayThroughOptions): Promise<void> {
  await playGame(doors, runStep);
  await runStep('four players drive through an arena', () => inArena(doors));
  await runStep('the cron job settles the leaderboards', () => runJob('settleLeaderboards'));
}

/**
 * Plays one real game through the public doors only, as a client that knows nothing of ccgame's code would.
 *
 * @throws Error with a sentence that says which answer was wrong.
 */
export async function playGame(doors: GameDoors, step: RunStep): Promise<PlayedGame> {
  const [anna, ben] = await step('two players log in over HTTP', () =>
    Promise.all([login(doors, 'anna'), login(doors, 'ben')]),
  );
  const sockets = await step('they open sockets', () =>
    Promise.all([openSocket(doors, anna), openSocket(doors, ben)]),
  );
  try {
    const matched = sockets.map((socket) => pushed<Matched>(socket, 'matched'));
    await step('they join matching', () =>
      Promise.all(
        sockets.map((socket) => request(socket, doors, 'matching.user_join_matching', { mode: 'duel' })),
      ),
    );
    const [first, second] = await step('both are pushed `matched`', () => Promise.all(matched));
    if (!first || !second || first.matchId !== second.matchId)
      throw new Error('The two players were pushed different matches.');

    const game = { matchId: first.matchId, winner: anna.playerId, loser: ben.playerId };
    await step('the result is reported', () => reportResult(doors, game));
    await step('the leaderboard shows it', () => untilOnLeaderboard(doors, game.winner));
    return game;
  } finally {
    for (const socket of sockets) socket.close();
  }
}

async function inArena(doors: GameDoors): Promise<void> {
  const guests = await Promise.all(['anna', 'ben', 'cleo', 'dan'].map((name) => login(doors, name)));
  const sockets = await Promise.all(guests.map((guest) => openSocket(doors, guest)));
  try {
    await playArena(guests.map((guest, index) => arenaPlayer(doors, guest, sockets[index])));
  } finally {
    for (const socket of sockets) socket.close();
  }
}

function arenaPlayer(doors: GameDoors, { playerId }: Player, socket: Socket): ArenaPlayer {
  return {
    playerId,
    ask: (route, data) => request(socket, doors, route, data),
    nextPush: (route, fits) => pushed(socket, route, fits),
  };
}

async function login(doors: GameDoors, name: string): Promise<Player> {
  const deviceId = `demo-${name}-${crypto.randomUUID()}`;
  return (await callHttp(doors, 'POST', '/v1/login', { deviceId })) as Player;
}

function openSocket({ url, version }: GameDoors, { token }: Player): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = io(url, {
      transports: ['websocket'],
      forceNew: true,
      auth: { token, version },
      query: { version },
    });
    socket.once('connect', () => resolve(socket));
    socket.once('connect_error', (error) => {
      socket.close();
      reject(new Error(`The connector refused a player: ${error.message}`));
    });
  });
}

function pushed<T>(socket: Socket, route: string, fits: (data: T) => boolean = () => true): Promise<T> {
  return within(`the push ${route}`, (resolve) => {
    socket.on('Push', (message: { route: string; data: T }) => {
      if (message.route === route && fits(message.data)) resolve(message.data);
    });
  });
}

let lastTimestamp = 0;

function request(socket: Socket, { version }: GameDoors, route: string, data: unknown): Promise<unknown> {
  const timestamp = (lastTimestamp = Math.max(Date.now(), lastTimestamp + 1));
  return within(`an answer to ${route}`, (resolve, reject) => {
    socket.on(
      'Response',
      (message: { timestamp: number; data?: unknown; error?: { code: string; message: string } }) => {
        if (message.timestamp !== timestamp) return;
        if (message.error)
          reject(new Error(`${route} was refused: ${message.error.code}: ${message.error.message}`));
        else resolve(message.data);
      },
    );
    socket.emit('Request', { route, data, timestamp, version });
  });
}

async function reportResult(doors: GameDoors, { matchId, winner, loser }: PlayedGame): Promise<void> {
  const body = {
    scores: [
      { playerId: winner, score: 3 },
      { playerId: loser, score: 1 },
    ],
  };
  await callHttp(doors, 'POST', `/v1/matches/${matchId}/result`, body, {
    authorization: `Bearer ${doors.serverKey}`,
  });
}

async function untilOnLeaderboard(doors: GameDoors, playerId: string): Promise<void> {
  const deadline = Date.now() + answerWithinMs;
  while (Date.now() < deadline) {
    const path = `/v1/leaderboards/duel/players/${playerId}`;
    const isShown = await callHttp(doors, 'GET', path).then(
      () => true,
      () => false,
    );
    if (isShown) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`The leaderboard did not show the winner within ${answerWithinMs} ms.`);
}

async function callHttp(
  doors: GameDoors,
  method: string,
  path: string,
  body?: object,
  headers?: Record<string, string>,
): Promise<unknown> {
  const response = await fetch(`${doors.url}${path}`, {
    method,
    headers: { version: doors.version, ...(body && { 'content-type': 'application/json' }), ...headers },
    body: body && JSON.stringify(body),
    signal: AbortSignal.timeout(answerWithinMs),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text}`);
  return text === '' ? undefined : JSON.parse(text);
}

function within<T>(
  what: string,
  start: (resolve: (value: T) => void, reject: (reason: Error) => void) => void,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error(`There was no ${what.replace(/^an? /, '')} within ${answerWithinMs} ms.`)),
      answerWithinMs,
    );
    const settle =
      <A>(settler: (argument: A) => void) =>
      (argument: A) => {
        clearTimeout(timer);
        settler(argument);
      };
    start(settle(resolve), settle(reject));
  });
}
