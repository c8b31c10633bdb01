/** A `<video>` that plays playlists by itself, as an iPhone's does, without a browser. */

/** What `PlaybackPlayer` and its native engine touch of an element. */
export class FakeVideo extends EventTarget {
  currentTime = 0;
  readyState = 0;
  videoWidth = 0;
  videoHeight = 0;
  playbackRate = 1;
  seeking = false;
  muted = true;
  src = '';
  error: { readonly code: number } | null = null;

  /** As the player takes it. */
  get element(): HTMLVideoElement {
    return this as unknown as HTMLVideoElement;
  }

  canPlayType(): string {
    return 'maybe';
  }

  play(): Promise<void> {
    return Promise.resolve();
  }

  pause(): void {
    // It never plays by itself.
  }

  load(): void {
    this.error = null;
  }

  removeAttribute(): void {
    this.src = '';
  }

  /** What a browser tells of the element. */
  tell(name: string): void {
    this.dispatchEvent(new Event(name));
  }

  /** The bytes did not come (HTML, MEDIA_ERR_NETWORK). */
  breakOff(): void {
    this.error = { code: 2 };
    this.tell('error');
  }
}
