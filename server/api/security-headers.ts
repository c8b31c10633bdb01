/** What a browser is told about everything we answer. */
import type { FastifyHelmetOptions } from '@fastify/helmet';

/** What a script in the page could ask a browser for, and the page never does: off, also for whatever
 * gets into it. What it does use (full screen, a screen that stays awake, copying a link, a picture
 * that begins by itself) is not here, and is the page's own and no frame's by the browsers' default. */
const NEVER_USED = [
  ...['accelerometer', 'bluetooth', 'camera', 'display-capture', 'encrypted-media', 'gamepad'],
  ...['geolocation', 'gyroscope', 'hid', 'idle-detection', 'local-fonts', 'magnetometer'],
  ...['microphone', 'midi', 'otp-credentials', 'payment', 'picture-in-picture'],
  ...['publickey-credentials-create', 'publickey-credentials-get', 'serial', 'sync-xhr', 'usb'],
  ...['web-share', 'window-management', 'xr-spatial-tracking'],
] as const;

/** `Permissions-Policy` (W3C), beside what helmet knows. */
export const PERMISSIONS_POLICY = NEVER_USED.map((feature) => `${feature}=()`).join(', ');

/** The page may load from this box and nowhere else, and nobody may frame or embed it. */
export function securityHeaders(): FastifyHelmetOptions {
  return {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        'default-src': ["'self'"],
        // Made in the page itself: media of the live socket, pictures of a camera test.
        'media-src': ["'self'", 'blob:'],
        'img-src': ["'self'", 'blob:'],
        // Where default-src would say the same, it is said: what a page could send footage to, or have
        // it kept by, is not left to what a browser takes for the default.
        'connect-src': ["'self'"],
        'script-src': ["'self'"],
        'worker-src': ["'self'"],
        'manifest-src': ["'self'"],
        'frame-src': ["'none'"],
        'base-uri': ["'none'"],
        'form-action': ["'self'"],
        'frame-ancestors': ["'none'"],
        'object-src': ["'none'"],
      },
    },
    crossOriginResourcePolicy: { policy: 'same-origin' },
    referrerPolicy: { policy: 'no-referrer' },
    xFrameOptions: { action: 'deny' },
    // None, on purpose. It holds for a host name on every port (RFC 6797 8.3) and forbids going on
    // past a certificate that is not trusted (12.1): a box that was set up anew would lock out every
    // phone for a year, together with whatever else answers under its name.
    strictTransportSecurity: false,
  };
}
