import { readFileSync } from 'node:fs';
import { EventType } from './event-type.js';
import { renewRoute } from './session-protocol.js';

const text = readFileSync('docs/protocol.md', 'utf8');
const source = readFileSync('libs/protocol/src/session-protocol.ts', 'utf8');

/** The names of a union in the protocol's types. */
function namesOf(union: string): string[] {
  const body = new RegExp(`^(?:  ${union}:|export type ${union} =)([^;]*);`, 'm').exec(source)?.[1] ?? '';
  return [...body.matchAll(/'([^']+)'/g)].map(([, name]) => name);
}

describe('docs/protocol.md', () => {
  it('names every event, session push, closing code and reason of the protocol', () => {
    const routes = [...source.matchAll(/^ {2}'(session\.\w+)':/gm)].map(([, route]) => route);
    const codes = namesOf('code');
    const reasons = namesOf('NotRecovered');
    expect([routes.length, codes.length, reasons.length]).toEqual([4, 10, 3]);
    const names = [...Object.values(EventType), renewRoute, ...routes, ...codes, ...reasons];
    expect(names.filter((name) => !text.includes(`\`${name}\``))).toEqual([]);
  });

  it('names every field of the handshake, the resume and the opened session', () => {
    const fieldsOf = (type: string): string[] => {
      const body = new RegExp(`interface ${type} \\{([\\s\\S]*?)\\n\\}`).exec(source)?.[1] ?? '';
      return [...body.matchAll(/^ {2}(\w+)\??:/gm)].map(([, field]) => field);
    };
    const fields = ['HandshakeAuth', 'ResumeFrom', 'SessionOpened', 'SessionClosed'].flatMap(fieldsOf);
    expect(fields.length).toBeGreaterThan(15);
    expect(fields.filter((field) => !new RegExp(`\\b${field}\\b`).test(text))).toEqual([]);
  });
});
