// Every trouble as a reason: its code and names for programs, its sentence for people.
import { counted, type Reason, type ReasonCode } from '../reason.ts'
import type { CallFailure, ConflictSample, KeptVersions, LastCopyDoubt, StoreProblem, Trouble } from './trouble.ts'

const shownKeys = 3

function namesOf({ count, keys }: ConflictSample): string {
  const shown = keys.slice(0, shownKeys).join(', ')
  return count > shownKeys ? `${shown} and ${count - shownKeys} more` : shown
}

/** The code of a store's problem, and how a sentence goes on after its name. */
const problems: Readonly<Record<StoreProblem, readonly [ReasonCode, string]>> = {
  unreachable: ['STORE_UNREACHABLE', 'cannot be reached'],
  timeout: ['STORE_UNREACHABLE', 'does not answer in time'],
  signature: ['STORE_REFUSES_KEY', "does not accept FaDO's access key"],
  'clock-skew': ['STORE_CLOCK_SKEW', "has a clock too far from FaDO's"],
  'server-error': ['STORE_FAILS', 'answers with errors'],
  'slow-down': ['STORE_BUSY', 'asks to be spared'],
  'no-writes': ['STORE_TAKES_NO_WRITES', 'answers, but takes no writes: none ends in time'],
}

export const sayFailure = ({ store, detail }: CallFailure): string => (store === null ? detail : `${store}: ${detail}`)

function sayConflicts(store: string, sample: ConflictSample): string {
  const objects = counted(sample.count, 'object')
  const names = namesOf(sample)
  const one = sample.count === 1
  switch (sample.kind) {
    case 'foreign':
      return `${objects} in the way on ${store} ${one ? 'was' : 'were'} not written by FaDO: ${names}`
    case 'changed':
      return `${objects} on ${store} ${one ? 'has' : 'have'} been changed since FaDO wrote ${one ? 'it' : 'them'}: ${names}`
    case 'refused':
      return `${store} cannot hold ${objects} of the master as ${one ? 'it is' : 'they are'}: ${names}`
  }
}

function sayDoubt(doubt: LastCopyDoubt): string {
  switch (doubt.because) {
    case 'bucket_missing':
      return `the bucket on ${doubt.master} is not there`
    case 'not_listed':
      return `${doubt.master} cannot be listed`
    case 'unjudged':
      return `${doubt.master} went backwards, or may have`
    case 'objects_missing':
      return `${doubt.master} lacks ${counted(doubt.count, 'object')} of it`
  }
}

function sayKept({ store, versions, lastEnd, holds }: KeptVersions): string {
  const keepers = [
    ...(lastEnd === null ? [] : [`a retention until ${new Date(lastEnd).toISOString()}`]),
    ...(holds === 0 ? [] : [`a legal hold on ${counted(holds, 'version')}, until somebody lifts it`]),
  ]
  return `${counted(versions, 'version')} on ${store} ${versions === 1 ? 'is' : 'are'} kept by ${keepers.join(' and ')}`
}

const conflictCodes = {
  foreign: 'FOREIGN_OBJECTS',
  changed: 'CHANGED_OBJECTS',
  refused: 'REFUSED_OBJECTS',
} as const satisfies Record<ConflictSample['kind'], ReasonCode>

export function reasonOf(trouble: Trouble): Reason {
  switch (trouble.kind) {
    case 'master_missing':
      return {
        code: 'MASTER_MISSING',
        message: `Master bucket missing: ${trouble.store} has no bucket ${trouble.bucket} any more; nothing is copied or deleted, and no calls go there`,
        store: trouble.store,
      }
    case 'master_replaced':
      return {
        code: 'MASTER_REPLACED',
        message: `Master bucket replaced: the bucket ${trouble.bucket} on ${trouble.store} is not the one that FaDO knows; nothing is copied or deleted, and no calls go there`,
        store: trouble.store,
      }
    case 'master_regressed':
      return {
        code: 'MASTER_REGRESSED',
        message: `Master went backwards: the bucket ${trouble.bucket} on ${trouble.store} lacks what FaDO saw there, or has it older; nothing is copied or deleted, and no calls go there, until somebody chooses to rebuild or to accept it`,
        store: trouble.store,
      }
    case 'store': {
      const [code, does] = problems[trouble.problem]
      return { code, message: `${trouble.store} ${does}`, store: trouble.store }
    }
    case 'call':
      return { code: 'CALL_FAILED', message: sayFailure(trouble), ...storeIn(trouble) }
    case 'foreign_bucket':
      return {
        code: 'FOREIGN_BUCKET',
        message: `A bucket named ${trouble.bucket} that FaDO did not make or has given up is on ${trouble.store}; it is left as it is`,
        store: trouble.store,
      }
    case 'last_copy':
      return {
        code: 'LAST_COPY',
        message: `The copy on ${trouble.store} is kept, for no other whole copy can be shown: ${sayDoubt(trouble.doubt)}`,
        store: trouble.store,
      }
    case 'versions_kept':
      return { code: 'VERSIONS_KEPT', message: sayKept(trouble), store: trouble.store }
    case 'conflicts':
      return {
        code: conflictCodes[trouble.sample.kind],
        message: sayConflicts(trouble.store, trouble.sample),
        store: trouble.store,
        keys: trouble.sample.keys.slice(0, shownKeys),
      }
    case 'braked':
      return {
        code: 'DELETES_BRAKED',
        message: `The delete brake holds ${counted(trouble.count, 'delete')} on ${trouble.store} until a resync allows deletes`,
        store: trouble.store,
      }
    case 'keys':
      return {
        code: 'KEYS_FAIL',
        message: `${counted(trouble.count, 'object')} cannot be copied to ${trouble.store} now: ${sayFailure(trouble.example)}`,
        store: trouble.store,
      }
  }
}

const storeIn = ({ store }: CallFailure) => (store === null ? {} : { store })

export const sayTrouble = (trouble: Trouble): string => reasonOf(trouble).message
