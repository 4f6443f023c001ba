// Calls that go on beside what is measured, at an even pace, each of another bucket; none of them may fail.
import { Agent, request } from 'undici'

export type CallsBeside = { readonly stop: () => Promise<{ readonly calls: number; readonly failed: number }> }

const everyMs = 10
const timeoutMs = 10_000
/** A prime: it meets every bucket of any number of them that is no multiple of it. */
const stride = 7919

/** Of `bucket-0` and on, `perSecond` together. */
export function startCalls(ingress: string, buckets: number, perSecond: number): CallsBeside {
  const agent = new Agent({ connections: 32, headersTimeout: timeoutMs })
  const under = new Set<Promise<void>>()
  const begun = performance.now()
  let calls = 0
  let failed = 0
  async function call(n: number): Promise<void> {
    const headers = { 'x-fado-bucket': `bucket-${n}` }
    const { statusCode, body } = await request(`${ingress}/function/f`, { dispatcher: agent, headers })
    await body.dump()
    if (statusCode !== 200) failed++
  }
  const timer = setInterval(() => {
    for (const due = ((performance.now() - begun) / 1000) * perSecond; calls < due; calls++) {
      const one = call((calls * stride) % buckets)
        .catch(() => void failed++)
        .finally(() => under.delete(one))
      under.add(one)
    }
  }, everyMs)
  return {
    async stop() {
      clearInterval(timer)
      await Promise.all(under)
      await agent.close()
      return { calls, failed }
    },
  }
}
