import { expect, test } from 'vitest'
import type { InterruptReason } from '../../../../server/domain/replica/run.ts'
import { outcomeOf, type TaskEnd } from '../../../../server/domain/replica/task-end.ts'

const done: TaskEnd = { end: 'done', kind: 'sweep', seconds: 60, quietLooks: 1 }
const again = { end: 'again', seconds: 1, failed: false } as const
const trouble = { kind: 'foreign_bucket', store: 'edge', bucket: 'photos' } as const
const regressed = { kind: 'master_regressed', store: 'hpc', bucket: 'photos' } as const

test.for<[string, TaskEnd, InterruptReason | null, ReturnType<typeof outcomeOf>]>([
  ['what it had to do', done, null, { outcome: 'done', cause: null }],
  ['its last work', { end: 'gone', did: true }, null, { outcome: 'done', cause: null }],
  ['nothing, for nothing was to be done', { end: 'gone', did: false }, null, { outcome: 'superseded', cause: null }],
  ['too little, by a failure', { ...again, failed: true, trouble }, null, { outcome: 'failed', cause: trouble }],
  ['nothing yet', again, null, { outcome: 'postponed', cause: null }],
  [
    'nothing yet, for a cause',
    { ...again, trouble, cause: regressed },
    null,
    { outcome: 'postponed', cause: regressed },
  ],
  ['less, for its lease ran out', again, 'lease', { outcome: 'lost', cause: null }],
  ['less, for other work took its place', again, 'superseded', { outcome: 'superseded', cause: null }],
  [
    'less, for its mover was stopped',
    again,
    'stopping',
    { outcome: 'postponed', cause: { kind: 'interrupted', by: 'stopping' } },
  ],
  [
    'less, for it was paused',
    again,
    'not-allowed',
    { outcome: 'postponed', cause: { kind: 'interrupted', by: 'not-allowed' } },
  ],
  ['all, just before it was to end', done, 'stopping', { outcome: 'done', cause: null }],
])('a run that did %s', ([, end, interrupted, outcome]) => expect(outcomeOf(end, interrupted)).toEqual(outcome))
