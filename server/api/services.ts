/** What the routes need from the rest of the server, as interfaces that other folders implement. */
import type { Readable } from 'node:stream';
import type { EpochMs } from '../base/time.ts';
import type { AuthService } from '../auth/auth-service.ts';
import type {
  AddedCamera,
  Camera,
  CameraPatch,
  CameraTest,
  CameraTestInput,
  NewCamera,
} from '../contract/camera.ts';
import type { Export, NewExport } from '../contract/export.ts';
import type { HealthStatus } from '../contract/health.ts';
import type { Recordings } from '../contract/recording.ts';

/** A still picture; `takenAtMs` is when the frame was shown to the camera, as far as is known. */
export interface Snapshot {
  readonly jpeg: Buffer;
  readonly takenAtMs: EpochMs;
}

/**
 * Cameras of the household. An unknown id is a `not-found` AppError; what a camera or an address
 * does wrong is `unprocessable` with a reason, a sentence and a hint, within 15 s. `signal` aborts
 * when the client goes away.
 */
export interface CameraService {
  /** By position. */
  list(): readonly Camera[];
  get(id: string): Camera;
  /** Connects and looks; saves nothing. */
  test(input: CameraTestInput, signal: AbortSignal): Promise<CameraTest>;
  /** Tests first, then saves and starts recording. */
  add(input: NewCamera, signal: AbortSignal): Promise<AddedCamera>;
  /** Tests first when the source changes. A stored password is never sent to another host: a new
   * host without a new password drops the old one. */
  change(id: string, patch: CameraPatch, signal: AbortSignal): Promise<Camera>;
  /** Stops recording, hides the camera at once, deletes its footage in the background. */
  remove(id: string): Promise<void>;
  /** `unavailable` while the camera sends nothing. */
  snapshot(id: string, signal: AbortSignal): Promise<Snapshot>;
}

/** The index of footage. */
export interface RecordingService {
  /** What there is in [fromMs, toMs). An unknown camera is `not-found`; more rows than one answer
   * may hold is `exhausted`. */
  ranges(camera: string, fromMs: EpochMs, toMs: EpochMs): Recordings;
}

/** What an export is made from; the password was checked by then. */
export type ExportRequest = Omit<NewExport, 'password' | 'from' | 'to' | 'edges'> & {
  readonly userId: number;
  readonly fromMs: EpochMs;
  readonly toMs: EpochMs;
};

/** An inclusive range of bytes, as in RFC 9110 section 14.1.2, already inside the file. */
export interface ByteRange {
  readonly first: number;
  readonly last: number;
}

/** The finished file of an export. */
export interface ExportFile {
  readonly sizeBytes: number;
  /** For Content-Disposition only: what a person sees, e.g. `Front door 2026-11-22 15-04.mp4`. */
  readonly fileName: string;
  /** Streams the whole file, or a range of it. Destroying the stream releases everything. */
  open(range: ByteRange | undefined): Readable;
}

/** Export jobs. An unknown id, or one of another user's, is a `not-found` AppError. */
export interface ExportService {
  create(request: ExportRequest): Promise<Export>;
  /** Newest first. */
  list(userId: number): readonly Export[];
  get(id: string, userId: number): Export;
  /** Cancels what is queued or running, and deletes the file and the row's claim on it. */
  remove(id: string, userId: number): Promise<void>;
  /** `conflict` unless the export is done; `not-found` when the file is gone. */
  file(id: string, userId: number): Promise<ExportFile>;
}

/** Prometheus text, rendered on demand. */
export interface MetricsSource {
  render(): Promise<{ contentType: string; body: string }>;
}

/** Whether the box can do its work; nothing about the home. */
export interface HealthSource {
  status(): HealthStatus;
}

/** Everything behind the routes. */
export interface Services {
  readonly auth: AuthService;
  readonly cameras: CameraService;
  readonly recordings: RecordingService;
  readonly exports: ExportService;
  readonly metrics: MetricsSource;
  readonly health: HealthSource;
}
