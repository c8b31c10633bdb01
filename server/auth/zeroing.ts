/** Secrets stay in memory no longer than the work that needs them. */

/** Zeroes these when the work has ended, however it did. */
export async function zeroing<T>(
  secretBytes: readonly Buffer[],
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } finally {
    for (const bytes of secretBytes) bytes.fill(0);
  }
}
