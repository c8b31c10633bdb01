/** What a household tries once after set-up, each ending with something that was seen. */
import { Type, type Static } from '@sinclair/typebox';
import { Instant, oneOf, strictObject } from './schema.ts';

/** In the order in which they are shown. The plug test is the last of them (G9). */
export const FIRST_STEPS = ['phones', 'cloud', 'plug-test'] as const;

/** One of them. */
export const FirstStepId = oneOf(FIRST_STEPS);

/** See `FirstStepId`. */
export type FirstStepId = Static<typeof FirstStepId>;

/** What became of it. */
export const FirstStepState = oneOf(['open', 'tried', 'put-away']);

/** See `FirstStepState`. */
export type FirstStepState = Static<typeof FirstStepState>;

/** One step, as the box keeps it. */
export const FirstStep = strictObject({
  step: FirstStepId,
  state: FirstStepState,
  at: Type.Union([Instant, Type.Null()], { description: 'Since when; null while it is open.' }),
});

/** See `FirstStep`. */
export type FirstStep = Static<typeof FirstStep>;

/** `GET /api/first-steps`: every step there is. */
export const FirstSteps = strictObject({ steps: Type.Array(FirstStep) });

/** See `FirstSteps`. */
export type FirstSteps = Static<typeof FirstSteps>;

/** `PATCH /api/first-steps`: what became of one. */
export const FirstStepPatch = strictObject({ step: FirstStepId, state: FirstStepState });

/** See `FirstStepPatch`. */
export type FirstStepPatch = Static<typeof FirstStepPatch>;
