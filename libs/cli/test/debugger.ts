import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { SourceMap, type SourceMapPayload } from 'node:module';
import { fileURLToPath } from 'node:url';
import WebSocket from 'ws';

interface Script {
  scriptId: string;
  url: string;
  sourceMapURL: string;
}

interface Location {
  scriptId: string;
  lineNumber: number;
  columnNumber?: number;
}

/** Attached as an editor attaches itself: by Node's inspector protocol, with breakpoints in the sources. */
export class Debugger {
  private readonly scripts: Script[] = [];
  private asked = 0;

  private constructor(private readonly socket: WebSocket) {
    // Each request has a listener while it waits.
    socket.setMaxListeners(0);
  }

  static async attach(port: number): Promise<Debugger> {
    const targets = await (await fetch(`http://127.0.0.1:${port}/json/list`)).json();
    const [{ webSocketDebuggerUrl }] = targets as [{ webSocketDebuggerUrl: string }];
    const attached = new Debugger(new WebSocket(webSocketDebuggerUrl));
    await once(attached.socket, 'open');
    attached.onEvent('Debugger.scriptParsed', (script) => attached.scripts.push(script as Script));
    await attached.ask('Debugger.enable');
    return attached;
  }

  /** Stops at a line of a source, counted from 1, and goes on. @returns the value that an expression has there */
  async evaluateAt(file: string, line: number, expression: string): Promise<unknown> {
    const paused = new Promise((resolve) => this.onEvent('Debugger.paused', resolve));
    await this.ask('Debugger.setBreakpoint', { location: await this.findLocation(file, line) });
    const { callFrames } = (await paused) as { callFrames: [{ callFrameId: string }] };
    const { callFrameId } = callFrames[0];
    const { result } = await this.ask<{ result: { value: unknown } }>('Debugger.evaluateOnCallFrame', {
      callFrameId,
      expression,
    });
    await this.ask('Debugger.resume');
    return result.value;
  }

  close(): void {
    this.socket.terminate();
  }

  /** The place in what was compiled of the source, by its source map. */
  private async findLocation(file: string, line: number): Promise<Location> {
    const bundled = this.scripts.filter(({ url, sourceMapURL }) => url.includes('/.ccgame/') && sourceMapURL);
    for (const { scriptId, url, sourceMapURL } of bundled) {
      const text = readFileSync(fileURLToPath(new URL(sourceMapURL, url)), 'utf8');
      const map = new SourceMap(JSON.parse(text) as SourceMapPayload);
      const locations = await this.possibleBreakpoints(scriptId);
      const found = locations.find(({ lineNumber, columnNumber = 0 }) => {
        const entry = map.findEntry(lineNumber, columnNumber);
        if (!('originalSource' in entry) || entry.originalLine !== line - 1) return false;
        return fileURLToPath(new URL(entry.originalSource, url)) === file;
      });
      if (found) return found;
    }
    throw new Error(`No script is compiled of ${file}:${line}`);
  }

  /** Node gives a thousand at once. */
  private async possibleBreakpoints(scriptId: string): Promise<Location[]> {
    const all: Location[] = [];
    for (let start: Location = { scriptId, lineNumber: 0, columnNumber: 0 }; ;) {
      const method = 'Debugger.getPossibleBreakpoints';
      const { locations } = await this.ask<{ locations: Location[] }>(method, { start });
      all.push(...locations);
      const last = locations.at(-1);
      if (!last || locations.length < 1_000) return all;
      start = { ...last, columnNumber: (last.columnNumber ?? 0) + 1 };
    }
  }

  private async ask<T>(method: string, params: object = {}): Promise<T> {
    const id = (this.asked += 1);
    const answer = new Promise<{ result?: T; error?: { message: string } }>((resolve) =>
      this.onMessage((message) => message.id === id && resolve(message as never)),
    );
    this.socket.send(JSON.stringify({ id, method, params }));
    const { result, error } = await answer;
    if (result === undefined) throw new Error(`${method}: ${error?.message}`);
    return result;
  }

  private onEvent(method: string, listener: (params: unknown) => void): void {
    this.onMessage((message) => message.method === method && listener(message.params));
  }

  private onMessage(
    listener: (message: { id?: number; method?: string; params?: unknown }) => unknown,
  ): void {
    this.socket.on('message', (data: Buffer) => listener(JSON.parse(data.toString())));
  }
}
