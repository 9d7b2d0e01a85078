import { readdirSync } from 'node:fs';
import { GameChanges } from './game-changes.js';
import { addEntity, addRoom } from './new-entity.js';
import { addHandler } from './new-handler.js';
import { addJob } from './new-job.js';
import { addServer } from './new-server.js';

/** Nothing is written: each is refused before, or ends as there is no such server type. */
describe('ccgame new', () => {
  const changes = (): GameChanges => new GameChanges(process.cwd());
  const withoutServer = /There is no server type dice/;

  it.each(['new', 'default', 'Class', 'import', 'await', 'entity', 'player_id', 'constructor', '__proto__'])(
    'writes no room or entity named %s, whose constant would be something else',
    (name) => {
      for (const add of [addRoom, addEntity])
        expect(() => add(changes(), `dice.${name}`)).toThrow(/means something else|is no entity/);
    },
  );

  it.each(['Constructor', 'constructor', 'to_string', 'has-own-property'])(
    'writes no handler named %s, whose method every object has',
    (name) => expect(() => addHandler(changes(), `dice.${name}`)).toThrow(/is no handler/),
  );

  it('writes no job with a name that is longer than Kubernetes takes for a CronJob', () => {
    const longest = 'a'.repeat(33);
    expect(() => addJob(changes(), `${longest}a`)).toThrow(/33 characters/);
    expect(() => addJob(changes(), 'sendTheMailOfTheWholeWeekAgainNow')).toThrow(/33 characters/);
    addJob(changes(), longest);
  });

  it('writes others', () => {
    for (const name of ['table', 'news', 'classRoom', 'throwing'])
      expect(() => addRoom(changes(), `dice.${name}`)).toThrow(withoutServer);
    for (const name of ['delete', 'new', 'throw_dice'])
      expect(() => addHandler(changes(), `dice.${name}`)).toThrow(withoutServer);
  });

  it('writes two of one name, of two server types and beside an import of that name, without one hiding the other', () => {
    const all = changes();
    addRoom(all, 'http.table');
    addRoom(all, 'matching.table');
    addEntity(all, 'http.profile');
    addEntity(all, 'matching.profile');
    addEntity(all, 'http.party', { keyed: true });
    const text = all.readText('game/src/contracts.ts');
    const [handlers = ''] = /^export const clientHandlers = \{\n(?: {2}.*\n)*/m.exec(text) ?? [];
    for (const line of [
      '  ...tableHandlers,',
      '  matchingEnterTable: matchingTableHandlers.enterTable,',
      '  matchingSeeTable: matchingTableHandlers.seeTable,',
      '  ...profileHandlers,',
      '  matchingReadProfile: matchingProfileHandlers.readProfile,',
      '  joinParty: partyHandlers.join,',
      '  httpCreateParty: httpPartyHandlers.createParty,',
    ])
      expect(handlers.split('\n')).toContain(line);
    expect(text).toContain(
      "import { partyHandlers as httpPartyHandlers } from './http/party.contract.js';\n",
    );
    expect(text).toMatch(/ {2}rooms: .*TableRooms & MatchingTableRooms;/);
  });

  it('writes no handler whose constant contracts.ts imports already', () => {
    expect(() => addHandler(changes(), 'matching.handlers')).toThrow(
      /contracts.ts has matchingHandlers already/,
    );
  });

  it.each(['operator', 'cron', ...readdirSync('k8s').filter((name) => /^[a-z]+$/.test(name))])(
    'writes no server type named %s, which is somebody’s user or manifests',
    (type) =>
      expect(() => addServer(changes(), type)).toThrow(/means something else already|is there already/),
  );
});
