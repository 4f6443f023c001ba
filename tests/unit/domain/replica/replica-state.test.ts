import { describe, expect, test } from 'vitest'
import {
  nextObserved,
  type Observed,
  type ReplicaEvent,
  replicaState,
  replicaTransitions,
  taskFor,
} from '../../../../server/domain/replica/replica-state.ts'

const states = Object.keys(replicaTransitions) as Observed[]
const events = Object.keys(replicaTransitions.absent) as ReplicaEvent[]
const pairs = states.flatMap((state) => events.map((event) => [state, event] as const))

describe('the table of replica states and events', () => {
  test('has an answer for every state and event', () => {
    expect(pairs.length).toBe(states.length * events.length)
    for (const [state, event] of pairs) expect(replicaTransitions[state]).toHaveProperty(event)
  })

  test.each(pairs)('%s, %s: an event without a meaning there changes nothing', (state, event) => {
    const next = replicaTransitions[state][event]
    expect(nextObserved(state, event)).toBe(next ?? state)
  })

  test('only a verified first sync makes a copy complete', () => {
    const ways = pairs.filter(([state, event]) => state !== 'complete' && nextObserved(state, event) === 'complete')
    expect(ways.every(([, event]) => event === 'synced')).toBe(true)
  })

  test('what is being deleted is never servable before a first sync, for which it must be gone or kept by a retention', () => {
    for (const event of events)
      expect(event === 'resume' ? ['syncing'] : ['deleting', 'absent']).toContain(nextObserved('deleting', event))
  })

  test('doing a step twice is the same as doing it once', () => {
    for (const [state, event] of pairs) {
      const once = nextObserved(state, event)
      expect(nextObserved(once, event)).toBe(once)
    }
  })
})

describe('what users see', () => {
  const facts = { wanted: true, observed: 'complete', lagObjects: 0, conflicts: 0, braked: 0 } as const

  test('a complete copy that lacks nothing is IN_SYNC', () => expect(replicaState(facts)).toBe('IN_SYNC'))
  test.each(['lagObjects', 'conflicts', 'braked'])('a complete copy with %s is LAGGING', (name) =>
    expect(replicaState({ ...facts, [name]: 1 })).toBe('LAGGING'),
  )
  test('an unwanted copy is WITHDRAWING until its first delete, then DELETING', () => {
    for (const observed of states)
      expect(replicaState({ ...facts, wanted: false, observed })).toBe(
        observed === 'deleting' ? 'DELETING' : 'WITHDRAWING',
      )
  })
})

describe('the work that is due', () => {
  test('nothing is evicted before the proxies agreed and the drain delay is over', () => {
    for (const observed of states) expect(taskFor(false, observed, false)).toBe(null)
  })
  test('a wanted copy is filled until it is complete and swept afterwards', () => {
    expect(taskFor(true, 'complete', false)).toBe('sweep')
    for (const observed of ['absent', 'creating', 'syncing', 'failed'] as const)
      expect(taskFor(true, observed, false)).toBe('first_sync')
  })
})
