import { Controller } from '@nestjs/common';
import { headers, type NatsConnection } from '@nats-io/nats-core';
import { MsgHdrsImpl } from '@nats-io/nats-core/internal';
import { connect } from '@nats-io/transport-node';
import { IsInt } from 'class-validator';
import fc from 'fast-check';
import { startNats, type NatsServer } from '#testing';
import { rejection, sleep, startRpcApp, type RpcApp } from '../test/rpc-app.js';
import {
  clientHandler,
  ClientHandler,
  clientTarget,
  RpcError,
  serverHandler,
  ServerHandler,
  type Target,
} from './index.js';

class NumberDto {
  @IsInt() n: number;
}

const open = clientHandler({ serverType: 'back', handler: 'open', payload: NumberDto, result: Number });
const secret = serverHandler({ serverType: 'back', handler: 'secret', payload: NumberDto, result: Number });
const keyed = clientHandler({
  serverType: 'back',
  handler: 'keyed',
  payload: NumberDto,
  result: Number,
  keyed: true,
});

function lists(head: Record<string, string | undefined>): Record<string, string[]> {
  return Object.fromEntries(Object.entries(head).map(([name, value]) => [name, [value ?? '']]));
}

let secretsTold = 0;

@Controller()
class BackController {
  @ClientHandler(open)
  open({ n }: NumberDto): number {
    return n;
  }

  @ClientHandler(keyed)
  keyed({ n }: NumberDto): number {
    return n;
  }

  @ServerHandler(secret)
  secret(): number {
    return ++secretsTold;
  }
}

let nats: NatsServer;
let back: RpcApp;
let caller: RpcApp;
let wire: NatsConnection;

beforeAll(async () => {
  nats = await startNats();
  back = await startRpcApp({ natsAddress: nats.address, serverId: 'back-0', controllers: [BackController] });
  await back.server.ownKey('k');
  caller = await startRpcApp({ natsAddress: nats.address, serverId: 'front-0' });
  wire = await connect({ servers: nats.address });
});
afterAll(async () => {
  await wire?.close();
  await caller?.close();
  await back?.close();
  await nats?.destroy();
});

/** What a connector does with a player's message. */
async function asPlayer(route: string, version?: string): Promise<unknown> {
  return caller.rpc.doRPC(clientTarget(route, version), { n: 1 }, { timeoutMs: 500 });
}

describe('a player’s route', () => {
  it('reaches a handler for players', async () => {
    expect(await asPlayer('back.open')).toBe(1);
    expect(await asPlayer('back.open', '1.0.0')).toBe(1);
  });

  const spellings = [
    'back.secret',
    'back..secret',
    'back.secret.',
    '.back.secret',
    'back.*',
    'back.>',
    '*.secret',
    '>',
    '*',
    'rpc.back.secret',
    'rpc.any.back.1_0_0.secret',
    'rpc.id.back-0.secret',
    'client.any.back.1_0_0.secret',
    '../rpc/any/back/1_0_0/secret',
    'back/secret',
    'back-0.secret',
    'back.open.secret',
    'back.secret ',
    ' back.secret',
    'back. secret',
    'back.secret\r\nSUB > 1\r\n',
    'back.secret\u0000',
    'back.secret\n',
    'back.ѕecret',
    'back．secret',
    'bаck.secret',
    'back.secret\u200b',
    'BACK.secret',
    'back.$alive',
    '$SRV.PING',
    '$JS.API.STREAM.LIST',
    '_INBOX.x',
    'back.open 1_0_0.secret',
    '__proto__.secret',
    'back.constructor',
    '',
    '.',
    `back.${'s'.repeat(100_000)}`,
    `${'b.'.repeat(50_000)}secret`,
  ];

  it.each(spellings)('reaches no handler for servers, spelled %j', async (route) => {
    const error = await rejection<RpcError>(asPlayer(route));
    expect(error).toBeInstanceOf(RpcError);
    expect(['INVALID', 'NO_SERVER']).toContain(error.code);
  });

  it.each(['1.0.0.secret', '*', '>', 'every', '1_0_0', '1.0.0 ', '', '1.0.0\r\n', 'latest.x'])(
    'reaches nothing by the version %j',
    async (version) => {
      const error = await rejection<RpcError>(asPlayer('back.secret', version));
      expect(['INVALID', 'NO_SERVER']).toContain(error.code);
    },
  );

  it('reaches no handler for servers, whatever it is', async () => {
    const piece = fc.oneof(
      fc.constantFrom(
        'back',
        'secret',
        'rpc',
        'client',
        'any',
        'id',
        'all',
        'key',
        '1_0_0',
        'every',
        'back-0',
        'k',
      ),
      fc.constantFrom('.', '..', '*', '>', ' ', '/', '\\', '-', '_', '$', '\t', '\u2024', '%2e'),
      fc.string({ maxLength: 8, unit: 'grapheme' }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 8 }), async (pieces) => {
        const route = pieces.join('');
        fc.pre(route !== 'back.open');
        const error = await rejection<RpcError>(asPlayer(route));
        expect(error).toBeInstanceOf(RpcError);
      }),
      { numRuns: 500 },
    );
    expect(secretsTold).toBe(0);
  });

  it('reaches none through any field of a target of the players’ scope', async () => {
    const evil = ['secret', 'x.secret', '*', '>', 'rpc.any.back.1_0_0.secret', 'a b', '', 'every', 'сecret'];
    const targets = evil.flatMap((value) => [
      { scope: 'client', serverId: value, handler: 'secret' },
      { scope: 'client', serverId: 'back-0', handler: value },
      { scope: 'client', serverType: value, handler: 'secret' },
      { scope: 'client', serverType: 'back', handler: value },
      { scope: 'client', serverType: 'back', version: value, handler: 'secret' },
      { scope: 'client', serverType: 'back', key: value, handler: 'secret' },
      { scope: 'client', serverType: 'back', all: true, version: value, handler: 'secret' },
      { scope: value, serverType: 'back', handler: 'secret' },
    ]) as Target<string>[];
    for (const target of targets) {
      if ((target.scope as string) === '') continue;
      expect(await rejection(caller.rpc.doRPC(target, { n: 1 }, { timeoutMs: 500 }))).toBeInstanceOf(
        RpcError,
      );
    }
    expect(secretsTold).toBe(0);
  });
});

describe('whatever bytes come', () => {
  const subjects = [
    'rpc.id.back-0.secret',
    'rpc.any.back.1_0_0.secret',
    'rpc.all.back.1_0_0.secret',
    'rpc.all.back.every.secret',
    'client.id.back-0.open',
    'client.any.back.1_0_0.open',
    'client.all.back.1_0_0.open',
    'client.key.back.1_0_0.k.keyed',
    'rpc.id.back-0.$alive',
    '$SRV.PING',
    '$SRV.INFO.back',
    '$SRV.STATS.back.back-0',
  ];
  const bodies = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc.json().map((text) => new TextEncoder().encode(text)),
    fc
      .constantFrom(
        '{',
        '[',
        '"',
        '{"n":',
        'null',
        '[[[[',
        '\ufeff{"n":1}',
        '{"__proto__":{"n":1}}',
        '{"n":1e999}',
      )
      .map((text) => new TextEncoder().encode(text)),
  );
  const headerValue = fc.string({ maxLength: 60, unit: 'grapheme' }).filter((text) => !/[\r\n]/.test(text));
  const heads = fc.record(
    {
      'Rpc-Left': fc.oneof(
        headerValue,
        fc.constantFrom('1000', '1e3', '-5', 'NaN', '0x10', '99999999999999'),
      ),
      'Rpc-Version': headerValue,
      'Rpc-Attributes': fc.oneof(
        headerValue,
        fc.constantFrom('{}', '[1]', 'null', '{"a":1}', '{"a":"b"}', '"x"'),
      ),
      'Rpc-Bytes': headerValue,
      traceparent: headerValue,
      'X-Other': headerValue,
    },
    { requiredKeys: [] },
  );

  it.each(subjects)('%s answers each request with a type, and the server lives', async (subject) => {
    await fc.assert(
      fc.asyncProperty(bodies, heads, async (body, head) => {
        const message = await wire
          .request(subject, body, {
            timeout: 3_000,
            headers: Object.keys(head).length > 0 ? MsgHdrsImpl.fromRecord(lists(head)) : headers(),
          })
          .catch((error: Error) => error);
        // A caller who says that he has given up gets no answer: that is the deadline's promise.
        if (/^0+$/.test(head['Rpc-Left'] ?? '')) return;
        expect(message).not.toBeInstanceOf(Error);
      }),
      { numRuns: 60, endOnFailure: true },
    );
    expect(await caller.rpc.doRPC({ serverId: 'back-0', handler: open }, { n: 7 })).toBe(7);
  });

  it('raw header bytes that are no headers don’t end the server', async () => {
    const { createConnection } = await import('node:net');
    const socket = createConnection(nats.port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.write('CONNECT {"headers":true,"verbose":false}\r\n');
    for (const block of [
      'NATS/1.0\r\n\r\n',
      'NATS/1.0\r\n: \r\n\r\n',
      'NATS/1.0 999 x\r\nRpc-Left\r\n\r\n',
      'NATS/1.0\r\nRpc-Left: 5000\r\n',
    ]) {
      const size = Buffer.byteLength(block);
      socket.write(`HPUB rpc.any.back.1_0_0.secret _INBOX.back.x.rpc.1 ${size} ${size + 2}\r\n${block}{}\r\n`);
    }
    await sleep(200);
    socket.destroy();
    expect(await caller.rpc.doRPC({ serverId: 'back-0', handler: open }, { n: 7 })).toBe(7);
  });

  it('an answer that can’t be read fails its call with INTERNAL, and no other', async () => {
    for (const body of ['{', '["-"', 'x'.repeat(100), '\u0000']) {
      const service = wire.subscribe('rpc.id.liar-0.x', {
        callback: (_, message) => {
          message.respond(body);
        },
      });
      await wire.flush();
      expect((await rejection(caller.rpc.doRPC({ serverId: 'liar-0', handler: 'x' }))).code).toBe('INTERNAL');
      service.unsubscribe();
    }
  });

  it('a forged batch of answers changes nothing', async () => {
    const inboxes: string[] = [];
    const spy = wire.subscribe('rpc.id.spied-0.x', {
      callback: (_, message) => {
        inboxes.push(message.reply ?? '');
      },
    });
    await wire.flush();
    const call = caller.rpc.doRPC({ serverId: 'spied-0', handler: 'x' }, {}, { timeoutMs: 200 });
    const failure = rejection(call);
    await sleep(50);
    const inbox = inboxes[0].slice(0, inboxes[0].lastIndexOf('.') + 1);
    for (const body of ['{', '5', 'null', '{"a":1}', '["nobody",1]', '[null]', '[{}]', '']) {
      wire.publish(`${inbox}-`, body);
    }
    expect((await failure).code).toBe('TIMEOUT');
    spy.unsubscribe();
    expect(await caller.rpc.doRPC({ serverId: 'back-0', handler: open }, { n: 7 })).toBe(7);
  });
});
