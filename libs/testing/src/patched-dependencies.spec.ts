import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import type { Socket as NetSocket } from 'node:net';
import { join } from 'node:path';
import { type CanActivate, Controller, Module, UseGuards } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  type CustomTransportStrategy,
  type MessageHandler,
  MessagePattern,
  Payload,
  Server as TransportServer,
} from '@nestjs/microservices';
import { jetstreamManager } from '@nats-io/jetstream';
import { headers, type Msg, type NatsConnection } from '@nats-io/nats-core';
import { TE } from '@nats-io/nats-core/internal';
import { Type } from 'class-transformer';
import { IsOptional, MaxLength } from 'class-validator';
import { lastValueFrom, type Observable } from 'rxjs';
import { headerText, type RawMessage, replyText, subjectText } from '@ccgame/nats';
import { connectNats } from '../../nats/src/nats-connection.js';
import { directMethodOf, installNestHooks } from '../../rpc/src/serve/nest-internals.js';
import { nestedType, pureCheck, rulesOf } from '../../rpc/src/validation/dto-rules.js';
import { type NatsServer, startNats } from './index.js';

/** Packages whose insides the repository reaches into, and nats.js's others, which take one nats-core alone. */
const patched = [
  '@nats-io/nats-core',
  '@nats-io/transport-node',
  '@nats-io/jetstream',
  '@nats-io/kv',
  '@nestjs/common',
  '@nestjs/core',
  '@nestjs/microservices',
  '@nestjs/websockets',
  'class-transformer',
  'class-validator',
  'engine.io',
  'engine.io-client',
  // By the tests alone: jest-runtime.spec.ts.
  'jest-runtime',
  'socket.io',
  'socket.io-client',
  'ws',
];

/** A rule of Renovate; the last one that fits wins. */
interface Rule {
  matchDepTypes?: string[];
  matchPackageNames?: string[];
}

/** `from '@nestjs/common/constants.js'`, of others' packages */
const partImport = /from '(@(?!ccgame\/)[a-z-]+\/[a-z.-]+|[a-z][a-z.-]+)\/[^']+'/g;

interface Manifest {
  version?: string;
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
}

const manifests = ['package.json', ...readdirSync('libs').map((name) => join('libs', name, 'package.json'))];

describe('A dependency whose insides are patched', () => {
  it.each(patched)('%s is asked for by one exact version, the installed one', (dependency) => {
    const installed = readManifest(join('node_modules', dependency, 'package.json')).version;
    const asked = manifests
      .filter((file) => existsSync(file))
      .flatMap((file) => versionsAsked(readManifest(file), dependency).map((version) => ({ file, version })));
    expect(asked.length).toBeGreaterThan(0);
    expect(asked.filter(({ version }) => version !== installed)).toEqual([]);
  });

  it('is in this list where a file of it is imported beside its entry', () => {
    const code = execFileSync('git', ['ls-files', 'libs/*.ts', 'apps/*.ts', 'game/*.ts'], {
      encoding: 'utf8',
    });
    const imported = code
      .trim()
      .split('\n')
      .filter((path) => !/\.(spec|e2e)\.ts$|\/test\//.test(path) && existsSync(path))
      .flatMap((path) => [...readFileSync(path, 'utf8').matchAll(partImport)].map(([, name]) => name));
    expect(imported).toContain('@nats-io/nats-core');
    expect([...new Set(imported)].filter((name) => !patched.includes(name))).toEqual([]);
  });

  it('comes by Renovate with its family alone: never among the development tools, never unseen', () => {
    const { packageRules } = JSON.parse(readFileSync('renovate.json', 'utf8')) as { packageRules: Rule[] };
    const families = packageRules.slice(packageRules.findIndex(({ matchDepTypes }) => matchDepTypes) + 1);
    for (const rule of families) expect(rule).toMatchObject({ rangeStrategy: 'pin', automerge: false });
    const names = families.flatMap(({ matchPackageNames = [] }) => matchPackageNames);
    const isNamed = (dependency: string): boolean =>
      names.some(
        (name) => name === dependency || (name.endsWith('/**') && dependency.startsWith(name.slice(0, -2))),
      );
    expect(patched.filter((dependency) => !isNamed(dependency))).toEqual([]);
  });
});

/** Several patches fall back to the public way where the inside has changed: as right, but slower, so only this would tell. */
describe('nats.js has inside what is patched:', () => {
  let server: NatsServer;
  let nats: NatsConnection;
  beforeAll(async () => {
    server = await startNats();
    nats = await connectNats({
      address: server.address,
      name: 'patches',
      serverType: 'patches',
      coalesceWrites: true,
    });
  });
  afterAll(async () => {
    await nats.close();
    await server.destroy();
  });

  async function receive(): Promise<Msg> {
    const subscription = nats.subscribe('patches', { max: 1 });
    const sent = headers();
    sent.set('Name', 'ü');
    nats.publish('patches', 'payload', { headers: sent });
    for await (const message of subscription) return message;
    throw new Error('nothing came');
  }

  it('TE.encode, by which it encodes texts, replaced by Buffer in nats-connection.ts', async () => {
    const encode = jest.spyOn(TE, 'encode');
    await receive();
    expect(encode.mock.calls.flat()).toContain('payload');
    expect(encode.mock.results.every(({ value }) => Buffer.isBuffer(value))).toBe(true);
    encode.mockRestore();
  });

  it('protocol.transport, whose send and _send coalesce-writes.ts holds until the end of a turn', async () => {
    const { transport } = (nats as unknown as { protocol: { transport: { socket: NetSocket } } }).protocol;
    const write = jest.spyOn(transport.socket, 'write');
    const received = receive();
    await new Promise((resolve) => process.nextTick(resolve));
    expect(write).not.toHaveBeenCalled();
    await received;
    expect(write).toHaveBeenCalled();
    write.mockRestore();
  });

  it('protocol.prepare and sendCommand, in whose place coalesce-writes.ts gathers what is published', async () => {
    const { protocol } = nats as unknown as { protocol: { outbound: { fill(): void } } };
    const fill = jest.spyOn(protocol.outbound, 'fill');
    await receive();
    expect(fill).not.toHaveBeenCalled();
    fill.mockRestore();
  });

  it('yields of protocol.transport, past which read-at-once.ts parses what comes', async () => {
    const { transport } = (nats as unknown as { protocol: { transport: { yields: unknown[] } } }).protocol;
    const push = jest.spyOn(transport.yields, 'push');
    await receive();
    expect(push).not.toHaveBeenCalled();
  });

  it('_rdata and _msg of a message, from which header-text.ts and wire-headers.ts read the header block', async () => {
    const message = await receive();
    const { _rdata: bytes, _msg: lengths } = message as RawMessage;
    expect(bytes).toBeInstanceOf(Uint8Array);
    expect(Buffer.from(bytes ?? []).toString('utf8', 0, lengths?.hdr)).toBe(headerText(message));
    expect(headerText(message)).toBe('NATS/1.0\r\nName: ü\r\n\r\n');
    expect(lengths?.subject).toBeInstanceOf(Uint8Array);
    expect([subjectText(message), replyText(message)]).toEqual([message.subject, message.reply]);
  });

  it('options of a connection, from which private-inbox.ts takes the prefix', () => {
    expect(nats).toHaveProperty('options.inboxPrefix');
  });

  it('nc of a JetStream manager, from which making-rights.ts learns whether the server has JetStream', async () => {
    expect(await jetstreamManager(nats)).toHaveProperty('nc.info.jetstream', true);
  });
});

class Refuses implements CanActivate {
  canActivate(): boolean {
    return false;
  }
}

@Controller()
class Handlers {
  @MessagePattern('bare')
  bare(@Payload() payload: unknown): unknown {
    return payload;
  }

  @UseGuards(Refuses)
  @MessagePattern('guarded')
  guarded(@Payload() payload: unknown): unknown {
    return payload;
  }

  @MessagePattern('failing')
  failing(): never {
    throw new RangeError('as it was thrown');
  }
}

@Module({ controllers: [Handlers] })
class HandlersModule {}

class Strategy extends TransportServer implements CustomTransportStrategy {
  constructor() {
    super();
    installNestHooks();
  }
  listen(callback: () => void): void {
    callback();
  }
  close(): void {}
  on(): void {}
  unwrap<T>(): T {
    throw new Error('there is nothing inside');
  }
}

describe('Nest has inside what nest-internals.ts patches:', () => {
  const strategy = new Strategy();
  const handlerOf = (pattern: string) => strategy.getHandlers().get(pattern) as MessageHandler;
  beforeAll(async () => {
    await (await NestFactory.createMicroservice(HandlersModule, { strategy, logger: false })).listen();
  });

  it('RpcContextCreator.create and its creators of guards, pipes, interceptors and filters, which tell a bare method', () => {
    expect(directMethodOf(handlerOf('bare'))?.('payload', {})).toBe('payload');
    expect(directMethodOf(handlerOf('guarded'))).toBeUndefined();
  });

  it('BaseRpcExceptionFilter.catch, through which an error passes as it was thrown', async () => {
    const answer = (await handlerOf('failing')('payload', {})) as Observable<unknown>;
    await expect(lastValueFrom(answer)).rejects.toThrow(new RangeError('as it was thrown'));
  });
});

class Nested {
  name: string;
}
class Nesting {
  @Type(() => Nested) nested: Nested;
}

describe('class-transformer has inside what is read:', () => {
  it('its storage of @Type, from which dto-rules.ts knows the class of a nested field', () => {
    expect(nestedType(Nesting, 'nested')).toBe(Nested);
  });
});

class Ruled {
  @IsOptional() @MaxLength(3) name?: string;
}

describe('class-validator has inside what is read:', () => {
  it('its storage of rules and of their checks, from which dto-rules.ts makes schemas and checks of bare values', () => {
    const rules = rulesOf(Ruled).get('name') ?? [];
    expect(rules.map(({ type, name }) => [type, name])).toEqual([
      ['customValidation', 'maxLength'],
      ['conditionalValidation', 'isOptional'],
    ]);
    const [isShort] = rules.flatMap((rule) => pureCheck(rule) ?? []);
    expect([isShort?.('abc'), isShort?.('abcd')]).toEqual([true, false]);
  });
});

function versionsAsked(manifest: Manifest, dependency: string): string[] {
  const { dependencies, devDependencies, peerDependencies } = manifest;
  return [dependencies, devDependencies, peerDependencies].flatMap((asked) => asked?.[dependency] ?? []);
}

function readManifest(file: string): Manifest {
  return JSON.parse(readFileSync(file, 'utf8')) as Manifest;
}
