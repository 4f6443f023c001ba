/**
 * Why work under way was ended from outside:
 * - `lease`: the lease is about to end or was taken by another
 * - `not-allowed`: a decision forbids the write, or may
 * - `superseded`: the task is another one by now
 * - `stopping`: the mover stops
 */
export type InterruptReason = 'lease' | 'not-allowed' | 'superseded' | 'stopping'

export class Interrupted extends Error {
  override readonly name = 'Interrupted'
  readonly reason: InterruptReason

  constructor(reason: InterruptReason) {
    super(`Interrupted: ${reason}`)
    this.reason = reason
  }
}
