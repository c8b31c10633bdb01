// @ts-check
/** What set-up says to the person at the terminal, and how it gives up. */

/**
 * One line about what is being done. On stderr, so that `npm run bench -- NAME --json` keeps stdout
 * for its one JSON object.
 * @param {string} line
 * @returns {void}
 */
export function say(line) {
  process.stderr.write(`set-up: ${line}\n`);
}

/** Set-up cannot go on. The message says what is wrong, the hint what to do about it. */
export class SetupProblem extends Error {
  /**
   * @param {string} message
   * @param {string} hint
   * @param {string} [detail] Output of the tool that failed, shown below the message.
   */
  constructor(message, hint, detail) {
    super(message);
    this.name = 'SetupProblem';
    this.hint = hint;
    this.detail = detail;
  }
}
