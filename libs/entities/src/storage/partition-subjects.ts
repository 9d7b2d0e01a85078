/**
 * Where a partition stands in the stream of its server type. A version's servers have a fence and a log of their own; the state of an
 * entity has one place for all versions, so that whichever writes it next has to know what stands there.
 */
export class PartitionSubjects {
  /** All that belongs to the partition, in all versions: `entity.dice.p3` */
  readonly root: string;

  /** @param key of the partition: `p3` */
  constructor(
    private readonly serverType: string,
    private readonly version: string,
    private readonly key: string,
  ) {
    this.root = `entity.${serverType}.${key}`;
  }

  /** As it is known to those who share it: `dice.1_0_0000.p3` */
  get name(): string {
    return `${this.serverType}.${token(this.version)}.${this.key}`;
  }

  /** The fence and the log of this version. */
  get own(): string {
    return `${this.root}.own.${token(this.version)}.>`;
  }

  isOwn(subject: string): boolean {
    return subject.startsWith(this.own.slice(0, -1));
  }

  get fence(): string {
    return this.fenceOf(this.version);
  }

  fenceOf(version: string): string {
    return `${this.root}.own.${token(version)}.fence`;
  }

  log(slot: number): string {
    return `${this.root}.own.${token(this.version)}.log.${slot}`;
  }

  /** The slot of a message of the log; undefined: it is something else. */
  slotOf(subject: string): number | undefined {
    const start = this.log(0).slice(0, -1);
    return subject.startsWith(start) ? Number(subject.slice(start.length)) : undefined;
  }

  /** The states of rooms, of all versions. */
  get rooms(): string {
    return `${this.root}.live.>`;
  }

  /** Written by a new owner: a reader that sees it has seen all rooms' states that its fence found. */
  get seen(): string {
    return `${this.root}.live._.${token(this.version)}`;
  }

  /** @param key of the entity: `<name>.<id>` */
  state(key: string, isRoom: boolean): string {
    return `${this.root}.${isRoom ? 'live' : 'kept'}.${key}`;
  }

  /** The states of the entities of a name that may be out of memory, of all versions. */
  kept(name: string): string {
    return `${this.root}.kept.${name}.>`;
  }

  /** The entity whose state stands at a subject of {@link kept}. */
  keptOf(subject: string): string {
    return subject.slice(`${this.root}.kept.`.length);
  }

  /** When entities that may sleep are to be woken, of all versions. */
  get alarms(): string {
    return `${this.root}.alarm.>`;
  }

  /** As {@link seen}, of {@link alarms}. */
  get alarmsSeen(): string {
    return this.alarm(`_.${token(this.version)}`);
  }

  alarm(key: string): string {
    return `${this.root}.alarm.${key}`;
  }

  /** The entity of a subject of {@link alarms}. */
  sleeperOf(subject: string): string {
    return subject.slice(`${this.root}.alarm.`.length);
  }

  /** The entity whose state stands at a subject of {@link rooms}. */
  entityOf(subject: string): string {
    return subject.slice(`${this.root}.live.`.length);
  }
}

const token = (version: string): string => version.replaceAll('.', '_');
