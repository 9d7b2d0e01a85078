import type { GameChanges } from './game-changes.js';

/** A provider or controller of the game: `DiceController` in `dice/dice.controller.ts` of `game/src`. */
export interface GameClass {
  name: string;
  /** From `game/src` on, without `.ts`. */
  file: string;
}

/** Has an app answer by a controller of the game's. @throws Error that says what to add by hand */
export function addControllerToModule(changes: GameChanges, type: string, controller: GameClass): void {
  const module = importIntoModule(changes, type, controller);
  if (/controllers: \[/.test(changes.readText(module)))
    changes.insertAfterLast(module, /controllers: \[/, `${controller.name}, `);
  else changes.insertAfterLast(module, /^@Module\(\{\s/m, `controllers: [${controller.name}], `);
}

/** Has an app keep entities of a class of the game's. @throws Error that says what to add by hand */
export function addEntityToModule(changes: GameChanges, type: string, entity: GameClass): void {
  const module = importIntoModule(changes, type, entity);
  const entities = /EntitiesModule\.forRoot\(\{\s*entities: \[/;
  if (entities.test(changes.readText(module)))
    return changes.insertAfterLast(module, entities, `${entity.name}, `);
  if (!changes.readText(module).includes('EntitiesModule'))
    changes.insertAfterLast(module, /^import .*\n/m, "import { EntitiesModule } from '@ccgame/entities';\n");
  changes.insertAfterLast(
    module,
    /RpcModule\.forRoot\([^)]*\)/,
    `, EntitiesModule.forRoot({ entities: [${entity.name}] })`,
  );
}

function importIntoModule(changes: GameChanges, type: string, { name, file }: GameClass): string {
  const module = `apps/${type}/src/${type}.module.ts`;
  changes.insertAfterLast(module, /^import .*\n/m, `import { ${name} } from '#game/${file}.js';\n`);
  return module;
}
