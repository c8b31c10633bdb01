/** What the routes need from the rest of the server, as interfaces that other folders implement. */
import type { Readable } from 'node:stream';
import type { EpochMs } from '../base/time.ts';
import type { AuditReader } from '../audit/audit-reader.ts';
import type { HouseholdRecord } from '../audit/household-record.ts';
import type { Presence } from '../audit/presence.ts';
import type { Verification } from '../audit/verification.ts';
import type { AuthService } from '../auth/auth-service.ts';
import type {
  AddedCamera,
  Camera,
  CameraPatch,
  CameraTest,
  CameraTestInput,
  NewCamera,
} from '../contract/camera.ts';
import type { Privacy } from '../contract/privacy.ts';
import type { Backup, RestoreDone, RestoreUpload } from '../contract/backup.ts';
import type { DoorstepMoment } from '../contract/doorstep.ts';
import type { Export, NewExport } from '../contract/export.ts';
import type { HealthStatus } from '../contract/health.ts';
import type { FirstStepPatch, FirstSteps } from '../contract/first-steps.ts';
import type { Recordings } from '../contract/recording.ts';
import type { Settings, SettingsPatch } from '../contract/settings.ts';
import type { AuthorityFile } from '../certificates/certificates.ts';
import type { LiveRequest } from '../live/live-service.ts';
import type { LiveSocket } from '../live/live-socket.ts';
import type { ProtectedRanges } from '../contract/protected.ts';
import type { KeepLimits, KeepPreview, StorageDays, StorageUse } from '../contract/storage.ts';

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

/** Whoever watches a camera live. */
export interface LiveViews {
  /** Serves the connection from now on; what is wrong is told through it. */
  open(socket: LiveSocket, request: LiveRequest): void;
  /** Ends all of them and serves no others. */
  stop(): Promise<void>;
}

/** The last rings and visits, in memory. What is gone, or never was, is `not-found`; `unavailable`
 * where the camera sent nothing. */
export interface DoorstepService {
  /** Newest first. */
  list(): DoorstepMoment[];
  /** A JPEG. */
  picture(id: string): Promise<Buffer>;
  /** A fragmented MP4, up to what has come. */
  clip(id: string): Buffer;
}

/** The index of footage. */
export interface RecordingService {
  /** What there is in [fromMs, toMs). An unknown camera is `not-found`; more rows than one answer
   * may hold is `exhausted`. */
  ranges(camera: string, fromMs: EpochMs, toMs: EpochMs): Recordings;
}

/** Names one file of footage, as a playlist does. */
export interface FootagePlace {
  readonly cameraId: string;
  readonly runId: number;
  readonly sequence: number;
}

/** Footage for players. What does not exist is a `not-found` AppError. */
export interface PlaybackService {
  /** An HLS media playlist; its addresses are relative to `/api/playback/`. Nothing recorded is
   * `not-found`, too long a time `unprocessable`. */
  playlist(camera: string, fromMs: EpochMs, toMs: EpochMs): string;
  /** When its footage begins. */
  startOf(place: FootagePlace): EpochMs;
  /** How many bytes of a file count. */
  sizeOf(place: FootagePlace): number;
  /** Streams a range inside them. Destroying the stream releases everything. */
  read(place: FootagePlace, range: ByteRange): Promise<Readable>;
}

/** What is stored, how long it stays and how much room there is. An unknown camera is `not-found`. */
export interface StorageService {
  use(): Promise<Omit<StorageUse, 'locked'>>;
  /** The last `count` calendar days of a zone; `invalid` for one that nobody knows. */
  days(timeZone: string, count: number): Promise<StorageDays>;
  setKeep(cameraId: string, limits: KeepLimits): void;
  /** What such limits would delete now. */
  preview(cameraId: string, limits: KeepLimits): Promise<KeepPreview>;
}

/** Footage that no rule deletes. */
export interface ProtectedFootage {
  /** Answers the id. `unprocessable` for too long a range, `exhausted` for too many. */
  protect(range: CameraRange & { readonly userId: number }): Promise<string>;
  ranges(range: CameraRange): Promise<ProtectedRanges>;
  /** Whose it is; undefined for an id that nobody has. */
  find(id: string): { readonly cameraId: string; readonly userId: number } | undefined;
  /** `not-found` for an id that nobody has. */
  unprotect(id: string): void;
}

/** A stretch of one camera's time; the end is not included. */
export interface CameraRange {
  readonly cameraId: string;
  readonly fromMs: EpochMs;
  readonly toMs: EpochMs;
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
  open(range: ByteRange | undefined): Promise<Readable>;
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

/** What the owner sets for the whole box. */
export interface SettingsService {
  get(): Settings;
  /** `conflict` for what the environment decides; `unavailable` when the new address is taken, and
   * then all is as before. */
  change(patch: SettingsPatch): Promise<Settings>;
}

/** What is tried once after set-up. */
export interface FirstStepsService {
  list(): FirstSteps;
  /** `unprocessable` for what the box sees by itself. */
  set(patch: FirstStepPatch): FirstSteps;
  /** Whether it is still news that a phone came. */
  readonly awaitsPhone: boolean;
  /** Somebody is signed in on another machine than the box. Never throws. */
  phoneCame(): void;
}

/** What the box believes of the time. */
export interface TimeService {
  wallMs(): EpochMs;
  /** Who vouched for it; undefined: nobody since the box was switched on. */
  readonly source: 'network' | 'person' | undefined;
  /** By how much the box is ahead of another clock; clocks that agree make it trusted. */
  compare(page: OtherClock): number;
  /** Takes the other clock's time; `conflict` where the box knows better. */
  adopt(page: OtherClock): void;
}

/** What another clock showed, and how long it may have been on its way. */
export interface OtherClock {
  readonly timeMs: EpochMs;
  readonly withinMs: number;
}

/** What other machines are asked to trust. */
export interface CertificateSource {
  /** Undefined while there is none, and when the owner's own certificate is shown. */
  readonly authority: AuthorityFile | undefined;
}

/** What leaves the box so that another one can go on. */
export interface BackupService {
  /** Newest first. */
  list(): readonly Backup[];
  /** `conflict` while another one is being made. */
  make(takenBy: string): Promise<Backup>;
  /** `not-found` a quarter of an hour after it was made. */
  file(id: string): Promise<ExportFile>;
}

/** A backup that arrives and is put back. An unknown id is `not-found`. */
export interface RestoreService {
  begin(sizeBytes: number): Promise<RestoreUpload>;
  assertArriving(id: string): void;
  add(id: string, at: number, piece: Buffer): Promise<RestoreUpload>;
  /** `unprocessable` for a key that does not open it, and for what is no backup. Zeroes the key. */
  restore(id: string, recoveryKey: Buffer): Promise<RestoreDone>;
  /** Starts the server anew. */
  restart(): void;
}

/** What leaves the box, and what does not. */
export interface PrivacyService {
  report(): Promise<Privacy>;
  /** Tries whether the kernel lets a packet out of the home; the next report has the answer. */
  tryKernel(): Promise<void>;
}

/** The record, and who is watching. */
export interface AuditServices {
  readonly record: HouseholdRecord;
  readonly reader: AuditReader;
  readonly verification: Verification;
  readonly presence: Presence;
  /** Binds the record to the household's newest key, where it is not. */
  bind(): Promise<void>;
}

/** Everything behind the routes. */
export interface Services {
  readonly auth: AuthService;
  readonly cameras: CameraService;
  readonly live: LiveViews;
  readonly doorstep: DoorstepService;
  readonly recordings: RecordingService;
  readonly playback: PlaybackService;
  readonly storage: StorageService;
  readonly protectedFootage: ProtectedFootage;
  readonly exports: ExportService;
  readonly metrics: MetricsSource;
  readonly health: HealthSource;
  readonly settings: SettingsService;
  readonly firstSteps: FirstStepsService;
  readonly time: TimeService;
  readonly certificates: CertificateSource;
  readonly backups: BackupService;
  readonly restores: RestoreService;
  readonly privacy: PrivacyService;
  readonly audit: AuditServices;
}
