// Counts calls by what they were about, with a bounded number of keys: who calls names functions, and there may be 100 000 buckets.
import { addTo, binOf, type Durations } from './durations.ts'
import { blamed, type Whose } from './whose-error.ts'

/** A call that has ended, as an Envoy told of it. */
export type ToldCall = {
  /** How many it stands for: more than 1 in a sample. */
  readonly weight: number
  /** null: none that FaDO has. */
  readonly bucket: string | null
  /** Id of the function deployment that was tried last; null: none was. */
  readonly deployment: string | null
  /** As it is named in the path; null: the path names none. */
  readonly function: string | null
  readonly status: number
  /** Whole milliseconds. */
  readonly ms: number
  readonly whose: Whose | null
  readonly retries: number
}

/** Calls that were about the same; what is null is any that has no row of its own, or none. */
export type CallRow = {
  readonly bucket: string | null
  readonly deployment: string | null
  readonly function: string | null
  calls: number
  readonly errors: Record<Whose, number>
  retries: number
  readonly durations: Durations
}

/** Enough for the busiest of a large fleet; a window's rows take a few megabytes then. */
export const tallyLimits: TallyLimits = { rows: 5_000, functions: 20 }

type About = Pick<CallRow, 'bucket' | 'deployment' | 'function'>

export type TallyLimits = {
  /** Rows; calls beyond count in a row of their deployment. */
  readonly rows: number
  /** Functions of one bucket at one deployment; calls of others count in one row together. */
  readonly functions: number
}

/** A count for each whose error it may be. */
export const noErrors = (): Record<Whose, number> =>
  Object.fromEntries(blamed.map((whose) => [whose, 0])) as Record<Whose, number>

const emptyRow = (about: About): CallRow => ({
  bucket: about.bucket,
  deployment: about.deployment,
  function: about.function,
  calls: 0,
  errors: noErrors(),
  retries: 0,
  durations: new Map(),
})

export type Tally = ReturnType<typeof createTally>

/**
 * A row stays for as long as it is called, so that its figures are whole: what comes later finds the places taken, rather than
 * taking them in turn.
 */
export function createTally(limits: TallyLimits) {
  let rows = new Map<string, CallRow>()
  /** How many functions have rows, by bucket and deployment. */
  let functions = new Map<string, number>()

  const placeOf = ({ bucket, deployment }: About) => `${bucket}\n${deployment}`
  /** Neither a bucket's name nor a path holds a line feed. */
  const keyOf = (about: About) => `${placeOf(about)}\n${about.function ?? '\n'}`

  function open(about: About): CallRow {
    const row = emptyRow(about)
    rows.set(keyOf(about), row)
    if (about.function !== null) functions.set(placeOf(about), (functions.get(placeOf(about)) ?? 0) + 1)
    return row
  }

  function rowOf({ bucket, deployment, function: name, status }: ToldCall): CallRow {
    const whole: About = { bucket, deployment, function: bucket === null ? null : name }
    const known = rows.get(keyOf(whole))
    if (known) return known
    // A name that is refused is perhaps no function's: anybody can think of many.
    const isFunction = status > 0 && (status < 400 || status >= 500)
    const named = isFunction && (functions.get(placeOf(whole)) ?? 0) < limits.functions
    const about = named ? whole : { ...whole, function: null }
    const of = rows.size < limits.rows ? about : { bucket: null, deployment, function: null }
    return rows.get(keyOf(about)) ?? rows.get(keyOf(of)) ?? open(of)
  }

  return {
    add(call: ToldCall): void {
      const row = rowOf(call)
      const { weight } = call
      row.calls += weight
      row.retries += weight * call.retries
      if (call.whose !== null) row.errors[call.whose] += weight
      addTo(row.durations, binOf(call.ms), weight)
    },
    /** What was counted since it was asked last. */
    take(): CallRow[] {
      const taken = [...rows.values()].filter(({ calls }) => calls > 0)
      rows = new Map()
      functions = new Map()
      for (const about of taken) open(about)
      return taken
    },
  }
}
