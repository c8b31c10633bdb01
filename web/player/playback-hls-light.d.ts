/** hls.js has types for its full build only; the light one is the same without what we never use. */
declare module 'hls.js/light' {
  export { default } from 'hls.js';
}
