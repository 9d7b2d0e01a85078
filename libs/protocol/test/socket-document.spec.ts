import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { clientHandlers, pushes } from '../../../game/src/contracts.js';
import { socketDocument } from '../src/socket-document/socket-document.js';

type Json = Record<string, any>;

const contracts = { clientHandlers, pushes };
const head = { title: 'ccgame', version: '1.0.0000', host: 'play.example.com' };
const document: Json = socketDocument(contracts, head);
const { messages } = document.components as Json;

/** The schema that the AsyncAPI initiative publishes. */
const published = JSON.parse(readFileSync('node_modules/@asyncapi/specs/schemas/3.0.0.json', 'utf8')) as Json;
// It brings draft 7 itself.
const isAsyncApi = new Ajv({
  strict: false,
  validateFormats: false,
  meta: false,
  validateSchema: false,
}).compile(published);
const ajv = new Ajv({ strict: false, validateFormats: false });
ajv.addSchema(document, 'document');

/** The fault of a message's payload: undefined for one that is as the document says. */
function faultOf(name: string, payload: unknown): unknown {
  const check = ajv.compile({ $ref: `document#/components/messages/${name}/payload` });
  return check(JSON.parse(JSON.stringify(payload))) ? undefined : check.errors;
}

/** Every reference of the document. */
function referencesIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  const { $ref } = value as Json;
  return [...(typeof $ref === 'string' ? [$ref] : []), ...Object.values(value).flatMap(referencesIn)];
}

describe('the AsyncAPI document of the socket', () => {
  it('is one, by the published schema, which refuses what is none', () => {
    isAsyncApi(document);
    expect(isAsyncApi.errors).toBeNull();
    const broken = structuredClone(document);
    broken.operations['Push.matched'].action = 'push';
    expect(isAsyncApi(broken)).toBe(false);
  });

  it('has no reference that leads nowhere, and no schema in vain', () => {
    const references = referencesIn(document);
    const found = references.map((reference) =>
      reference
        .slice(2)
        .split('/')
        .reduce((at: Json | undefined, key) => at?.[key] as Json | undefined, document),
    );
    expect(references.filter((_, index) => found[index] === undefined)).toEqual([]);
    const schemas = Object.keys(document.components.schemas as Json);
    const used = new Set(references.map((reference) => /schemas\/(.+)/.exec(reference)?.[1]));
    expect(schemas.filter((name) => !used.has(name))).toEqual([]);
  });

  it('has every handler that players may call, with its answer, and every push', () => {
    for (const { serverType, handler, retryPolicy } of Object.values(clientHandlers)) {
      const operation = document.operations[`Request.${serverType}.${handler}`] as Json;
      expect(operation).toMatchObject({ action: 'receive', 'x-retry-policy': retryPolicy });
      expect(operation.reply.messages).toHaveLength(1);
    }
    const sent = Object.entries(document.operations as Json)
      .filter(([, { action }]: [string, Json]) => action === 'send')
      .map(([name]) => name);
    const session = ['opened', 'position', 'move', 'closed'].map((name) => `Push.session.${name}`);
    const rooms = ['state', 'change', 'closed'].map((name) => `Push.room.${name}`);
    const ofGame = Object.keys(pushes).map((route) => `Push.${route}`);
    expect(sent.sort()).toEqual(['Position', ...session, ...rooms, ...ofGame].sort());
    expect(new Set(Object.values(messages as Json).map(({ name }: Json) => name as string))).toEqual(
      new Set(['CONNECT', 'CONNECT_ERROR', 'Push', 'Request', 'Response', 'Position']),
    );
  });

  it('allows what is sent, and forbids what a server would refuse', () => {
    const route = 'matching.user_join_matching';
    const join = { route, data: { mode: 'duel' }, timestamp: 1 };
    expect(faultOf(`Request.${route}`, join)).toBeUndefined();
    for (const wrong of [
      { ...join, route: 'matching.fly' },
      { ...join, data: { mode: 7 } },
      { ...join, data: {} },
      { ...join, timestamp: '1' },
      { route, data: join.data },
    ])
      expect([wrong, faultOf(`Request.${route}`, wrong)]).not.toEqual([wrong, undefined]);
    const match = { matchId: 'm', mode: 'duel', version: '1.0.0000', teams: [{ players: ['anna'] }] };
    expect(faultOf('Push.matched', { route: 'matched', data: match, position: 7 })).toBeUndefined();
    expect(faultOf('Push.matched', { route: 'matched', data: { ...match, teams: ['anna'] } })).toBeDefined();
    const opened = {
      session: 's',
      position: 0,
      recovered: false,
      serverId: 'c',
      version: 'v',
      retryPolicies: {},
    };
    expect(faultOf('Push.session.opened', { route: 'session.opened', data: opened })).toBeUndefined();
  });
});
