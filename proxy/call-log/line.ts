// A line of the listener's access log: one call. What each of its fields is told by: resources/access-log.ts.

/** In their order. */
const fields = [
  /** How many calls it stands for. */
  'weight',
  /** Where it went last, `10.0.0.1:80`. */
  'host',
  'status',
  /** Envoy's short words for what went wrong, parted by commas. */
  'flags',
  /** Its long word for how the answer came about. */
  'details',
  'tries',
  'ms',
  'bucket',
  /** Its function, where the path is another one by now. */
  'noted',
  /** The platform refused FaDO itself. */
  'refusal',
  'path',
] as const

type Field = (typeof fields)[number]

/** What Envoy lacks is `nothing`. */
export type Line = Readonly<Record<Field, string>>

export const nothing = '-'

/** Each on a line of its own, for no header and no path has a line feed. */
const between = '\n'

export const writeLine = (line: Line): string => fields.map((field) => line[field]).join(between)

/** What each field says; undefined: it is no such line. No object is made, for there are many lines. */
export function parseLine(text: string): ((field: Field) => string) | undefined {
  const parts = text.split(between)
  return parts.length === fields.length ? (field) => parts[fields.indexOf(field)] ?? '' : undefined
}

/** From this status on a call failed; so did one with any flag. An Envoy that tells of a sample tells of those surely. */
export const firstFailure = 500
