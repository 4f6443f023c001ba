import type { IncomingMessage, ServerResponse } from 'node:http'

/** Answers one request; rejects only on what nobody expects. */
export type Handler = (request: IncomingMessage, response: ServerResponse) => Promise<void>
