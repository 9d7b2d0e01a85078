import { LightSocket } from './light-socket.js';

export interface LightPush {
  route: string;
  position?: number;
  data: unknown;
}

export interface LightOptions {
  url: string;
  auth: object;
  onPush?: (push: LightPush) => void;
}

const path = '/socket.io/?EIO=4&transport=websocket';

/** Speaks just enough of engine.io 4 and socket.io 5 to load a server. */
export class LightClient {
  onResponse: (timestamp: number, isGood: boolean) => void = () => {};
  readonly closed: Promise<void>;
  private readonly socket: LightSocket;
  private opened: () => void = () => {};
  private refused: (error: Error) => void = () => {};

  constructor(private readonly options: LightOptions) {
    this.socket = new LightSocket(new URL(options.url), path, (text) => this.receive(text));
    this.closed = this.socket.closed;
  }

  /** Resolves when the namespace is joined; rejects with the refusal. */
  open(): Promise<this> {
    return new Promise((resolve, reject) => {
      this.opened = () => resolve(this);
      this.refused = reject;
      void this.closed.then(() => reject(new Error('closed')));
    });
  }

  request(message: string): void {
    this.socket.send(`42["Request",${message}]`);
  }

  /** Nothing is answered. */
  notify(message: string): void {
    this.socket.send(`42["Notify",${message}]`);
  }

  /** Many frames in one write. */
  burst(frames: Buffer): void {
    this.socket.sendRaw(frames);
  }

  close(): void {
    this.socket.close();
  }

  private receive(text: string): void {
    if (text === '2') this.socket.send('3');
    else if (text.startsWith('42["Response"')) {
      const at = text.indexOf('"timestamp":') + 12;
      this.onResponse(Number.parseInt(text.slice(at, at + 16), 10), !text.includes('"error"'));
    } else if (text.startsWith('42["Push"')) {
      if (!this.options.onPush) return;
      const [, push] = JSON.parse(text.slice(2)) as [string, LightPush];
      this.options.onPush(push);
    } else if (text.startsWith('0')) this.socket.send(`40${JSON.stringify(this.options.auth)}`);
    else if (text.startsWith('40')) this.opened();
    else if (text.startsWith('44')) this.refused(new Error(text));
  }
}
