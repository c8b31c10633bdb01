/** What a browser is told about everything we answer. */
import type { FastifyHelmetOptions } from '@fastify/helmet';

/** One year, as browsers' guides ask for. */
const HSTS_SECONDS = 365 * 24 * 60 * 60;

/** The page may load from this box and nowhere else, and nobody may frame or embed it. */
export function securityHeaders(secure: boolean): FastifyHelmetOptions {
  return {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        'default-src': ["'self'"],
        // Made in the page itself: media of the live socket, pictures of a camera test.
        'media-src': ["'self'", 'blob:'],
        'img-src': ["'self'", 'blob:'],
        'base-uri': ["'none'"],
        'form-action': ["'self'"],
        'frame-ancestors': ["'none'"],
        'object-src': ["'none'"],
      },
    },
    crossOriginResourcePolicy: { policy: 'same-origin' },
    referrerPolicy: { policy: 'no-referrer' },
    xFrameOptions: { action: 'deny' },
    // On plain HTTP a browser must ignore it (RFC 6797 7.2), and `localhost` belongs to everybody.
    strictTransportSecurity: secure ? { maxAge: HSTS_SECONDS, includeSubDomains: false } : false,
  };
}
