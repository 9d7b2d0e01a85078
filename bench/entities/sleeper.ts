import { IsInt } from 'class-validator';
import { Alarm, entity, Entity, EntityOf, Handles } from '@ccgame/entities';
import { serverHandler } from '@ccgame/rpc';

export class StepDto {
  @IsInt() by: number;
}

const serverType = 'bed';
export const sleeper = entity({ serverType, name: 'sleeper' });
export const step = sleeper.serverHandler('step', { payload: StepDto, result: StepDto });
export const readSteps = sleeper.serverHandler('read_steps', { result: Number, input: 'query' });
export const wakeLater = sleeper.serverHandler('wake_later', { payload: Number });
/** The same without an entity. */
export const echo = serverHandler({ serverType, handler: 'echo', payload: StepDto, result: StepDto });

/** Leaves memory after two seconds without a call. */
@Entity(sleeper, { createOnCall: true, idleMs: 2_000 })
export class Sleeper extends EntityOf<{ steps: number }> {
  create(): { steps: number } {
    return { steps: 0 };
  }

  @Handles(step)
  step({ by }: StepDto): StepDto {
    this.state.steps += by;
    return { by: this.state.steps };
  }

  @Handles(readSteps)
  readSteps(): number {
    return this.state.steps;
  }

  @Handles(wakeLater)
  wakeLater(ms: number): void {
    this.setAlarm('ring', ms);
  }

  @Alarm()
  ring(): void {
    this.state.steps += 1;
  }
}
