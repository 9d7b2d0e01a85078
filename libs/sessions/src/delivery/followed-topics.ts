import { isName } from '@ccgame/config';
import type { TopicFanOut, TopicFollower } from './topic-fan-out.js';

/** A socket follows so many at most, and leaves for another one the one that it follows longest, of those that its player only looks at. */
const mostTopics = 16;

/** The topics that one socket follows. */
export class FollowedTopics implements TopicFollower {
  /** Whether the player takes part in it, by topic: the one that is followed longest comes first. */
  private readonly topics = new Map<string, boolean>();

  constructor(
    private readonly fanOut: TopicFanOut,
    readonly receiveTopic: (json: string) => void,
  ) {}

  /** @param change `+<topic>`, `*<topic>` where the player takes part, or `-<topic>`: not any more */
  changeTopic(change: string): void {
    const topic = change.slice(1);
    // NATS would give more than one topic to another name.
    if (!isName('topic', topic)) return;
    if (change.startsWith('-')) return this.topicEnded(topic);
    this.topics.delete(topic);
    this.topics.set(topic, change.startsWith('*'));
    this.fanOut.addFollower(topic, this);
    if (this.topics.size > mostTopics) this.leaveOne();
  }

  topicEnded(topic: string): void {
    if (this.topics.delete(topic)) this.fanOut.removeFollower(topic, this);
  }

  endAll(): void {
    for (const topic of [...this.topics.keys()]) this.topicEnded(topic);
  }

  private leaveOne(): void {
    const [oldest] = this.topics.keys();
    const lookedAt = [...this.topics].find(([, isOwn]) => !isOwn);
    this.topicEnded(lookedAt?.[0] ?? oldest);
  }
}
