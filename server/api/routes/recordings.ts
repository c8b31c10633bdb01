/** GET /api/recordings: what footage there is. */
import { Recordings, RecordingsQuery } from '../../contract/recording.ts';
import type { Api, RouteParts } from '../api-types.ts';
import { PROBLEMS } from '../route-rules.ts';
import { timeRange } from '../time-range.ts';

/** Adds the route. */
export function recordingRoutes(api: Api, { services }: RouteParts): void {
  api.get(
    '/api/recordings',
    {
      config: { access: 'member', object: { is: 'camera', in: 'query', named: 'camera' } },
      schema: {
        summary: 'Footage and gaps of one camera',
        querystring: RecordingsQuery,
        response: { 200: Recordings, ...PROBLEMS },
      },
    },
    (request) => {
      const { fromMs, toMs } = timeRange(request.query);
      return services.recordings.ranges(request.query.camera, fromMs, toMs);
    },
  );
}
