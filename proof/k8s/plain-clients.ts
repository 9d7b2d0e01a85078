import { EventType, type GatewayResponse, type PushMessage } from '@ccgame/protocol';
import { io, type Socket } from 'socket.io-client';
import { judgePushes } from '../torture/checker.js';
import { Diary } from '../torture/diary.js';
import { tickRoute } from '../torture/player.js';
import { Publisher } from '../torture/publisher.js';
import { login } from './doors.js';
import { pause, until } from './pause.js';
import type { Stage } from './stage.js';

const pushEveryMs = 200;
const askEveryMs = 300;
const answerMs = 30_000;
const loginMs = 30_000;
/** After the last push, until all are there. */
const deliveredMs = 20_000;

export interface PlainAccount {
  requests: number;
  /** By code. A request on a connection that is closed has no answer: nothing but the SDK asks again. */
  errors: Record<string, number>;
  reconnects: number;
  /** Tokens that had run out, and were replaced. */
  newTokens: number;
  pushes: number;
  lost: number;
  duplicated: number;
  reordered: number;
  longestGapMs: number;
}

interface PlainClient {
  playerId: string;
  socket: Socket;
  diary: Diary;
}

/** Players with socket.io-client as it comes: what was pushed meanwhile they get by socket.io's own recovery alone. */
export class PlainClients {
  private readonly clients: PlainClient[] = [];
  private readonly errors: Record<string, number> = {};
  private requests = 0;
  private reconnects = 0;
  private newTokens = 0;
  private isPlaying = true;
  private loops: Promise<void>[] = [];

  private constructor(private readonly publisher: Publisher) {}

  static async open({ url, operatorAddress }: Stage, count: number): Promise<PlainClients> {
    const all = new PlainClients(await Publisher.open(operatorAddress));
    for (let index = 0; index < count; index += 1) all.clients.push(await all.connect(url));
    all.publisher.start(
      all.clients.map(({ playerId }) => playerId),
      pushEveryMs,
    );
    all.loops = all.clients.map((client) => all.askOn(client));
    return all;
  }

  async stop(): Promise<PlainAccount> {
    this.isPlaying = false;
    await Promise.all([...this.loops, this.publisher.stop()]);
    await this.untilDelivered();
    const verdicts = this.clients.map(({ playerId, diary }) =>
      judgePushes(this.sentTo(playerId), diary.told),
    );
    for (const { socket } of this.clients) socket.disconnect();
    await this.publisher.close();
    const sum = (of: (verdict: (typeof verdicts)[number]) => number): number =>
      verdicts.reduce((total, one) => total + of(one), 0);
    return {
      requests: this.requests,
      errors: this.errors,
      reconnects: this.reconnects,
      newTokens: this.newTokens,
      pushes: sum(({ received }) => received),
      lost: sum(({ lost }) => lost),
      duplicated: sum(({ duplicated }) => duplicated),
      reordered: sum(({ reordered }) => reordered),
      longestGapMs: Math.max(0, ...this.clients.map(({ diary }) => diary.longestSilenceMs)),
    };
  }

  private async connect(url: string): Promise<PlainClient> {
    const deviceId = `plain-${crypto.randomUUID()}`;
    const account = await login(url, deviceId);
    const { playerId } = account;
    const diary = new Diary();
    const auth = (give: (data: object) => void): void => give({ token: account.token });
    const socket = io(url, { transports: ['websocket'], forceNew: true, auth });
    socket.on(EventType.PUSH, ({ route, data }: PushMessage) => {
      if (route === tickRoute) diary.notePush(data as number);
    });
    socket.on('connect_error', ({ message }) => {
      if (message !== 'UNAUTHENTICATED') return this.countError(`connect: ${message}`);
      // The token has run out: the game's part is a new one of the same player, socket.io does the rest.
      this.newTokens += 1;
      void until('a plain client logs in again', loginMs, async () => {
        account.token = (await login(url, deviceId)).token;
        return true;
      }).then(
        () => socket.connect(),
        (error) => this.countError(String(error)),
      );
    });
    socket.on('disconnect', (reason) => {
      // The server's word that it is over: socket.io leaves it to the program to come back.
      if (reason === 'io server disconnect') socket.connect();
    });
    await new Promise<void>((resolve) => socket.once('connect', resolve));
    socket.on('connect', () => {
      this.reconnects += 1;
      if (!socket.recovered) diary.noteGap();
    });
    diary.begin();
    return { playerId, socket, diary };
  }

  private async askOn({ socket }: PlainClient): Promise<void> {
    const waiting = new Map<number, (problem?: string) => void>();
    socket.on(EventType.RESPONSE, ({ timestamp = -1, error }: GatewayResponse) =>
      waiting.get(timestamp)?.(error?.code),
    );
    socket.on('disconnect', () => {
      for (const settle of waiting.values()) settle('connection lost');
    });
    for (let timestamp = 1; this.isPlaying; timestamp += 1) {
      await pause(askEveryMs);
      if (!socket.connected) continue;
      this.requests += 1;
      const problem = await new Promise<string | undefined>((resolve) => {
        const timer = setTimeout(() => resolve('no answer'), answerMs);
        waiting.set(timestamp, (code) => {
          clearTimeout(timer);
          resolve(code);
        });
        socket.emit(EventType.REQUEST, { route: 'matching.user_leave_matching', data: {}, timestamp });
      });
      waiting.delete(timestamp);
      if (problem) this.countError(problem);
    }
  }

  private countError(problem: string): void {
    this.errors[problem] = (this.errors[problem] ?? 0) + 1;
  }

  private sentTo(playerId: string): readonly number[] {
    return this.publisher.sent.get(playerId) ?? [];
  }

  private async untilDelivered(): Promise<void> {
    const deadline = Date.now() + deliveredMs;
    const isDone = ({ playerId, diary }: PlainClient): boolean =>
      diary.last === this.sentTo(playerId).length - 1;
    while (Date.now() < deadline && !this.clients.every(isDone)) await pause(50);
  }
}
