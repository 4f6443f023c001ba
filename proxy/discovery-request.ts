// What is read of a DeltaDiscoveryRequest, out of the message as gRPC carries it.
import type { DeltaRequest } from './stream/delta-stream.ts'

/** The fields that are read; proto-loader leaves out what is not set. */
export type WireRequest = {
  node?: { id?: string; user_agent_version?: string; user_agent_build_version?: { version?: SemanticVersion } }
  type_url?: string
  resource_names_subscribe?: string[]
  resource_names_unsubscribe?: string[]
  initial_resource_versions?: Record<string, string>
  response_nonce?: string
  error_detail?: { message?: string }
}
type SemanticVersion = { major_number?: number; minor_number?: number; patch?: number }

/** Who is at the other end of a stream. */
export type NodeInfo = { readonly nodeId: string; readonly envoyVersion: string | null }

/** Characters. A reason for a refusal is kept for each bucket that waits for what was refused. */
const [longestNodeId, longestReason, longestVersion] = [255, 1_000, 100]

export const nodeIdRule = `node.id, at most ${longestNodeId} characters, none of them a control character`

/** Of a stream's first request. undefined: it does not name the node, or by a name that breaks `nodeIdRule`. */
export function readNode(request: WireRequest): NodeInfo | undefined {
  const nodeId = request.node?.id ?? ''
  if (nodeId === '' || nodeId.length > longestNodeId || /\p{Cc}/u.test(nodeId)) return undefined
  return { nodeId, envoyVersion: versionOf(request) }
}

export const readRequest = (request: WireRequest): DeltaRequest => ({
  typeUrl: request.type_url ?? '',
  subscribe: request.resource_names_subscribe ?? [],
  unsubscribe: request.resource_names_unsubscribe ?? [],
  initialVersions: new Map(Object.entries(request.initial_resource_versions ?? {})),
  nonce: request.response_nonce ?? '',
  error: request.error_detail
    ? storable(request.error_detail.message ?? 'refused without a reason', longestReason)
    : null,
})

function versionOf({ node }: WireRequest): string | null {
  const version = node?.user_agent_build_version?.version
  if (!version) return node?.user_agent_version === undefined ? null : storable(node.user_agent_version, longestVersion)
  return [version.major_number, version.minor_number, version.patch].map((part) => part ?? 0).join('.')
}

/** PostgreSQL takes every character but this one. What is longer than `most` is cut. */
const storable = (text: string, most: number) => text.slice(0, most).replaceAll('\0', '')
