import { headers as createHeaders, type MsgHdrs, type NatsConnection } from '@nats-io/nats-core';
import { checkName, oneHeader } from '@ccgame/rpc';
import { assertFits } from './assert-fits.js';
import { deliverSubject, topicHeader, topicSubject, volatileHeader } from './subjects.js';

const ofVolatile = oneHeader(volatileHeader, '1');

/**
 * Pushes to all who follow a topic, such as a room: one NATS message, whatever number of players, which each connector that has
 * followers gives to their sockets. All are volatile. A topic is three names with dots between them, and a push is JSON already.
 * All throw RpcError INVALID for a name that is none.
 */
export class TopicPushes {
  constructor(private readonly nats: NatsConnection) {}

  /** @throws RpcError TOO_LARGE */
  pushToTopic(topic: string, route: string, json: string): void {
    this.publish(topicSubject(checkName('topic', topic)), route, json, ofVolatile);
  }

  /** To one player, who sees something else of the topic than others. @throws RpcError TOO_LARGE */
  pushToFollower(playerId: string, route: string, json: string): void {
    this.publish(deliverSubject(checkName('playerId', playerId)), route, json, ofVolatile);
  }

  /**
   * Has the socket that the player has now follow a topic, until it is closed. The player gets a push first.
   *
   * @param isOwn the player takes part in it, and doesn't only look: it is not left for others, of which a socket follows sixteen at most
   * @throws RpcError TOO_LARGE
   */
  startFollowing(playerId: string, topic: string, route: string, json: string, isOwn = false): void {
    const headers = headersOf(isOwn ? '*' : '+', topic);
    this.publish(deliverSubject(checkName('playerId', playerId)), route, json, headers);
  }

  /** A player's last push of a topic. */
  stopFollowing(playerId: string, topic: string, route: string, json: string): void {
    this.publish(deliverSubject(checkName('playerId', playerId)), route, json, headersOf('-', topic));
  }

  /** The last push of a topic: nobody follows it any more. */
  endTopic(topic: string, route: string, json: string): void {
    this.publish(topicSubject(checkName('topic', topic)), route, json, headersOf('-', topic));
  }

  private publish(subject: string, route: string, json: string, headers: MsgHdrs): void {
    const body = `{"route":"${checkName('topicRoute', route)}","data":${json}}`;
    assertFits(body, this.nats);
    this.nats.publish(subject, body, { headers });
  }
}

/** @param change `+` or `*`: the socket follows it from here on; `-`: not any more */
function headersOf(change: '+' | '*' | '-', topic: string): MsgHdrs {
  const headers = createHeaders();
  headers.set(volatileHeader, '1');
  headers.set(topicHeader, change + checkName('topic', topic));
  return headers;
}
