/** What the box did, as Prometheus text. Numbers are read from their owners at each scrape. */
import { Counter, Gauge, Registry } from 'prom-client';
import type { Clock } from '../base/clock.ts';
import type { AppError } from '../base/errors.ts';
import type { CameraActor } from '../camera/camera-actor.ts';
import type { GatewayCounts } from '../egress/gateway.ts';
import type { RecorderStats } from '../recorder/recorder-stats.ts';

/** Whoever watches live; `live/` implements it. */
export interface LiveCounts {
  /** Viewers now. */
  readonly viewers: number;
  /** Video frames that viewers did not get, since the start. */
  readonly droppedFrames: number;
}

/** Whoever opens the door to connections; `api/front-door.ts` implements it. */
export interface DoorCounts {
  /** Connections that were hung up on because too many were opening, since the start. */
  readonly refused: number;
}

/** Whoever makes room; `storage/retention.ts` implements it. */
export interface RetentionCounts {
  /** Segments deleted because the disk needed the room, since the start. */
  readonly deletedSegments: number;
}

/** Whoever looks after the disk with the footage; `storage/footage-watch.ts` implements it. */
export interface FootageProblem {
  /** Undefined while the disk is the right one. */
  readonly problem: AppError | undefined;
}

/** Whom the numbers come from. */
export interface MetricsSources {
  readonly clock: Clock;
  readonly cameras: () => Iterable<CameraActor>;
  readonly recorderStats: (cameraId: string) => RecorderStats | undefined;
  readonly gateway: () => GatewayCounts;
  readonly live: () => LiveCounts;
  readonly door: () => DoorCounts;
  readonly retention: () => RetentionCounts;
  readonly footage: () => FootageProblem;
}

/** A number of one camera. */
interface CameraMetric {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge';
  read(actor: CameraActor, recorder: RecorderStats | undefined): number | undefined;
}

const CAMERA_METRICS: readonly CameraMetric[] = [
  {
    ...{ name: 'doorkeep_camera_online', type: 'gauge' },
    help: '1 while pictures come, else 0.',
    read: (actor) => (actor.view().state === 'online' ? 1 : 0),
  },
  {
    ...{ name: 'doorkeep_ingest_attempts_total', type: 'counter' },
    help: 'Connections tried.',
    read: (actor) => actor.ingest?.counters.attempts,
  },
  {
    ...{ name: 'doorkeep_ingest_runs_total', type: 'counter' },
    help: 'Runs begun.',
    read: (actor) => actor.ingest?.counters.runs,
  },
  {
    ...{ name: 'doorkeep_ingest_video_frames_total', type: 'counter' },
    help: 'Video frames received.',
    read: (actor) => actor.ingest?.counters.videoFrames,
  },
  {
    ...{ name: 'doorkeep_ingest_video_bytes_total', type: 'counter' },
    help: 'Bytes of video received.',
    read: (actor) => actor.ingest?.counters.videoBytes,
  },
  {
    ...{ name: 'doorkeep_ingest_audio_bytes_total', type: 'counter' },
    help: 'Bytes of sound received.',
    read: (actor) => actor.ingest?.counters.audioBytes,
  },
  {
    ...{ name: 'doorkeep_ingest_lost_packets_total', type: 'counter' },
    help: 'RTP packets that the camera numbered and that never came.',
    read: (actor) => actor.ingest?.lostPackets(),
  },
  {
    ...{ name: 'doorkeep_recorder_parts_total', type: 'counter' },
    help: 'Parts made durable.',
    read: (_actor, recorder) => recorder?.partsTotal,
  },
  {
    ...{ name: 'doorkeep_recorder_bytes_total', type: 'counter' },
    help: 'Bytes made durable.',
    read: (_actor, recorder) => recorder?.bytesTotal,
  },
  {
    ...{ name: 'doorkeep_recorder_lost_frames_total', type: 'counter' },
    help: 'Video frames that came and were not recorded, for whatever reason.',
    read: (_actor, recorder) => recorder?.lostFramesTotal,
  },
];

/** See the head of this file. */
export class ServerMetrics {
  readonly #registry = new Registry();
  readonly #sources: MetricsSources;

  constructor(sources: MetricsSources) {
    this.#sources = sources;
    for (const metric of CAMERA_METRICS) this.#addCameraMetric(metric);
    this.#addGatewayMetrics();
    this.#addLiveMetrics();
    this.#addDoorMetrics();
    this.#addRetentionMetrics();
    this.#addProcessMetrics();
  }

  /** The text of one scrape and its media type. */
  async render(): Promise<{ contentType: string; body: string }> {
    return { contentType: this.#registry.contentType, body: await this.#registry.metrics() };
  }

  #addCameraMetric(metric: CameraMetric): void {
    const { name, help, type } = metric;
    const options = { name, help, labelNames: ['camera'] as const, registers: [this.#registry] };
    const each = (take: (camera: string, value: number) => void): void => {
      for (const actor of this.#sources.cameras()) {
        const { id } = actor.config.stored;
        const value = metric.read(actor, this.#sources.recorderStats(id));
        if (value !== undefined) take(id, value);
      }
    };
    if (type === 'gauge') {
      new Gauge({
        ...options,
        collect() {
          this.reset();
          each((camera, value) => {
            this.set({ camera }, value);
          });
        },
      });
    } else {
      new Counter({
        ...options,
        collect() {
          this.reset();
          each((camera, value) => {
            this.inc({ camera }, value);
          });
        },
      });
    }
  }

  #addGatewayMetrics(): void {
    const counts = this.#sources.gateway;
    for (const outcome of ['connected', 'refused', 'failed'] as const) {
      this.#addCounter(
        `doorkeep_egress_${outcome}_total`,
        `Outgoing connections that were ${outcome}.`,
        () => counts()[outcome],
      );
    }
  }

  #addLiveMetrics(): void {
    const counts = this.#sources.live;
    new Gauge({
      ...{ name: 'doorkeep_live_viewers', registers: [this.#registry] },
      help: 'Live views that are open.',
      collect() {
        this.set(counts().viewers);
      },
    });
    this.#addCounter(
      'doorkeep_live_dropped_frames_total',
      'Video frames that viewers did not get because they were too slow.',
      () => counts().droppedFrames,
    );
  }

  #addDoorMetrics(): void {
    this.#addCounter(
      'doorkeep_http_refused_connections_total',
      'Connections that were hung up on because too many said nothing yet.',
      () => this.#sources.door().refused,
    );
  }

  #addRetentionMetrics(): void {
    const { footage } = this.#sources;
    new Gauge({
      ...{ name: 'doorkeep_footage_unusable', registers: [this.#registry] },
      help: '1 while nothing is recorded: the disk with the footage is missing, another one, or unreadable.',
      collect() {
        this.set(footage().problem === undefined ? 0 : 1);
      },
    });
    this.#addCounter(
      'doorkeep_retention_deleted_segments_total',
      'Segments deleted, oldest first, because the disk needed the room.',
      () => this.#sources.retention().deletedSegments,
    );
  }

  #addProcessMetrics(): void {
    this.#addCounter('process_cpu_seconds_total', 'CPU time of the server process.', () => {
      const { user, system } = process.cpuUsage();
      return (user + system) / 1e6;
    });
    new Gauge({
      ...{ name: 'process_resident_memory_bytes', registers: [this.#registry] },
      help: 'Resident memory of the server process.',
      collect() {
        this.set(process.memoryUsage.rss());
      },
    });
  }

  #addCounter(name: string, help: string, read: () => number): void {
    new Counter({
      ...{ name, help, registers: [this.#registry] },
      collect() {
        this.reset();
        this.inc(read());
      },
    });
  }
}
