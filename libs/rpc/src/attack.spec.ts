import { Controller } from '@nestjs/common';
import { headers, type Msg, type NatsConnection, type Subscription } from '@nats-io/nats-core';
import { MsgHdrsImpl } from '@nats-io/nats-core/internal';
import { connect } from '@nats-io/transport-node';
import { IsInt } from 'class-validator';
import fc from 'fast-check';
import { startNats, type NatsServer } from '@ccgame/testing';
import { rejection, sleep, startRpcApp, type RpcApp } from '../test/rpc-app.js';
import { clientHandler, serverHandler } from './contract/contract.js';
import { ClientHandler, ServerHandler } from './contract/decorators.js';
import { clientTarget } from './contract/client-target.js';
import { NATS_CONNECTION } from '@ccgame/nats';
import { RpcError } from './errors.js';
import { type Target } from './contract/target.js';

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

/** Does what a connector does with a player's message. */
async function asPlayer(route: string, version?: string): Promise<unknown> {
  return caller.rpc.doRPC(clientTarget(route, version), { n: 1 }, { timeoutMs: 500 });
}

describe('a player’s route', () => {
  it('reaches a handler for players', async () => {
    expect(await asPlayer('back.open')).toBe(1);
    expect(await asPlayer('back.open', '1.0.0000')).toBe(1);
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
    'rpc.any.back.1_0_0000.secret',
    'rpc.id.back.back-0.secret',
    'client.any.back.1_0_0000.secret',
    '../rpc/any/back/1_0_0000/secret',
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
    'back.open 1_0_0000.secret',
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

  it.each(['1.0.0000.secret', '*', '>', 'every', '1_0_0000', '1.0.0000 ', '', '1.0.0000\r\n', 'latest.x'])(
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
        '1_0_0000',
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
    const evil = [
      'secret',
      'x.secret',
      '*',
      '>',
      'rpc.any.back.1_0_0000.secret',
      'a b',
      '',
      'every',
      'сecret',
    ];
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
  /** Every subject that the server listens to, as its own connection knows them; but for its inboxes. */
  function heard(): string[] {
    const { protocol } = back.app.get<{ protocol: { subscriptions: { subs: Map<number, Subscription> } } }>(
      NATS_CONNECTION,
    );
    const all = [...protocol.subscriptions.subs.values()].map((one) => one.getSubject());
    return [...new Set(all)].filter((subject) => !subject.startsWith('_INBOX.'));
  }

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

  /** The answer that each subject promises, whatever comes. */
  function isTyped(subject: string, { headers: head, data }: Msg): boolean {
    if (subject.startsWith('$SRV.'))
      return JSON.parse(Buffer.from(data).toString()).type.startsWith('io.nats');
    if (subject.endsWith('.$alive')) return head?.get('Rpc-Server').startsWith('back-0/') === true;
    const code = head?.get('Rpc-Error');
    return code ? code === 'INVALID' : Number.isInteger(JSON.parse(Buffer.from(data).toString()));
  }

  it('each request on each subject that a server listens to has a typed answer, and the server lives', async () => {
    const subjects = heard();
    expect(subjects).toEqual(
      expect.arrayContaining([
        'rpc.id.back.back-0.secret',
        'rpc.any.back.1_0_0000.secret',
        'rpc.all.back.1_0_0000.secret',
        'rpc.all.back.every.secret',
        'client.id.back.back-0.open',
        'client.any.back.1_0_0000.open',
        'client.key.back.1_0_0000.k.keyed',
        'rpc.id.back.back-0.$alive',
        '$SRV.PING',
        '$SRV.STATS.back.back-0',
      ]),
    );
    await fc.assert(
      fc.asyncProperty(bodies, heads, async (body, head) => {
        const given = Object.keys(head).length > 0 ? MsgHdrsImpl.fromRecord(lists(head)) : headers();
        // A caller that says that it has given up gets no answer: that is the deadline's promise.
        fc.pre(!/^0+$/.test(head['Rpc-Left'] ?? ''));
        const answers = subjects.map(async (subject) => {
          const answer = await wire.request(subject, body, { timeout: 3_000, headers: given });
          return isTyped(subject, answer) ? [] : [subject];
        });
        expect((await Promise.all(answers)).flat()).toEqual([]);
      }),
      { numRuns: 150, endOnFailure: true },
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
      socket.write(
        `HPUB rpc.any.back.1_0_0000.secret _INBOX.back.x.rpc.1 ${size} ${size + 2}\r\n${block}{}\r\n`,
      );
    }
    await sleep(200);
    socket.destroy();
    expect(await caller.rpc.doRPC({ serverId: 'back-0', handler: open }, { n: 7 })).toBe(7);
  });

  it('an answer that can’t be read fails its call with INTERNAL, and no other', async () => {
    for (const body of ['{', '["-"', 'x'.repeat(100), '\u0000']) {
      const service = wire.subscribe('rpc.id.liar.liar-0.x', {
        callback: (_, message) => {
          message.respond(body);
        },
      });
      await wire.flush();
      expect((await rejection(caller.rpc.doRPC({ serverId: 'liar-0', handler: 'x' }))).code).toBe('INTERNAL');
      service.unsubscribe();
    }
  });

  it('a server that is named in an answer and is none ends no caller', async () => {
    const named = headers();
    named.set('Rpc-Status', 'working');
    named.set('Rpc-Server', 'a b.>/1');
    const service = wire.subscribe('rpc.id.liar.liar-0.x', {
      callback: (_, message) => void message.respond(undefined, { headers: named }),
    });
    await wire.flush();
    const call = caller.rpc.doRPC({ serverId: 'liar-0', handler: 'x' }, {}, { timeoutMs: 600 });
    // Meanwhile it is asked twice whether that server lives.
    expect((await rejection(call)).code).toBe('GONE');
    service.unsubscribe();
  });

  it('a server that answers a ping for another type gets no call of that type', async () => {
    const given = headers();
    for (const [name, value] of Object.entries({
      'Rpc-Error': 'BUSY',
      'Rpc-Status': 'refused',
      'Rpc-Server': 'full-0/1',
    }))
      given.set(name, value);
    const metadata = { serverId: 'spy-0', serverType: 'full', version: '1.0.0000' };
    const heard: string[] = [];
    const subscriptions = [
      wire.subscribe('rpc.any.full.1_0_0000.x', {
        callback: (_, message) => void message.respond('{}', { headers: given }),
      }),
      wire.subscribe('$SRV.PING.full', {
        callback: (_, message) => void message.respond(JSON.stringify({ metadata })),
      }),
      wire.subscribe('*.id.spy.>', { callback: (_, message) => void heard.push(message.subject) }),
    ];
    await wire.flush();
    const call = caller.rpc.doRPC({ serverType: 'full', handler: 'x' });
    expect((await rejection(call)).code).toBe('BUSY');
    expect(heard).toEqual([]);
    for (const subscription of subscriptions) subscription.unsubscribe();
  });

  it('a forged batch of answers changes nothing', async () => {
    const inboxes: string[] = [];
    const spy = wire.subscribe('rpc.id.spied.spied-0.x', {
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
