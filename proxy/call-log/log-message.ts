// Envoys' access logs as gRPC carries them (opentelemetry.proto.collector.logs.v1.LogsService): each message is a call of its own.
import { attributeOf, eachBody } from './log-records.ts'

const asItIs = (bytes: Buffer) => bytes

export const logService = {
  Export: {
    path: '/opentelemetry.proto.collector.logs.v1.LogsService/Export',
    requestStream: false,
    responseStream: false,
    requestSerialize: asItIs,
    requestDeserialize: asItIs,
    responseSerialize: asItIs,
    responseDeserialize: asItIs,
  },
} as const

/** The answer: an ExportLogsServiceResponse that says nothing. */
export const taken = Buffer.alloc(0)

/** Of Envoy's own labels. */
const nodeLabel = 'node_name'

/** `nodeId`: of the Envoy that tells; undefined where it does not say. `lines`: in their order. */
export type LogMessage = { readonly nodeId: string | undefined; readonly lines: readonly string[] }

/** Throws a RangeError where it is no such message. */
export function readMessage(message: Buffer): LogMessage {
  const lines: string[] = []
  // Bytes as characters: names that FaDO has are ASCII, and what is no UTF-8 stays what it is.
  eachBody(message, (from, to) => lines.push(message.toString('latin1', from, to)))
  return { nodeId: attributeOf(message, nodeLabel), lines }
}
