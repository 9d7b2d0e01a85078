import { io, type Socket } from 'socket.io-client';
import type { Heard } from './checker.js';

interface Push {
  route: string;
  data: unknown;
  position?: number;
}

interface Opened {
  session: string;
  position: number;
  recovered: boolean;
}

export interface Answer {
  timestamp: number;
  data?: unknown;
  error?: { code: string };
}

const answerWithinMs = 2_000;

/** A player with socket.io-client as it comes, by the wire that docs/sessions.md describes. */
export class PlainPlayer {
  readonly heard: Heard[] = [];
  /** By code, since the last look. */
  readonly errors = new Map<string, number>();
  /** The matches that the player was told of. */
  readonly matches: string[] = [];
  isOnline = false;
  private readonly socket: Socket;
  private resume?: { session: string; position: number };
  private timestamp = Date.now();
  private readonly waiting = new Map<number, (answer: Answer | undefined) => void>();

  constructor(
    readonly playerId: string,
    url: string,
    token: () => string,
  ) {
    this.socket = io(url, {
      transports: ['websocket'],
      forceNew: true,
      reconnectionDelay: 200,
      reconnectionDelayMax: 1_000,
      timeout: 3_000,
      auth: (give) => give({ token: token(), version: '1.0.0000', protocol: 1, resume: this.resume }),
    });
    this.socket.on('Push', (push: Push) => this.hear(push));
    this.socket.on('Response', (answer: Answer) => this.waiting.get(answer.timestamp)?.(answer));
    this.socket.on('disconnect', () => {
      this.isOnline = false;
      for (const answer of this.waiting.values()) answer(undefined);
    });
    this.socket.on('connect_error', (error) => this.refuse(error as Error & { data?: { code?: string } }));
  }

  /** Whether a server of the game answers. */
  async ask(): Promise<boolean> {
    const answer = await this.request('matching.user_leave_matching', {});
    return answer !== undefined && !answer.error;
  }

  /** Sends it once. Undefined: there was no connection, it broke, or no answer came within 2 s. */
  async request(route: string, data: object): Promise<Answer | undefined> {
    if (!this.isOnline) return undefined;
    const timestamp = (this.timestamp += 1);
    const answer = await new Promise<Answer | undefined>((resolve) => {
      this.waiting.set(timestamp, resolve);
      setTimeout(() => resolve(undefined), answerWithinMs);
      this.socket.emit('Request', { route, data, timestamp });
    });
    this.waiting.delete(timestamp);
    if ((!answer || answer.error) && this.isOnline)
      this.count(`request ${answer?.error?.code ?? 'unanswered'}`);
    return answer;
  }

  /** Reads nothing from its socket for so long, as a phone that has fallen asleep. */
  stopReading(ms: number): void {
    const transport = this.socket.io.engine?.transport as unknown as {
      ws?: { _socket?: { pause(): void; resume(): void } };
    };
    const raw = transport.ws?._socket;
    raw?.pause();
    setTimeout(() => raw?.resume(), ms);
  }

  close(): void {
    this.socket.disconnect();
  }

  private hear({ route, data, position }: Push): void {
    if (route === 'session.opened') return this.opened(data as Opened);
    if (route === 'session.closed') this.count(`closed ${(data as { code: string }).code}`);
    if (position === undefined || !this.resume || position <= this.resume.position) return;
    this.resume.position = position;
    if (route === 'tick') this.heard.push(data as number);
    if (route === 'matched') this.matches.push((data as { matchId: string }).matchId);
  }

  private opened({ session, position, recovered }: Opened): void {
    if (this.resume && !recovered) {
      this.heard.push('gap');
      this.count('not recovered');
    }
    if (!this.resume || !recovered) this.resume = { session, position };
    this.resume.session = session;
    this.isOnline = true;
  }

  private refuse(error: Error & { data?: { code?: string } }): void {
    this.count(`connect ${error.data?.code ?? 'failed'}`);
    // Refused by the server, socket.io does not try again by itself.
    if (!this.socket.active) setTimeout(() => this.socket.connect(), 300);
  }

  private count(code: string): void {
    this.errors.set(code, (this.errors.get(code) ?? 0) + 1);
  }
}
