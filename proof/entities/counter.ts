import { Alarm, Entity, EntityOf, Handles } from '@ccgame/entities';
import {
  add,
  type AddDto,
  addLater,
  counter,
  type CounterValue,
  gain,
  grow,
  type LaterDto,
  type SizeDto,
} from './contracts.js';

interface CounterState {
  value: number;
  inputs: number;
  ballast: string;
}

@Entity(counter, { createOnCall: true, maxStateBytes: 16 * 1024, checkpointMs: 300 })
export class Counter extends EntityOf<CounterState> {
  create(): CounterState {
    return { value: 0, inputs: 0, ballast: '' };
  }

  @Handles(add)
  add({ by }: AddDto): CounterValue {
    this.state.value += by;
    this.state.inputs += 1;
    return this.view();
  }

  @Handles(addLater)
  addLater({ by, afterMs }: LaterDto): void {
    this.setAlarm('addNow', afterMs, by);
  }

  @Alarm()
  addNow(by: number): void {
    this.state.value += by;
    this.state.inputs += 1;
  }

  @Handles(gain)
  gain(by: number): void {
    this.state.value += by;
    this.state.inputs += 1;
  }

  @Handles(grow)
  grow({ bytes }: SizeDto): CounterValue {
    this.state.ballast = 'x'.repeat(bytes);
    return this.view();
  }

  private view(): CounterValue {
    const { value, inputs } = this.state;
    return { value, inputs };
  }
}
