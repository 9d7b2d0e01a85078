import type { Msg, NatsConnection, Subscription } from '@nats-io/nats-core';
import { republishedMessage } from '@ccgame/jetstream';
import { topicHeader, topicSubject, volatileHeader } from '../push/subjects.js';

/** A socket that follows a topic. */
export interface TopicFollower {
  /** `json` is that of `{ route, data }`, the same text for all followers. */
  receiveTopic(json: string): void;
  /** There is nothing to follow any more. */
  topicEnded(topic: string): void;
}

interface FollowedTopic {
  followers: Set<TopicFollower>;
  subscription: Subscription;
}

/** The topics that sockets of this process follow: each comes once, and is given to all of them. */
export class TopicFanOut {
  private readonly topics = new Map<string, FollowedTopic>();

  constructor(private readonly nats: NatsConnection) {}

  addFollower(topic: string, follower: TopicFollower): void {
    let followed = this.topics.get(topic);
    if (!followed) {
      const callback = (error: Error | null, message: Msg): void => {
        if (!error) this.receiveMessage(topic, message);
      };
      const subscription = this.nats.subscribe(topicSubject(topic), { callback });
      followed = { followers: new Set(), subscription };
      this.topics.set(topic, followed);
    }
    followed.followers.add(follower);
  }

  removeFollower(topic: string, follower: TopicFollower): void {
    const followed = this.topics.get(topic);
    followed?.followers.delete(follower);
    if (followed?.followers.size !== 0) return;
    this.topics.delete(topic);
    followed.subscription.unsubscribe();
  }

  private receiveMessage(topic: string, message: Msg): void {
    const push = republishedMessage(message);
    // Anything else is JetStream's answer to a user who wanted it sent here: decision 051.
    if (push.subject !== '' || !push.hasHeader(volatileHeader)) return;
    const { followers } = this.topics.get(topic) ?? { followers: [] };
    const json = push.text();
    for (const follower of followers) follower.receiveTopic(json);
    if (push.hasHeader(topicHeader)) for (const follower of [...followers]) follower.topicEnded(topic);
  }
}
