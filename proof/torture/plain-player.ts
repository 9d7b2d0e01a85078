import { EventType, type GatewayResponse, type PushMessage } from '@ccgame/protocol';
import { tokenOf } from '@ccgame/testing';
import { io, type Socket } from 'socket.io-client';
import { Diary } from './diary.js';
import type { Ledger, RequestEnd } from './ledger.js';
import { askRoute, tickRoute, type TorturedPlayer } from './player.js';

interface Message {
  timestamp: number;
}

/** One player with `socket.io-client` as it comes: nothing drops a double, and nothing but socket.io resumes. */
export class PlainPlayer implements TorturedPlayer {
  readonly diary: Diary;
  readonly ready: Promise<void>;
  private readonly socket: Socket;
  private readonly pending = new Map<number, (end: Omit<RequestEnd, 'id'>) => void>();
  private counter = 0;

  constructor(
    readonly playerId: string,
    url: string,
    private readonly ledger: Ledger,
    private readonly timeoutMs = 30_000,
  ) {
    this.diary = new Diary(ledger);
    this.socket = io(url, { transports: ['websocket'], forceNew: true, auth: { token: tokenOf(playerId) } });
    this.ready = new Promise((resolve) => this.socket.once('connect', resolve));
    let isFirst = true;
    this.socket.on('connect', () => {
      if (!isFirst && !this.socket.recovered) this.diary.noteGap();
      isFirst = false;
      this.diary.noteReturn();
    });
    this.socket.on('disconnect', () => this.connectionLost());
    this.socket.on('connect_error', ({ message }) => ledger.countError(`plain ${message}`));
    this.socket.on(EventType.PUSH, ({ route, data }: PushMessage) => {
      if (route === tickRoute) this.diary.notePush(data as number);
    });
    this.socket.on(EventType.RESPONSE, (answer: GatewayResponse) => this.receiveAnswer(answer));
  }

  get isOnline(): boolean {
    return this.socket.connected;
  }

  async ask(): Promise<boolean> {
    if (!this.socket.connected) return false;
    const timestamp = this.counter++;
    const id = `${this.playerId}-${timestamp}`;
    this.ledger.asked.push(id);
    const end = await new Promise<Omit<RequestEnd, 'id'>>((resolve) => {
      const timer = setTimeout(
        () => resolve({ code: 'TIMEOUT', isTimeout: this.diary.wasOnlineFor(this.timeoutMs / 2) }),
        this.timeoutMs,
      );
      this.pending.set(timestamp, (how) => {
        clearTimeout(timer);
        resolve(how);
      });
      this.socket.emit(EventType.REQUEST, { route: askRoute, data: { mode: id }, timestamp });
    });
    this.pending.delete(timestamp);
    this.ledger.endRequest({ id, ...end, code: end.code && `plain ${end.code}` });
    return end.code === undefined;
  }

  close(): void {
    this.socket.disconnect();
  }

  private receiveAnswer({ timestamp = -1, error }: GatewayResponse): void {
    const end = this.pending.get(timestamp);
    // A second answer is an end too, for the checker to find.
    if (end) end({ code: error?.code });
    else this.ledger.endRequest({ id: `${this.playerId}-${timestamp}`, code: error?.code });
  }

  private connectionLost(): void {
    this.diary.noteBreak();
    // socket.io sends on the next connection what it has not sent yet.
    const unsent = new Set(
      this.socket.sendBuffer.map(({ data }) => (data as [string, Message])[1].timestamp),
    );
    for (const [timestamp, end] of this.pending) if (!unsent.has(timestamp)) end({ code: 'CONNECTION_LOST' });
  }
}
