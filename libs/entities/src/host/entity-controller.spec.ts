import { Entity, Handles, Room } from '../contract/decorators.js';
import { entity } from '../contract/entity-contract.js';
import { EntityOf, RoomOf } from '../live/entity-of.js';
import { entityControllerOf } from './entity-controller.js';

const chest = entity({ serverType: 'play', name: 'chest' });
const open = chest.serverHandler('open');
const close = chest.clientHandler('close');
const lamp = entity({ serverType: 'play', name: 'lamp' });
const light = lamp.serverHandler('light');

class Thing extends EntityOf {
  create(): object {
    return {};
  }
}

describe('a class of entities', () => {
  it('is not served without a method for each handler of its contract', () => {
    @Entity(chest)
    class Chest extends Thing {
      @Handles(close)
      close(): void {}
    }
    expect(() => entityControllerOf(Chest)).toThrow('Chest has no method with @Handles for open');
    @Entity(chest)
    class WholeChest extends Chest {
      @Handles(open)
      open(): void {}
    }
    expect(entityControllerOf(WholeChest).name).toBe('EntityController');
  });

  it('is not served with a method for the handler of another one', () => {
    @Entity(lamp)
    class Lamp extends Thing {
      @Handles(open)
      light(): void {}
    }
    expect(() => entityControllerOf(Lamp)).toThrow('Lamp.light: open is no handler of lamp');
    expect([...lamp.handlers]).toEqual([light]);
  });

  it('of a room without a view is none where players may ask for one', () => {
    const hall = entity({ serverType: 'play', name: 'hall' });
    hall.viewHandler();
    class Hall extends RoomOf {
      create(): object {
        return {};
      }
      tick(): void {}
    }
    expect(() => Room(hall, { tickHz: 1 })(Hall)).toThrow('Hall has neither view nor viewOf');
  });
});
