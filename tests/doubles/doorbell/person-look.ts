/** How the people at the door look, and what they do. */
import { linear, mixed, type Paint } from './raster/paint.ts';

/** How somebody looks. */
export interface PersonLook {
  readonly coat: number;
  readonly trousers: number;
  readonly scarf: number;
  readonly skin: number;
  readonly hair: number;
  readonly head: 'beanie' | 'cap' | 'long hair' | 'short hair';
  /** 1 is 1.75 m. */
  readonly height: number;
}

/** Neighbours. */
export const PEOPLE: readonly PersonLook[] = [
  {
    coat: 0xc8553d,
    trousers: 0x3b4a63,
    scarf: 0xf1dfb8,
    skin: 0xf0c3a0,
    hair: 0x5b3a29,
    head: 'beanie',
    height: 1,
  },
  {
    coat: 0xe0a93f,
    trousers: 0x55504d,
    scarf: 0x3f6b72,
    skin: 0x9a6647,
    hair: 0x2a1f1c,
    head: 'long hair',
    height: 0.95,
  },
  {
    coat: 0x3f6b72,
    trousers: 0x4d3f3a,
    scarf: 0xd9825b,
    skin: 0xe6b48f,
    hair: 0xb9b2a8,
    head: 'short hair',
    height: 1.04,
  },
  {
    coat: 0x7a5a86,
    trousers: 0x39424e,
    scarf: 0xe7c8c0,
    skin: 0xf3cfae,
    hair: 0x8a4b2c,
    head: 'long hair',
    height: 0.92,
  },
];

/** Who brings parcels. */
export const COURIER: PersonLook = {
  coat: 0x6b4a34,
  trousers: 0x5a4030,
  scarf: 0xdba24a,
  skin: 0xc98f68,
  hair: 0x2f2320,
  head: 'cap',
  height: 1.02,
};

/** What somebody does. */
export interface PersonPose {
  readonly view: 'front' | 'back' | 'side';
  /** Metres walked: legs and arms go by it. */
  readonly walkedM: number;
  readonly walking: boolean;
  /** 0: arm down, 1: finger on the bell. */
  readonly reach: number;
  readonly carrying: boolean;
  /** Seconds, for blinking and breathing. */
  readonly seconds: number;
}

/** Cloth, lit from the left: darker by `depth` on the right. */
export function cloth(colour: number, depth: number): Paint {
  const [light, dark] = [mixed(colour, 0xfff0d8, 0.1), mixed(colour, 0x20181c, depth)];
  return linear([-0.24, 1.2], [0.26, 0.9], light, colour, dark);
}

/** The same for what is as wide as a head. */
export function narrowCloth(colour: number, depth: number): Paint {
  return linear(
    [-0.12, 0],
    [0.12, 0],
    mixed(colour, 0xfff0d8, 0.12),
    mixed(colour, 0x2a1a1c, depth),
  );
}
