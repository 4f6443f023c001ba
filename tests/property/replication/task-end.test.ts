import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { TaskKind } from '../../../server/domain/replica/replica-state.ts'
import { endTask, type OrderMarks, type Task, type TaskEnd } from '../../../server/domain/replica/task-end.ts'
import type { Trouble } from '../../../server/domain/trouble/trouble.ts'

const now = 1_000_000
const past = fc.integer({ min: 0, max: now })
const kind = fc.constantFrom<TaskKind>('first_sync', 'sweep', 'evict', 'master_sweep')
const trouble = fc.constantFrom<Trouble>(
  { kind: 'foreign_bucket', store: 'edge', bucket: 'photos' },
  { kind: 'foreign_bucket', store: 'edge', bucket: 'films' },
)
const run = fc.record({ kind, mark: fc.integer({ min: 1, max: 9 }), beganAt: past })
const seconds = fc.integer({ min: 0, max: 900 })
const end: fc.Arbitrary<TaskEnd> = fc.oneof(
  fc.record({ end: fc.constant('gone' as const), did: fc.boolean() }),
  fc.record({ end: fc.constant('done' as const), kind, seconds, quietLooks: fc.nat(9) }),
  fc.record({ end: fc.constant('again' as const), seconds, failed: fc.boolean() }),
  fc.record({ end: fc.constant('again' as const), seconds, failed: fc.boolean(), trouble: fc.option(trouble) }),
)
const quiet = fc.oneof(
  fc.constant({ quietLooks: 0, quietSince: null }),
  fc.record({ quietLooks: fc.integer({ min: 1, max: 9 }), quietSince: past }),
)
const troubled = fc.oneof(
  fc.constant({ trouble: null, troubleSince: null }),
  fc.record({ trouble, troubleSince: past }),
)
const orders = (mark: number): fc.Arbitrary<OrderMarks> => {
  const came = fc.nat(mark)
  return fc.record({ allowDeletes: came, overwrite: came, full: came, resubscribe: came })
}
/** A task as its run finds it at its end: asked for so often meanwhile, of this kind by now. */
const task = (now: { readonly kind: TaskKind; readonly mark: number }): fc.Arbitrary<Task> =>
  fc
    .tuple(fc.record({ dueAt: fc.integer(), attempts: fc.nat(9) }), orders(now.mark), quiet, troubled)
    .map(([more, ...given]) => Object.assign({ ...now, ...more }, ...given) as Task)

type Case = {
  readonly task: Task
  readonly run: { kind: TaskKind; mark: number; beganAt: number }
  readonly end: TaskEnd
}
const cases = (asked: 'not' | 'again' | 'for another kind') =>
  fc
    .tuple(run, end, fc.integer({ min: 1, max: 3 }), kind)
    .filter(([run, , , other]) => other !== run.kind)
    .chain(([run, end, times, other]): fc.Arbitrary<Case> => {
      const mark = asked === 'not' ? run.mark : run.mark + times
      const kindNow = asked === 'for another kind' ? other : run.kind
      return fc.record({
        task: task({ kind: kindNow, mark }),
        run: fc.constant(run),
        end: fc.constant(end),
      })
    })
const any = fc.oneof(cases('not'), cases('again'), cases('for another kind'))
const check = (what: fc.Arbitrary<Case>, holds: (next: Task | null, of: Case) => void) =>
  fc.assert(
    fc.property(what, (of) => {
      holds(endTask(of.task, of.run, of.end, now), of)
    }),
  )
const ordersOf = ({ allowDeletes, overwrite, full, resubscribe }: OrderMarks): OrderMarks => ({
  allowDeletes,
  overwrite,
  full,
  resubscribe,
})

test('what was asked while a run went on is due at once, as what it was, and nothing holds it up, however the run ended', () => {
  check(cases('again'), (next, { task }) =>
    expect(next).toMatchObject({ kind: task.kind, mark: task.mark, dueAt: now, attempts: 0 }),
  )
})

test('an order that came while a run went on stands after any end of it; one that it began with until it is done, whatever else was ordered', () => {
  check(any, (next, { task, run, end }) => {
    if (next === null) return
    for (const order of Object.keys(ordersOf(task)) as (keyof OrderMarks)[]) {
      const isCarriedOut = end.end === 'done' && task[order] <= run.mark
      expect(next[order]).toBe(isCarriedOut ? 0 : task[order])
    }
  })
})

test('work of another kind begins when and as it was decided, whatever the run before it ended with', () => {
  check(cases('for another kind'), (next, { task }) =>
    expect({ ...next, ...ordersOf(task) }).toEqual({ ...task, attempts: 0 }),
  )
})

test('nobody asked: it goes, or is due after its time, and failures in a row are counted', () => {
  check(cases('not'), (next, { task, end }) => {
    if (end.end === 'gone') return expect(next).toBeNull()
    expect(next?.dueAt).toBe(now + end.seconds * 1000)
    expect(next?.kind).toBe(end.end === 'done' ? end.kind : task.kind)
    expect(next?.attempts).toBe(end.end === 'done' ? 0 : task.attempts + Number(end.failed))
  })
})

test('a look that found something begins the quiet anew; one that did not counts, but where it was asked for again', () => {
  check(fc.oneof(cases('not'), cases('again')), (next, { task, run, end }) => {
    if (next === null) return
    expect(next.quietSince === null).toBe(next.quietLooks === 0)
    if (end.end !== 'done') return expect(next.quietLooks).toBe(task.quietLooks)
    const isAsked = task.mark !== run.mark
    expect(next.quietLooks).toBe(isAsked ? Math.min(task.quietLooks, end.quietLooks) : end.quietLooks)
    if (next.quietLooks > 0) expect(next.quietSince).toBe(task.quietSince ?? run.beganAt)
  })
})

test('a trouble is known since its first end, and goes with the first run that has none', () => {
  check(fc.oneof(cases('not'), cases('again')), (next, { task, end }) => {
    if (next === null) return
    const suffers = end.end === 'again' && end.trouble !== undefined ? end.trouble : task.trouble
    const trouble = end.end === 'again' ? suffers : null
    expect(next.trouble).toEqual(trouble)
    expect(next.troubleSince).toBe(trouble === null ? null : (task.troubleSince ?? now))
  })
})
