import { hostChoice, type UnorderedBalancer } from './balancer.ts'

/**
 * The least busy of seven drawn at random, which with one idle deployment is missed by a call in 128 of two deployments, in
 * 17 of three and in 5 of five. A full scan would miss none, but never lead a second try past a dead deployment, which has
 * no calls and so always the fewest: under load two of three calls failed until it was taken out. Taking it out after a
 * few failures in a row, as FIRST does, would help there, and let a burst of resets take out a bucket's only deployment.
 * A dead one of two is drawn 127 times of 128, so a second try needs many draws.
 */
export const leastRequest: UnorderedBalancer = {
  policy: (slowStart) => hostChoice('least_request', 'LeastRequest', { choice_count: { value: 7 }, ...slowStart }),
  drawsPerTry: 1000,
}
