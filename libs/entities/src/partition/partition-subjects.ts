/** Where one partition's fence, log and states stand in the stream of its server type. */
export class PartitionSubjects {
  private readonly prefix: string;

  /** @param name of the partition, which begins with its server type and version: see {@link partitionName} */
  constructor(name: string) {
    this.prefix = `entity.${name}`;
  }

  /** The fence, the log, and the states of rooms: what a successor has to read. */
  get live(): string {
    return `${this.prefix}.live.>`;
  }

  get fence(): string {
    return `${this.prefix}.live.fence`;
  }

  log(slot: number): string {
    return `${this.prefix}.live.log.${slot}`;
  }

  /** @param key of the entity: `<name>.<id>` */
  state(key: string, isRoom: boolean): string {
    return `${this.prefix}.${isRoom ? 'live' : 'kept'}.state.${key}`;
  }

  /** What a subject of {@link live} is of. */
  parse(subject: string): { kind: string; rest: string } {
    const [kind = '', ...rest] = subject.slice(this.prefix.length + '.live.'.length).split('.');
    return { kind, rest: rest.join('.') };
  }
}

/** `arena.1_0_0000.p3` */
export function partitionName(serverType: string, version: string, key: string): string {
  return `${serverType}.${version.replaceAll('.', '_')}.${key}`;
}
