import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';

/** One span, as OTLP says it, with its attributes as plain values. */
export interface ReceivedSpan {
  traceId: string;
  spanId: string;
  /** Empty or left out where it is the first of its trace. */
  parentSpanId?: string;
  name: string;
  /** 2: server, 3: client, 4: producer. */
  kind: number;
  /** `service.name` of the process. */
  service: string;
  ms: number;
  attributes: Record<string, unknown>;
  /** The code of its status: 2 is an error. */
  code?: number;
}

interface Attribute {
  key: string;
  value: Record<string, unknown>;
}

interface SentSpan extends Omit<ReceivedSpan, 'attributes' | 'ms' | 'service' | 'code'> {
  startTimeUnixNano: string;
  endTimeUnixNano: string;
  attributes: Attribute[];
  status?: { code?: number };
}

interface TraceExport {
  resourceSpans: { resource: { attributes: Attribute[] }; scopeSpans: { spans: SentSpan[] }[] }[];
}

const longestWaitMs = 30_000;

/** A collector of traces for tests: takes OTLP over HTTP, as JSON. */
export class TraceReceiver {
  readonly spans: ReceivedSpan[] = [];

  private constructor(
    private readonly server: Server,
    /** For `OTEL_EXPORTER_OTLP_ENDPOINT`. */
    readonly endpoint: string,
  ) {}

  static async listen(): Promise<TraceReceiver> {
    const server = createServer((request, response) => {
      void receiver.receiveExport(request).then(() => response.writeHead(200, jsonType).end('{}'));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const receiver = new TraceReceiver(server, `http://127.0.0.1:${port}`);
    return receiver;
  }

  /** Resolves with the spans of the first trace that has one of that name and all that `isWhole` asks for. @throws Error after 30 s */
  async untilTrace(
    name: string,
    isWhole: (spans: ReceivedSpan[]) => boolean = () => true,
  ): Promise<ReceivedSpan[]> {
    const late = AbortSignal.timeout(longestWaitMs);
    for (;;) {
      const ids = this.spans.filter((span) => span.name === name).map(({ traceId }) => traceId);
      const traces = ids.map((id) => this.spans.filter(({ traceId }) => traceId === id));
      const found = traces.find(isWhole);
      if (found) return found;
      await once(this.server, 'spans', { signal: late }).catch(() => {
        throw new Error(`No such trace of ${name}; there are ${JSON.stringify(this.spans)}`);
      });
    }
  }

  /** Takes a span of this process: Jest's sandbox lets no exporter load `node:http`. */
  addSpan(span: ReceivedSpan): void {
    this.spans.push(span);
    this.server.emit('spans');
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  private async receiveExport(request: IncomingMessage): Promise<void> {
    const { resourceSpans } = (await json(request)) as TraceExport;
    for (const { resource, scopeSpans } of resourceSpans) {
      const service = String(valuesOf(resource.attributes)['service.name']);
      for (const span of scopeSpans.flatMap(({ spans }) => spans))
        this.spans.push(receivedSpan(span, service));
    }
    this.server.emit('spans');
  }
}

const jsonType = { 'content-type': 'application/json' };

function receivedSpan(span: SentSpan, service: string): ReceivedSpan {
  const { traceId, spanId, parentSpanId, name, kind, attributes, status } = span;
  const ms = Number(BigInt(span.endTimeUnixNano) - BigInt(span.startTimeUnixNano)) / 1e6;
  return {
    traceId,
    spanId,
    parentSpanId,
    name,
    kind,
    service,
    ms,
    attributes: valuesOf(attributes),
    code: status?.code,
  };
}

function valuesOf(attributes: Attribute[]): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
}
