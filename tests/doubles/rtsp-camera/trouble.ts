/** What can be wrong with a simulated camera. Every field may change while it runs. */

/** A status to answer with, in place of the right one. */
export interface AnswerOverride {
  /** Only to this method; to each when left out. */
  method?: string;
  status: number;
  phrase: string;
  headers?: readonly (readonly [string, string])[];
}

/** The switches; `noTrouble()` has them all off. */
export interface Trouble {
  /** Says nothing more: neither media nor answers. The connection stays open. */
  stall: boolean;
  /** Accepts connections, and never answers. */
  mute: boolean;
  /** Bytes a second that trickle out, of whatever is to be sent. */
  dripBytesPerSecond: number | undefined;
  /** 404, 453, a redirect: see `answers` for ready-made ones. */
  answer: AnswerOverride | undefined;
  /** Never sends a key frame. */
  noKeyFrames: boolean;
  /** Sound is in the SDP and is set up, but never comes, or comes no more. */
  noSound: boolean;
  /** Pictures come no more, sound does. */
  noPicture: boolean;
  /** Added to the NTP time of sender reports: a camera clock that stepped. */
  senderReportStepMs: number;
  /** Sends no sender reports. */
  noSenderReports: boolean;
  /** So many RTP packets of the picture are left out, once. */
  losePackets: number;
  /** So many bytes of garbage come before the next frame, once. */
  garbageBytes: number;
  /** The next answer: header lines without end, one line without end, or a body of 1 GB. */
  endlessHeader: 'lines' | 'line' | 'body' | undefined;
  /** Its base, its transport and its RTP-Info name this host; undefined: 0.0.0.0, and nobody. */
  namesHost: string | undefined;
}

/** A camera in good health. */
export function noTrouble(): Trouble {
  return {
    stall: false,
    mute: false,
    dripBytesPerSecond: undefined,
    answer: undefined,
    noKeyFrames: false,
    noSound: false,
    noPicture: false,
    senderReportStepMs: 0,
    noSenderReports: false,
    losePackets: 0,
    garbageBytes: 0,
    endlessHeader: undefined,
    namesHost: undefined,
  };
}

/** Answers that cameras give. */
export const answers = {
  notFound: { method: 'DESCRIBE', status: 404, phrase: 'Not Found' },
  tooManyViewers: { method: 'SETUP', status: 453, phrase: 'Not Enough Bandwidth' },
  unavailable: { method: 'DESCRIBE', status: 503, phrase: 'Service Unavailable' },
  forbidden: { method: 'DESCRIBE', status: 403, phrase: 'Forbidden' },
  redirect: (location: string): AnswerOverride => ({
    method: 'DESCRIBE',
    status: 302,
    phrase: 'Moved Temporarily',
    headers: [['Location', location]],
  }),
} as const;
