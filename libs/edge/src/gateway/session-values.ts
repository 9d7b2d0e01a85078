import { RpcError } from '@ccgame/rpc';
import type { SessionClaim, SessionClaims, ValueChanges } from '@ccgame/sessions';

/** The values that a game keeps with a session, as this connector holds them. */
export class SessionValues {
  /** The newest change. */
  private changed?: Promise<void>;

  constructor(
    private readonly playerId: string,
    private readonly claim: SessionClaim,
    private readonly claims: Pick<SessionClaims, 'changeHeldData'>,
  ) {}

  readValue(name: string): unknown {
    const { data } = this.claim.record;
    return data && Object.hasOwn(data, name) ? data[name] : undefined;
  }

  /** One change after the other: two at once would refuse each other. @throws RpcError MOVED, and see `SessionClaims.changeHeldData` */
  changeValues(changes: ValueChanges, isMoved: () => boolean): Promise<void> {
    const change = async (): Promise<void> => {
      if (isMoved()) throw new RpcError('MOVED');
      await this.claims.changeHeldData(this.playerId, this.claim, changes);
    };
    const mine = this.changed?.then(change, change) ?? change();
    this.changed = mine;
    return mine;
  }
}
