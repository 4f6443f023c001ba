// Callers: they ask functions for objects of all buckets, without pause, and every answer is judged.
import { type Answer, type Call, judge, type Outcome } from './judge.ts'
import type { Random } from './random.ts'
import { type ChurnBucket, repeat, type World } from './world.ts'

/** Leaves the machine's other work some air. */
const longestPauseMs = 40
const timeoutMs = 20_000

async function send({ fado }: World, call: Pick<Call, 'bucket' | 'key' | 'function'>): Promise<Outcome> {
  const path = `/function/${call.function}?key=${encodeURIComponent(call.key)}`
  try {
    const { status, servedBy, json, text } = await fado.invoke(path, call.bucket, { timeout: timeoutMs })
    return { status, servedBy, body: json as Answer['body'], text }
  } catch (error) {
    return { failed: String((error as Error).cause ?? error) }
  }
}

function chooseKey({ stable, changing }: ChurnBucket, random: Random): string {
  const choice = random.next()
  if (choice < 0.05) return `never-${random.between(0, 1_000)}`
  const [first = '', ...rest] = choice < 0.45 ? stable : changing
  return random.pick([first, ...rest])
}

export function startCaller(world: World, number: number, ending: AbortSignal): Promise<void> {
  const random = world.random.fork(`caller ${number}`)
  const [first, ...others] = world.buckets
  if (first === undefined) throw new Error('there is no bucket to call')

  async function one(): Promise<void> {
    const bucket = random.pick([first as ChurnBucket, ...others])
    const asked = {
      bucket: bucket.name,
      key: chooseKey(bucket, random),
      function: random.chance(0.5) ? ('sha256' as const) : ('head' as const),
    }
    const begun = Date.now()
    const outcome = await send(world, asked)
    const call = { ...asked, begun, ended: Date.now() }
    const servedBy = 'servedBy' in outcome ? outcome.servedBy : null
    const copy = servedBy === null ? undefined : bucket.copy(servedBy)
    const verdict = judge(call, outcome, {
      rules: bucket.rules,
      history: bucket.history(asked.key),
      faults: world.faults,
      copyAskedFor: copy?.askedFor,
    })
    world.count('calls')
    switch (verdict.verdict) {
      case 'right':
        world.atMost('staleness of an answer, ms', verdict.staleMs)
        break
      case 'excused':
        world.count(`calls that failed at the death of ${verdict.by}`)
        break
      case 'wrong':
        world.wrong('I3', `${call.function} of ${asked.key} in ${asked.bucket}, by ${servedBy}: ${verdict.what}`)
    }
    if (copy !== undefined) noteCall(world, bucket, copy, servedBy, begun)
  }
  return repeat(ending, () => random.between(0, longestPauseMs), one)
}

/** I4: no call begins at a copy whose data goes, nor in the drain delay before. */
function noteCall(
  { wrong }: World,
  { name, drainDelay }: ChurnBucket,
  copy: ReturnType<ChurnBucket['copy']>,
  servedBy: string | null,
  begun: number,
): void {
  copy.lastCall = Math.max(copy.lastCall ?? 0, begun)
  if (copy.shrankAt !== undefined && begun > copy.shrankAt - drainDelay)
    wrong(
      'I4',
      `a call of ${name} went to ${servedBy} ${begun - copy.shrankAt + drainDelay} ms after it had been drained`,
    )
}
