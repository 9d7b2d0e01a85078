import { type NatsClock } from '@ccgame/jetstream';
import { rpcContext } from '@ccgame/rpc';
import type { Sanctions } from '@ccgame/sessions';
import type { ModeCatalogue } from '../catalogue/mode-catalogue.js';
import type { Mode } from '../pool/rules/mode.js';
import type { TicketAttributesHook } from './ticket-attributes-hook.js';
import { WantedTickets } from './wanted-ticket.js';

const mode: Mode = {
  name: 'rated',
  teams: 2,
  teamSize: 2,
  maxParty: 2,
  attributes: {
    region: { type: 'enum', values: ['eu', 'us'], default: 'eu' },
    skill: { type: 'number', min: 0, max: 10_000, default: 1_000, setBy: 'server' },
  },
  hardKeys: [],
};

describe('what decides about a ticket', () => {
  const ask = (hook: TicketAttributesHook['attributesFor'] | undefined, attributes: object) =>
    rpcContext.run({ attributes: {} }, () =>
      new WantedTickets(
        { get: () => mode } as unknown as ModeCatalogue,
        { now: () => 7 } as NatsClock,
        { assertNotBanned: () => {}, sanctionOf: () => undefined } as unknown as Sanctions,
        hook && { attributesFor: hook },
      ).ofPlayer('anna', '1.0.0000', { mode: mode.name, party: ['ben'], attributes: attributes as never }),
    );

  it('is asked of the game for all of a party, and stands over what a player said', async () => {
    const asked: unknown[] = [];
    const hook: TicketAttributesHook['attributesFor'] = async (join) => {
      asked.push(join);
      return { skill: 4_000, region: 'us' };
    };
    const ticket = await ask(hook, { region: 'eu' });
    expect(ticket.attributes).toEqual({ skill: 4_000, region: 'us' });
    expect(asked).toEqual([{ mode: 'rated', players: ['anna', 'ben'], given: { region: 'eu' } }]);
  });

  it('has its default where the game says nothing', async () => {
    expect((await ask(undefined, {})).attributes).toEqual({ skill: 1_000, region: 'eu' });
    expect((await ask(async () => ({}), {})).attributes).toEqual({ skill: 1_000, region: 'eu' });
  });

  it('is refused from a player before the game is asked', async () => {
    const hook = jest.fn(async () => ({ skill: 4_000 }));
    await expect(ask(hook, { skill: 9_000 })).rejects.toMatchObject({ code: 'INVALID' });
    expect(hook).not.toHaveBeenCalled();
  });

  it('fails the join where the game says what the mode does not allow, or nothing at all', async () => {
    await expect(ask(async () => ({ skill: -1 }), {})).rejects.toMatchObject({ code: 'INTERNAL' });
    await expect(ask(() => Promise.reject(new Error('away')), {})).rejects.toThrow('away');
  });
});
