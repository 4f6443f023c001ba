// Scripted xDS clients that end with the test that opened them.
import { onTestFinished } from 'vitest'
import { openAsEnvoy, openXds, type XdsStreamOptions } from './xds-stream.ts'

export type { ClientRequest, ClientResponse } from './xds-stream.ts'

export const connectXds = (port: number, options?: XdsStreamOptions) => ended(openXds(port, options))
export const connectAsEnvoy = (port: number, options?: XdsStreamOptions) => ended(openAsEnvoy(port, options))

function ended<Stream extends { readonly close: () => void }>(stream: Stream): Stream {
  onTestFinished(stream.close)
  return stream
}
