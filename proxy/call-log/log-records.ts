// The bodies of the records in an ExportLogsServiceRequest, and nothing else of it
// (https://github.com/open-telemetry/opentelemetry-proto, collector/logs/v1 and logs/v1). By hand, for there are many: a general
// decoder makes an object of each record and of each field.

/** Field numbers: resource_logs, scope_logs, log_records, body, string_value. */
const way = [1, 2, 2, 5, 1]

/** Calls `found` with where each body begins and ends. Throws a RangeError where the message is cut off or none. */
export function eachBody(message: Buffer, found: (from: number, to: number) => void): void {
  walk(message, 0, message.length, 0, found)
}

function walk(message: Buffer, from: number, to: number, depth: number, found: (from: number, to: number) => void) {
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
      else walk(message, end, at, depth + 1, found)
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
