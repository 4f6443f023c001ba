import type { InterruptReason } from '../domain/replica/run.ts'

/** Work under way was ended from outside. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted'
  readonly reason: InterruptReason

  constructor(reason: InterruptReason) {
    super(`Interrupted: ${reason}`)
    this.reason = reason
  }
}
