// A call as it is typed into the explainer.
import { callFault } from '../../server/domain/explain/check-call.ts'

type Header = { readonly name: string; readonly value: string }
type Fault = { readonly part: 'method' | 'path' | 'bucket' | 'headers' | 'call'; readonly message: string }

export type TypedCall = {
  readonly method: string
  readonly path: string
  /** Empty: it names none. */
  readonly bucket: string
  /** Others than the one that names the bucket, one a line. */
  readonly others: string
}

const linesOf = (text: string): string[] => text.split('\n').flatMap((line) => line.trim() || [])

function headerOf(line: string): Header {
  const colon = line.indexOf(':')
  return { name: line.slice(0, colon).trim(), value: line.slice(colon + 1).trim() }
}

export const otherHeaders = ({ others }: Pick<TypedCall, 'others'>): Header[] => linesOf(others).map(headerOf)

/** `named`: the header that names the bucket. */
export const typedHeaders = (call: TypedCall, named: string): Header[] => [
  ...(call.bucket === '' ? [] : [{ name: named, value: call.bucket }]),
  ...otherHeaders(call),
]

/** What is wrong with it, and where it was typed; undefined: nothing. */
export function typedFault(call: TypedCall, named: string): Fault | undefined {
  const odd = linesOf(call.others).find((line) => line.indexOf(':') < 1)
  if (odd !== undefined) return { part: 'headers', message: `Write NAME: VALUE, not ${odd}` }
  const headers = typedHeaders(call, named)
  const fault = callFault({ method: call.method, path: call.path, headers })
  if (fault === undefined) return undefined
  const [part = 'call', index] = fault.path
  const isBucket = part === 'headers' && index === '0' && call.bucket !== ''
  return { part: isBucket ? 'bucket' : (part as Fault['part']), message: fault.message }
}
