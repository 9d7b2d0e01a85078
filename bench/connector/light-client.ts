import { WebSocket } from 'ws';

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

/** Speaks just enough of engine.io 4 and socket.io 5 over a bare WebSocket to load a server without weighing much. */
export class LightClient {
  onResponse: (timestamp: number, isGood: boolean) => void = () => {};
  isOpen = false;
  refusal?: string;
  readonly closed: Promise<void>;
  private readonly socket: WebSocket;

  constructor(private readonly options: LightOptions) {
    const url = `${options.url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`;
    this.socket = new WebSocket(url, { perMessageDeflate: false, skipUTF8Validation: true });
    this.closed = new Promise((resolve) => this.socket.once('close', () => resolve()));
  }

  /** Resolves when the namespace is joined; rejects with the refusal. */
  open(): Promise<this> {
    return new Promise((resolve, reject) => {
      this.socket.on('error', reject);
      this.socket.on('close', () => reject(new Error('closed')));
      this.socket.on('message', (data: Buffer) => this.receive(data.toString(), () => resolve(this), reject));
    });
  }

  request(message: string): void {
    this.socket.send(`42["Request",${message}]`);
  }

  close(): void {
    this.socket.terminate();
  }

  private receive(text: string, opened: () => void, refused: (error: Error) => void): void {
    if (text === '2') this.socket.send('3');
    else if (text.startsWith('0')) this.socket.send(`40${JSON.stringify(this.options.auth)}`);
    else if (text.startsWith('40')) {
      this.isOpen = true;
      opened();
    } else if (text.startsWith('44')) {
      this.refusal = text;
      refused(new Error(text));
    } else if (text.startsWith('42["Response"')) {
      const at = text.indexOf('"timestamp":') + 12;
      this.onResponse(Number.parseInt(text.slice(at, at + 16), 10), !text.includes('"error"'));
    } else if (text.startsWith('42["Push"')) {
      const [, push] = JSON.parse(text.slice(2)) as [string, LightPush];
      this.options.onPush?.(push);
    }
  }
}
