import { isName } from '@ccgame/config';
import type { TopicFanOut, TopicFollower } from './topic-fan-out.js';

/** A socket follows so many at most, and leaves the one that it follows longest for another one. */
const mostTopics = 16;

/** The topics that one socket follows. */
export class FollowedTopics implements TopicFollower {
  private readonly topics = new Set<string>();

  constructor(
    private readonly fanOut: TopicFanOut,
    readonly receiveTopic: (json: string) => void,
  ) {}

  /** @param change `+<topic>`, or `-<topic>`: not any more */
  changeTopic(change: string): void {
    const topic = change.slice(1);
    // NATS would give more than one topic to another name.
    if (!isName('topic', topic)) return;
    if (change.startsWith('-')) return this.topicEnded(topic);
    this.topics.delete(topic);
    this.topics.add(topic);
    this.fanOut.addFollower(topic, this);
    const [oldest] = this.topics;
    if (this.topics.size > mostTopics) this.topicEnded(oldest);
  }

  topicEnded(topic: string): void {
    if (this.topics.delete(topic)) this.fanOut.removeFollower(topic, this);
  }

  endAll(): void {
    for (const topic of [...this.topics]) this.topicEnded(topic);
  }
}
