import type { DeltaRequest } from '../../proxy/stream/delta-stream.ts'
import { messageNames, type ResourceType, typeUrl } from '../../proxy/type-urls.ts'

/** What an Envoy asks of a type; without fields it asks for nothing and answers nothing. */
export const deltaRequest = (type: ResourceType, fields: Partial<DeltaRequest> = {}): DeltaRequest => ({
  typeUrl: typeUrl(messageNames[type]),
  subscribe: [],
  unsubscribe: [],
  initialVersions: new Map(),
  nonce: '',
  error: null,
  ...fields,
})
