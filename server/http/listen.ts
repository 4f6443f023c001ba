import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { FadoError } from '../domain/errors.ts'

/** Resolves to the port, which with 0 is a free one. `variable`: what moves it elsewhere. */
export async function listen(
  server: Server,
  { port, address, variable }: { readonly port: number; readonly address: string; readonly variable: string },
): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, address, () => {
      server.off('error', reject)
      resolve()
    })
  }).catch((error: NodeJS.ErrnoException) => {
    const what = error.code === 'EADDRINUSE' ? 'is taken' : `cannot be used (${error.code})`
    throw new FadoError('IN_USE', `The port ${port} of ${address} ${what}: set ${variable} to another one`, {
      cause: error,
    })
  })
  return (server.address() as AddressInfo).port
}
