// Pixels around the ring's centre, x to the right and y down; angles in radians, clockwise from the top, as those of d3-shape.

export type Point = { readonly x: number; readonly y: number }
export const pointAt = (radius: number, angle: number): Point => ({
  x: radius * Math.sin(angle),
  y: -radius * Math.cos(angle),
})

/** A cluster's part of the ring. */
export type Segment = { readonly name: string; readonly from: number; readonly to: number; readonly mid: number }

/** An angle from 0 to a whole turn. */
export const turns = (angle: number): number => ((angle % (2 * Math.PI)) + 2 * Math.PI) % (2 * Math.PI)

/** The angle between two, the short way around. */
export const apart = (a: number, b: number): number => Math.min(turns(a - b), turns(b - a))
