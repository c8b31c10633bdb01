/** Where the kernel is tried with: addresses for documents (RFC 5737, RFC 3849), which no network routes, and the
 * port for what is thrown away (RFC 863). */
export const PROBE_ADDRESSES = { v4: '192.0.2.1', v6: '2001:db8::1' } as const;

/** See `PROBE_ADDRESSES`. */
export const PROBE_PORT = 9;
