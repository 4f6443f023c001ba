// What a copy waits for, as a reason: a code for programs, a sentence for people.
import { durationWords } from '../duration-words.ts'
import { counted, type Reason } from '../reason.ts'
import { reasonOf, sayFailure } from '../trouble/say-trouble.ts'
import { clockWords } from '../window/wall-clock.ts'
import type { Opening, WaitingFor } from './why-waiting.ts'

const inSeconds = (seconds: number): string => durationWords(Math.max(1, Math.round(seconds)))

/** As the clocks there show it. */
const changeWords = ({ zone, until, at }: Opening): string =>
  until === null ? 'its replication_window is changed' : clockWords(zone, until, at)

/** Whether a cluster's window is open, and until when. */
export const windowWords = (window: Opening & { readonly cluster: string; readonly open: boolean }): string =>
  `The window of ${window.cluster} is ${window.open ? 'open' : 'closed'} until ${changeWords(window)}`

export function reasonOfWaiting(why: WaitingFor): Reason {
  switch (why.kind) {
    case 'bucket_paused':
      return { code: 'BUCKET_PAUSED', message: `The bucket ${why.bucket} is paused until somebody resumes it` }
    case 'link_paused':
      return {
        code: 'LINK_PAUSED',
        message: `The link ${why.from} -> ${why.to} is paused until somebody resumes it`,
        store: why.to,
      }
    case 'window':
      return {
        code: 'WINDOW_CLOSED',
        message: windowWords({ ...why, open: false }),
      }
    case 'narrowing':
      return {
        code: 'NARROWING_UNDECIDED',
        message: `A change that may forbid copies of ${why.bucket} is not decided yet`,
      }
    case 'trouble':
      return reasonOf(why.trouble)
    case 'not_made':
      return { code: 'COPY_NOT_MADE', message: `The bucket on ${why.store} is not made yet`, store: why.store }
    case 'retry': {
      const because = why.failure === null ? '' : ` because ${sayFailure(why.failure)}`
      return { code: 'TRIED_AGAIN', message: `Retry ${why.tries} in ${inSeconds(why.seconds)}${because}` }
    }
    case 'later':
      return {
        code: 'LOOKED_AT_LATER',
        message: `Looked at again in ${inSeconds(why.seconds)}, or after the next comparison with the master`,
      }
    case 'unserved':
      return {
        code: 'NO_MOVER',
        message: `No mover serves the link ${why.from} -> ${why.to}: start one without --links, or with this one among them`,
      }
    case 'no_mover':
      return {
        code: 'NO_MOVER',
        message: `No mover has taken anything for the link ${why.from} -> ${why.to} for ${inSeconds(why.seconds)}: is one running?`,
      }
    case 'bandwidth': {
      const until = why.opens === null ? '' : ` until ${changeWords(why.opens)}, when its window opens`
      return {
        code: 'BANDWIDTH_LIMIT',
        message: `The bandwidth limit of the cluster ${why.cluster} is ${why.bytesPerSecond} bytes per second${until}`,
      }
    }
    case 'queue': {
      const behind = why.others === 0 ? '' : ` beside ${counted(why.others, 'object')} of other buckets`
      return { code: 'LINK_BUSY', message: `Waits for its turn on the link ${why.from} -> ${why.to}${behind}` }
    }
  }
}
