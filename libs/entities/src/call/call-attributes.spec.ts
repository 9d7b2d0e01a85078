import {
  afterOf,
  attributesAround,
  callAttributes,
  callIdOf,
  isOfServer,
  sourceAttributes,
  sourceOf,
} from './call-attributes.js';

it('a call that is made in another one, as by a guard, has the player of that one, and is neither its repeat nor behind another', () => {
  const call = { caller: 'server', number: 7, acked: 6 };
  const stored = sourceAttributes('a', { from: 'play.pot.p', number: 3 });
  const ofPlayer = { uid: 'ann', session: 's', request: '9', after: '8' };
  const made = { ...attributesAround({ ...stored, ...ofPlayer }), ...callAttributes('b', call) };
  expect([made.entity, made.uid]).toEqual(['b', 'ann']);
  expect(callIdOf(made)).toEqual(call);
  expect([sourceOf(made), afterOf(made), isOfServer(made)]).toEqual([undefined, undefined, true]);
});
