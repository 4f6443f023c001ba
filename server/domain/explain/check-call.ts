// What is no call at all: no client could send it, or no server would take it for HTTP.
import type { Call } from './call.ts'

/** Of all that a call's head may hold, in characters, as Envoy bounds it; and of its headers. */
const longestHead = 60 * 1024
const mostHeaders = 100

/** Those that Envoy takes over HTTP/1.1; it answers others with 400. */
export const callMethods: readonly string[] =
  'ACL BIND CHECKOUT CONNECT COPY DELETE GET HEAD LINK LOCK MERGE MKACTIVITY MKCALENDAR MKCOL MOVE MSEARCH NOTIFY OPTIONS PATCH POST PROPFIND PROPPATCH PURGE PUT REBIND REPORT SEARCH SOURCE SUBSCRIBE TRACE UNBIND UNLINK UNLOCK UNSUBSCRIBE'.split(
    ' ',
  )

const isToken = (text: string) => /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(text)
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const isValue = (text: string) => !/[\x00-\x08\x0a-\x1f\x7f]/.test(text)
/** The target of a CONNECT is no path. */
const isPath = ({ method, path }: Call) => (method === 'CONNECT' || path.startsWith('/')) && /^[\x21-\x7e]+$/.test(path)

/** What is wrong, and where; undefined: nothing. */
export function callFault(call: Call): { readonly message: string; readonly path: readonly string[] } | undefined {
  const { method, path, headers } = call
  if (!callMethods.includes(method))
    return {
      message: 'method must be one of HTTP, such as GET, POST or PUT: Envoy answers others with 400',
      path: ['method'],
    }
  if (!isPath(call))
    return { message: 'path must begin with / and be visible ASCII, with % before what is not', path: ['path'] }
  if (headers.length > mostHeaders)
    return { message: `headers must be at most ${mostHeaders}: Envoy answers more with 431`, path: ['headers'] }
  const length = headers.reduce((sum, { name, value }) => sum + name.length + value.length, path.length)
  if (length > longestHead)
    return {
      message: `path and headers must be at most ${longestHead} characters: Envoy answers more with 431`,
      path: [],
    }
  const bad = headers.findIndex(({ name, value }) => !isToken(name) || !isValue(value))
  if (bad < 0) return undefined
  const message = 'A header must have a name of HTTP, and a value without control characters'
  return { message, path: ['headers', String(bad)] }
}
