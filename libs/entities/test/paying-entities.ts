import { type CanActivate, UseGuards } from '@nestjs/common';
import { IsInt } from 'class-validator';
import { defineErrors, RpcError } from '@ccgame/rpc';
import { Entity, Handles, Room } from '../src/contract/decorators.js';
import { entity } from '../src/contract/entity-contract.js';
import { EntityOf, RoomOf } from '../src/live/entity-of.js';

const BankErrors = defineErrors({ NO_DEBT: { message: 'An account takes nothing away' } });

export class PayDto {
  /** The n-th payment is n, so that a sum tells which have come. */
  @IsInt() from: number;
  @IsInt() to: number;
}

/** The test's own process stands for the servers of this type. */
const serverType = 'local';
export const account = entity({ serverType, name: 'account', partitions: 2 });
export const credit = account.serverHandler('credit', { payload: Number, result: Number });
export const readCredits = account.serverHandler('read_credits', { result: [Number], input: 'query' });
export const closed = entity({ serverType, name: 'closed', partitions: 2 });
export const knock = closed.serverHandler('knock');

export const pot = entity({ serverType, name: 'pot', partitions: 2 });
export const payAndEnd = pot.serverHandler('pay_and_end', { payload: PayDto });
export const guess = pot.serverHandler('guess', { payload: Number, input: 'volatile' });
export const payGuess = pot.serverHandler('pay_guess');
export const payAndBreak = pot.serverHandler('pay_and_break');
export const purse = entity({ serverType, name: 'purse', partitions: 2 });
export const pay = purse.serverHandler('pay', { payload: PayDto });
export const payWrongly = purse.serverHandler('pay_wrongly');

/** As long as it is closed, nobody takes a payment. */
export class Bank implements CanActivate {
  static isOpen = false;
  canActivate(): boolean {
    if (!Bank.isOpen) throw new RpcError('BUSY');
    return true;
  }
}

@UseGuards(Bank)
@Entity(account, { createOnCall: true, checkpointMs: 100 })
export class Account extends EntityOf<{ credits: number[] }> {
  create(): { credits: number[] } {
    return { credits: [] };
  }
  @Handles(credit)
  credit(by: number): number {
    if (by < 0) throw BankErrors.NO_DEBT();
    return this.state.credits.push(by);
  }
  @Handles(readCredits)
  readCredits(): number[] {
    return this.state.credits;
  }
}

/** Not made by a call. */
@Entity(closed)
export class Closed extends EntityOf {
  create(): object {
    return {};
  }
  @Handles(knock)
  knock(): void {
    // Nobody is there.
  }
}

/** A room that pays to the account of its own id. */
@Room(pot, { tickHz: 20, checkpointMs: 60_000 })
export class Pot extends RoomOf<{ guessed: number }> {
  create(): { guessed: number } {
    return { guessed: 0 };
  }
  @Handles(payAndEnd)
  payAndEnd({ from, to }: PayDto): void {
    for (let by = from; by <= to; by += 1) this.sendCall(credit, this.id, by);
    this.end();
  }
  @Handles(guess)
  guess(by: number): void {
    this.state.guessed = by;
  }
  @Handles(payGuess)
  payGuess(): void {
    this.sendCall(credit, this.id, this.state.guessed);
  }
  @Handles(payAndBreak)
  payAndBreak(): void {
    this.sendCall(credit, this.id, 1);
    this.state.guessed = -1;
  }
  tick(): void {
    if (this.state.guessed < 0) throw new Error('It is broken');
  }
}

/** It sleeps when nobody calls, and goes with its version. */
@Entity(purse, { createOnCall: true, idleMs: 100, checkpointMs: 100 })
export class Purse extends EntityOf {
  create(): object {
    return {};
  }
  @Handles(pay)
  pay({ from, to }: PayDto): void {
    for (let by = from; by <= to; by += 1) this.sendCall(credit, this.id, by);
  }
  @Handles(payWrongly)
  payWrongly(): void {
    this.sendCall(knock, this.id, undefined);
    this.sendCall(credit, this.id, -1);
    this.sendCall(credit, this.id, 1);
  }
}
