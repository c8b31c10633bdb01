/** /api/clock: the box's time, and a signed-in page's beside it. */
import { AppError } from '../../base/errors.ts';
import { parseRfc3339, toRfc3339 } from '../../base/time.ts';
import { BoxClock, ClockComparison, PageClock } from '../../contract/clock.ts';
import { identityOf } from '../access-guard.ts';
import type { Api, RouteParts } from '../api-types.ts';
import { NoQuery, PROBLEMS } from '../route-rules.ts';

/** Adds the routes. */
export function clockRoutes(api: Api, { services: { time } }: RouteParts): void {
  const boxClock = (): BoxClock => ({
    time: toRfc3339(time.wallMs()),
    source: time.source ?? 'nobody',
  });
  api.get(
    '/api/clock',
    {
      config: { access: 'signed-in' },
      schema: {
        summary: 'The box’s time, and who vouched for it',
        querystring: NoQuery,
        response: { 200: BoxClock, ...PROBLEMS },
      },
    },
    boxClock,
  );
  api.post(
    '/api/clock',
    {
      config: { access: 'member' },
      schema: {
        summary: 'Compare the box’s time with another clock',
        description:
          'A box whose time nobody vouched for trusts it when they agree. With `adopt` it takes the ' +
          'time that is sent; the clock of its system stays as it is.',
        querystring: NoQuery,
        body: PageClock,
        response: { 200: ClockComparison, ...PROBLEMS },
      },
    },
    (request) => {
      const timeMs = parseRfc3339(request.body.time);
      if (timeMs === undefined) {
        throw new AppError('invalid', 'This is no date and time.', {
          hint: 'It looks like 2026-11-22T15:04:05.123Z.',
        });
      }
      const page = { timeMs, withinMs: request.body.withinMs };
      if (request.body.adopt === true) {
        if (identityOf(request).role !== 'owner') throw ownersClock();
        time.adopt(page);
      }
      const aheadMs = Math.round(time.compare(page));
      return { ...boxClock(), aheadMs };
    },
  );
}

/** What is deleted when goes by it. */
function ownersClock(): AppError {
  return new AppError('forbidden', 'The owner decides what time it is on the box.', {
    reason: 'not-allowed',
    hint: 'Tell the owner that the clock of the box is wrong.',
  });
}
