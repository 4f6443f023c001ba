// The way to a store: it counts what comes back over it, lets so many bytes a second through, and can break.
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'
import { createStorageDriver } from '../../server/storage/create-storage-driver.ts'
import type { MoverFleet } from './mover-fleet.ts'

export type SlowLink = {
  readonly endpoint: string
  /** Bytes that the store sent over it so far. */
  carried(): number
  /** Nothing gets through any more, or again. */
  broken(is: boolean): void
}

export async function slowLink(endpoint: string, bytesPerSecond = Number.POSITIVE_INFINITY): Promise<SlowLink> {
  const port = Number(new URL(endpoint).port)
  const open = new Set<Socket>()
  let carried = 0
  let isBroken = false
  let freeAt = 0
  const server = createServer((near) => {
    if (isBroken) {
      near.destroy()
      return
    }
    const far = connect(port, '127.0.0.1')
    for (const socket of [near, far]) {
      open.add(socket)
      socket.on('error', () => undefined)
      socket.on('close', () => {
        open.delete(socket)
        near.destroy()
        far.destroy()
      })
    }
    near.pipe(far)
    far.on('data', (data) => {
      carried += data.length
      near.write(data)
      const now = performance.now()
      freeAt = Math.max(now, freeAt) + (data.length / bytesPerSecond) * 1000
      if (freeAt - now < 1) return
      far.pause()
      setTimeout(() => far.resume(), freeAt - now)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const cut = () => {
    for (const socket of open) socket.destroy()
  }
  onTestFinished(() => {
    server.close()
    cut()
  })
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    carried: () => carried,
    broken(is) {
      isBroken = is
      if (is) cut()
    },
  }
}

/** How movers reach their stores, `name` over this link. */
export function over(fleet: MoverFleet, name: string, link: SlowLink): MoverFleet['storageFor'] {
  const driver = createStorageDriver({
    endpoint: link.endpoint,
    accessKey: 'minio',
    secretKey: 'minio123',
    timeouts: { connectMs: 1_000, idleMs: 5_000, listMs: 5_000, answerMs: 5_000 },
  })
  fleet.onEnd(() => driver.close())
  return async (id) => (id === fleet.storeId(name) ? { driver, name } : fleet.storageFor(id))
}
