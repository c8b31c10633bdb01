/** What a disk is full of, as parts of one bar. Pure. */

/** The numbers of the box. */
export interface DiskRoom {
  readonly footageBytes: number;
  readonly protectedBytes: number;
  readonly freeBytes: number;
  readonly totalBytes: number;
  /** Stays free whatever comes. */
  readonly reserveBytes: number;
}

/** From left to right. `other` is whatever else lies on that disk; `free` leaves the reserve out. */
export type DiskPartKind = 'protected' | 'footage' | 'other' | 'free' | 'reserve';

/** One part; the shares of all are 1 together. */
export interface DiskPart {
  readonly kind: DiskPartKind;
  readonly bytes: number;
  readonly from: number;
  readonly share: number;
}

/** The parts, in their order; parts of nothing are left out. */
export function diskParts(room: DiskRoom): readonly DiskPart[] {
  const { footageBytes, freeBytes, totalBytes } = room;
  if (totalBytes <= 0) return [];
  const held = Math.min(room.protectedBytes, footageBytes);
  // Less is free than should always be: then all of it is reserve.
  const reserve = Math.min(room.reserveBytes, freeBytes);
  const sizes: Readonly<Record<DiskPartKind, number>> = {
    protected: held,
    footage: footageBytes - held,
    other: Math.max(0, totalBytes - freeBytes - footageBytes),
    free: freeBytes - reserve,
    reserve,
  };
  // The index may count more than the disk admits to; the bar ends where the disk does.
  const sum = Object.values(sizes).reduce((before, bytes) => before + bytes, 0);
  const kinds = Object.keys(sizes) as DiskPartKind[];
  let from = 0;
  return kinds.flatMap((kind) => {
    const bytes = sizes[kind];
    if (bytes <= 0) return [];
    const part = { kind, bytes, from, share: bytes / sum };
    from += part.share;
    return [part];
  });
}
