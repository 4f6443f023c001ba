// What lowered how many are under way at once on a link, as a reason: a code for programs, a sentence for people.
import type { Reason, ReasonCode } from '../reason.ts'
import type { LoweredBy } from './concurrency.ts'

const sayings: Readonly<Record<LoweredBy['why'], readonly [ReasonCode, string]>> = {
  slower: ['STORE_SLOWER', 'took longer to answer than it does when less is asked of it at once'],
  'slow-down': ['STORE_BUSY', 'asked to be spared'],
  timeout: ['STORE_UNREACHABLE', 'did not answer in time'],
  unreachable: ['STORE_UNREACHABLE', 'refused a connection or cut one'],
}

export function reasonOfLowered(why: LoweredBy['why'], store: string): Reason {
  const [code, saying] = sayings[why]
  return { code, message: `${store} ${saying}`, store }
}
