// The gRPC method that takes Envoys' access logs, beside the ADS.
import {
  type Server,
  type ServerReadableStream,
  type sendUnaryData,
  status,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js'
import type { Log } from '../../server/log.ts'
import type { Gate } from '../gate.ts'
import type { Proof } from '../proof.ts'
import { type LogMessage, logService, readMessage, taken } from './log-message.ts'

type LogCall = ServerReadableStream<Buffer, Buffer>

/** `told`: what an Envoy tells that has proven who it is. */
export function addLogService(
  server: Pick<Server, 'addService'>,
  deps: {
    readonly log: Log
    readonly proof: Proof
    readonly gate: Pick<Gate, 'wasGood'>
    readonly told: (message: LogMessage) => void
  },
): void {
  const { log, proof, gate, told } = deps

  async function take(call: LogCall, answer: sendUnaryData<Buffer>) {
    // Without a listener an error of the transport would end the process.
    call.on('error', (error) => log.debug({ err: error }, 'a log of calls failed'))
    const refuse = (code: status, details: string) => answer({ code, details })
    const shown = proof(call)
    if (!(await gate.wasGood(shown))) return refuse(status.UNAUTHENTICATED, shown.needed)
    try {
      for await (const bytes of call) {
        const message = readMessage(bytes as Buffer)
        if (message.nodeId !== undefined && !shown.names(message.nodeId))
          return refuse(status.PERMISSION_DENIED, 'the certificate does not name the node that tells')
        told(message)
      }
      answer(null, taken)
    } catch (error) {
      log.debug({ err: error, peer: call.getPeer() }, 'what an Envoy tells of calls could not be read')
      refuse(status.INVALID_ARGUMENT, 'it could not be read')
    }
  }

  const implementation: UntypedServiceImplementation = {
    Export: (call: LogCall, answer: sendUnaryData<Buffer>) => void take(call, answer),
  }
  server.addService(logService, implementation)
}
