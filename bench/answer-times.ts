// How long the control plane takes to answer while other things go on.
import { setTimeout as delay } from 'node:timers/promises'
import type { Fado } from '../tests/support/churn/world.ts'
import { seenBucket } from '../tests/support/churn/world.ts'
import { percentile } from './figures.ts'

const everyMs = 25

/** Asks for a bucket with its copies, route and policies, again and again until `p99` is called, which tells the answers' milliseconds. */
export function answerTimes(fado: Fado, bucket: string): { p99(): Promise<number> } {
  const times: number[] = []
  let isOver = false
  const asking = (async () => {
    while (!isOver) {
      const begun = performance.now()
      await seenBucket(fado, bucket)
      times.push(performance.now() - begun)
      await delay(everyMs)
    }
  })()
  return {
    async p99() {
      isOver = true
      await asking
      return percentile(times, 0.99)
    },
  }
}
