/**
 * One producer, any number of subscribers. The producer never waits: each subscriber has a bounded
 * queue and a stated policy for the moment when it is full.
 */
import { AppError } from '../base/errors.ts';
import { BoundedQueue, type QueueLimits } from '../base/bounded-queue.ts';
import type { HubMessage, StreamRun } from './stream-run.ts';

/**
 * What happens to a subscriber that is too slow.
 * - `lossless-or-abort`: the subscription ends with an `exhausted` error (the recorder).
 * - `drop-to-keyframe`: what is queued is dropped, and it goes on at the next key frame (a viewer).
 */
export type OverflowPolicy = 'lossless-or-abort' | 'drop-to-keyframe';

/** How to subscribe. */
export interface SubscribeOptions<P extends OverflowPolicy = OverflowPolicy> {
  policy: P;
  limits: QueueLimits;
  /** `gop`: begin with the run and the GOP in memory; `next`: begin with what comes next. */
  from: 'gop' | 'next';
  /** `drop-to-keyframe`: nothing waits for the subscriber longer than this, however small it is. */
  maxWaitMs?: P extends 'drop-to-keyframe' ? number : never;
}

/** Told between messages of a `drop-to-keyframe` subscription. */
export interface DroppedMessage {
  readonly type: 'dropped';
  readonly frames: number;
  /** How long the oldest of them had waited. */
  readonly behindMs: number;
}

/** The GOP in memory may take so much; a longer one is forgotten and late viewers wait. */
const GOP_MAX_BYTES = 32 * 1024 * 1024;
/** 60 fps × 20 s, and 20 s of sound in fragments of 40 ms, with room. */
const GOP_MAX_FRAGMENTS = 2_000;

type Delivered = HubMessage | DroppedMessage;

/** Only a viewer is ever told of dropped frames. */
type DeliveredTo<P extends OverflowPolicy> = P extends 'lossless-or-abort' ? HubMessage : Delivered;

/** A subscriber's end of the hub. Iterate it once; leaving the loop ends the subscription. */
export interface Subscription<P extends OverflowPolicy> extends AsyncIterable<DeliveredTo<P>> {
  /** Bytes that wait for the subscriber. */
  readonly queuedBytes: number;
  /** All video frames that it did not get. */
  readonly droppedTotal: number;
  /** Ends the iteration after what is queued. */
  close(): void;
}

/** A message that waits, and since when: on the clock of the fragments' arrival. */
interface Waiting {
  readonly message: Delivered;
  /** Undefined for what is no fragment, until the next one arrives. */
  sinceMs: number | undefined;
}

class QueuedSubscription implements AsyncIterable<Delivered> {
  readonly #queue: BoundedQueue<Waiting>;
  readonly policy: OverflowPolicy;
  readonly #maxWaitMs: number;
  readonly #leave: (subscription: QueuedSubscription) => void;
  #wake: (() => void) | undefined;
  #closed = false;
  #error: AppError | undefined;
  #skipping = false;
  #droppedFrames = 0;
  #behindMs = 0;
  /** When the newest fragment arrived; the GOP in memory waits from the subscription on. */
  #nowMs: number;
  droppedTotal = 0;

  constructor(
    options: SubscribeOptions,
    nowMs: number,
    leave: (subscription: QueuedSubscription) => void,
  ) {
    this.policy = options.policy;
    this.#maxWaitMs = options.maxWaitMs ?? Infinity;
    this.#nowMs = nowMs;
    this.#queue = new BoundedQueue(options.limits, sizeOf);
    this.#leave = leave;
  }

  get queuedBytes(): number {
    return this.#queue.bytes;
  }

  /** The hub's side: never blocks, never throws. */
  deliver(message: HubMessage): void {
    if (this.#closed) return;
    if (message.type === 'fragment') this.#nowMs = Math.max(this.#nowMs, message.arrivedMs);
    const hasRoom = this.#skipping ? this.#resume(message) : this.#take(message);
    if (!hasRoom) this.#overflow(message);
    this.#wake?.();
  }

  close(): void {
    this.#closed = true;
    this.#leave(this);
    this.#wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Delivered, void> {
    try {
      for (;;) {
        const waiting = this.#queue.take();
        if (waiting !== undefined) {
          yield waiting.message;
        } else if (this.#error !== undefined) {
          throw this.#error;
        } else if (this.#closed) {
          return;
        } else {
          await new Promise<void>((resolve) => {
            this.#wake = resolve;
          });
          this.#wake = undefined;
        }
      }
    } finally {
      this.close();
      this.#queue.clear();
    }
  }

  /** False when there is no room, in bytes, in messages or in time. */
  #take(message: HubMessage): boolean {
    return !(message.type === 'fragment' && this.#isLate()) && this.#push(message);
  }

  #push(message: Delivered): boolean {
    const sinceMs = message.type === 'fragment' ? this.#nowMs : undefined;
    return this.#queue.push({ message, sinceMs });
  }

  #isLate(): boolean {
    const oldest = this.#queue.peek();
    if (oldest === undefined) return false;
    oldest.sinceMs ??= this.#nowMs;
    return this.#nowMs - oldest.sinceMs > this.#maxWaitMs;
  }

  #overflow(message: HubMessage): void {
    if (this.policy === 'lossless-or-abort') {
      this.#error = new AppError('exhausted', 'a consumer could not keep up', {
        reason: 'too-slow',
      });
      this.close();
      return;
    }
    this.#skipping = true;
    this.#drop(message);
    // Now that there is room, a key frame can go on at once, unless it is larger than all room.
    if (message.type === 'fragment' && !this.#resume(message)) {
      this.#drop();
      this.#count(message);
    }
  }

  /** Drops what is queued, except the newest word on whether a run is on: no fragment can be shown
   * without the run that it belongs to. */
  #drop(incoming?: HubMessage): void {
    let state: HubMessage | undefined;
    for (let old = this.#queue.take(); old !== undefined; old = this.#queue.take()) {
      if (old.message.type === 'run' || old.message.type === 'end') state = old.message;
      else this.#count(old.message, this.#nowMs - (old.sinceMs ?? this.#nowMs));
    }
    if (incoming !== undefined && incoming.type !== 'fragment') state = incoming;
    if (state !== undefined) this.#push(state);
  }

  /** While skipping: passes over frames until a key frame. False when there is no room for it. */
  #resume(message: HubMessage): boolean {
    if (message.type !== 'fragment') return this.#push(message);
    if (message.fragment.kind === 'audio' || !message.fragment.key) {
      this.#count(message);
      return true;
    }
    if (this.#droppedFrames > 0) {
      const behindMs = Math.round(this.#behindMs);
      if (!this.#push({ type: 'dropped', frames: this.#droppedFrames, behindMs })) return false;
      this.#droppedFrames = 0;
      this.#behindMs = 0;
    }
    this.#skipping = !this.#push(message);
    return !this.#skipping;
  }

  #count(message: Delivered, waitedMs = 0): void {
    this.#behindMs = Math.max(this.#behindMs, waitedMs);
    if (message.type === 'dropped') {
      this.#behindMs = Math.max(this.#behindMs, message.behindMs);
      this.#droppedFrames += message.frames;
    } else if (message.type === 'fragment' && message.fragment.kind === 'video') {
      this.#droppedFrames += message.fragment.samples.length;
      this.droppedTotal += message.fragment.samples.length;
    }
  }
}

/** The GOP in memory: everything since the newest key frame. */
export interface RecentGop {
  readonly run: StreamRun;
  readonly messages: readonly HubMessage[];
}

/** See the head of this file. One hub lives as long as its stream is wanted, across runs. */
export class Hub {
  readonly #subscriptions = new Set<QueuedSubscription>();
  #run: StreamRun | undefined;
  #gop: HubMessage[] = [];
  #gopBytes = 0;

  /** Subscribers that want each frame as it comes. */
  get viewers(): number {
    let viewers = 0;
    for (const { policy } of this.#subscriptions) if (policy === 'drop-to-keyframe') viewers += 1;
    return viewers;
  }

  /** The newest GOP with at least its key frame, if a run is on. */
  recentGop(): RecentGop | undefined {
    if (this.#run === undefined || this.#gop.length === 0) return undefined;
    return { run: this.#run, messages: this.#gop };
  }

  /** Gives `message` to everyone; costs the producer no wait whatever they do. */
  publish(message: HubMessage): void {
    this.#remember(message);
    for (const subscription of this.#subscriptions) subscription.deliver(message);
  }

  subscribe<P extends OverflowPolicy>(options: SubscribeOptions<P>): Subscription<P> {
    const newest = this.#gop.at(-1);
    const nowMs = newest?.type === 'fragment' ? newest.arrivedMs : -Infinity;
    const subscription = new QueuedSubscription(options, nowMs, (left) => {
      this.#subscriptions.delete(left);
    });
    if (this.#run !== undefined) {
      subscription.deliver({ type: 'run', run: this.#run });
      if (options.from === 'gop') for (const message of this.#gop) subscription.deliver(message);
    }
    this.#subscriptions.add(subscription);
    // A lossless subscription never queues a `dropped` message: see #resume.
    return subscription as unknown as Subscription<P>;
  }

  /** Ends every subscription after what is queued for it. */
  close(): void {
    for (const subscription of this.#subscriptions) subscription.close();
    this.#forget();
    this.#run = undefined;
  }

  #remember(message: HubMessage): void {
    if (message.type === 'run') {
      this.#run = message.run;
      this.#forget();
    } else if (message.type === 'end') {
      this.#run = undefined;
      this.#forget();
    } else {
      const { fragment } = message;
      if (fragment.kind === 'video' && fragment.key) this.#forget();
      else if (this.#gop.length === 0) return;
      this.#gop.push(message);
      this.#gopBytes += fragment.bytes.length;
      if (this.#gopBytes > GOP_MAX_BYTES || this.#gop.length > GOP_MAX_FRAGMENTS) this.#forget();
    }
  }

  #forget(): void {
    this.#gop = [];
    this.#gopBytes = 0;
  }
}

function sizeOf({ message }: Waiting): number {
  // 256: the objects around the bytes, so that many tiny fragments count too.
  return message.type === 'fragment' ? message.fragment.bytes.length + 256 : 256;
}
