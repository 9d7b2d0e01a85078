import { RpcError } from '@ccgame/rpc';
import {
  bindingTo,
  type Bindings,
  boundServerName,
  noBindingTo,
  type SessionClaim,
  type SessionClaims,
  type ValueChanges,
} from '@ccgame/sessions';

/** The part of a session that outlives its socket: the game's values, and the servers and rooms that it is bound to. */
export abstract class KeptSession {
  isDisplaced = false;
  /** The newest change. */
  private changed?: Promise<void>;

  constructor(
    readonly playerId: string,
    readonly claim: SessionClaim,
    private readonly bindings: Bindings,
    private readonly claims: Pick<SessionClaims, 'changeHeldData'>,
  ) {}

  boundTo({ kind }: { readonly kind: string }): Promise<string | undefined> {
    return this.bindings.findBound(this.playerId, kind);
  }

  get(name: string): unknown {
    const { data } = this.claim.record;
    return data && Object.hasOwn(data, name) ? data[name] : undefined;
  }

  set(name: string, value: unknown): Promise<void> {
    return this.changeData({ [name]: value ?? null });
  }

  boundServer(serverType: string): string | undefined {
    if (!this.claim.record.data) return undefined;
    const serverId = this.get(boundServerName(serverType));
    return typeof serverId === 'string' ? serverId : undefined;
  }

  async bind(serverId: string): Promise<void> {
    await this.changeData(bindingTo(serverId));
  }

  async unbind(serverType: string): Promise<void> {
    await this.changeData(noBindingTo(serverType));
  }

  /** One change after the other: two at once would refuse each other. @throws RpcError MOVED, and see `SessionClaims.changeHeldData` */
  changeData(changes: ValueChanges): Promise<void> {
    const change = async (): Promise<void> => {
      if (this.isDisplaced) throw new RpcError('MOVED');
      await this.claims.changeHeldData(this.playerId, this.claim, changes);
    };
    const mine = this.changed?.then(change, change) ?? change();
    this.changed = mine;
    return mine;
  }
}
