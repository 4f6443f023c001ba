// The bodies of the records in an ExportLogsServiceRequest, and the attributes of who tells, and nothing else of it
// (https://github.com/open-telemetry/opentelemetry-proto, collector/logs/v1 and logs/v1). By hand, for there are many: a general
// decoder makes an object of each record and of each field.

/** Field numbers, each inside of the one before. */
type Way = readonly number[]
/** resource_logs, scope_logs, log_records, body, string_value. */
const body: Way = [1, 2, 2, 5, 1]
/** resource_logs, resource, attributes; in each of these: key; value, string_value. */
const [attribute, key, text] = [[1, 1, 1], [1], [2, 1]] as const

type Found = (from: number, to: number) => void

/** Calls `found` with where each body begins and ends. Throws a RangeError where the message is cut off or none. */
export const eachBody = (message: Buffer, found: Found): void => walk(message, 0, message.length, body, 0, found)

/** The text of an attribute of who tells; undefined: there is none. Throws as `eachBody` does. */
export function attributeOf(message: Buffer, name: string): string | undefined {
  let value: string | undefined
  walk(message, 0, message.length, attribute, 0, (from, to) => {
    const at = (way: Way, found: (text: string) => void) =>
      walk(message, from, to, way, 0, (start, end) => found(message.toString('utf8', start, end)))
    at(key, (found) => {
      if (found === name) at(text, (of) => (value = of))
    })
  })
  return value
}

function walk(message: Buffer, from: number, to: number, way: Way, depth: number, found: Found) {
  let at = from
  while (at < to) {
    const tag = varint(message, at, to)
    at = tag.end
    const wireType = tag.value % 8
    if (wireType === 2) {
      const { value: length, end } = varint(message, at, to)
      at = end + length
      if (at > to) throw new RangeError('a field is cut off')
      if (Math.floor(tag.value / 8) !== way[depth]) continue
      if (depth === way.length - 1) found(end, at)
      else walk(message, end, at, way, depth + 1, found)
    } else at = skipped(message, at, to, wireType)
  }
}

function skipped(message: Buffer, at: number, to: number, wireType: number): number {
  const end =
    wireType === 0 ? varint(message, at, to).end : wireType === 1 ? at + 8 : wireType === 5 ? at + 4 : undefined
  if (end === undefined || end > to) throw new RangeError('no field of protobuf')
  return end
}

/** Of at most 7 bytes: no field here has a number, and no message a length, that is longer. */
function varint(message: Buffer, from: number, to: number): { value: number; end: number } {
  let value = 0
  for (let at = from, factor = 1; at < to && at < from + 10; at++, factor *= 128) {
    const byte = message[at] ?? 0
    value += (byte % 128) * factor
    if (byte < 128) return { value, end: at + 1 }
  }
  throw new RangeError('a number is cut off')
}
