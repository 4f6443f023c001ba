// Fields of a resource that are lost on the wire: proto-loader drops what a message has not, without an error.
import { definitions, encode } from '../../proxy/protos.ts'
import type { WireObject } from '../../proxy/resources/wire.ts'
import { messageNames, type ResourceType, typeUrl } from '../../proxy/type-urls.ts'

type Decoder = { readonly deserialize: (bytes: Buffer) => unknown }

function decode(messageName: string, bytes: Buffer): unknown {
  const definition = definitions[messageName] as unknown as Decoder | undefined
  return definition?.deserialize(bytes)
}

/** Their paths, such as `typed_config.credential_provider`. */
export const lostFields = (type: ResourceType, resource: WireObject): string[] =>
  lost(resource, decode(messageNames[type], encode(type, resource)), '')

function lost(given: unknown, decoded: unknown, at: string): string[] {
  if (typeof given !== 'object' || given === null) return decoded === undefined ? [at] : []
  // What is empty says nothing.
  if (typeof decoded !== 'object' || decoded === null) return Object.keys(given).length === 0 ? [] : [at]
  const any = (given as Record<string, unknown>)['@type']
  const inner = typeof any === 'string' ? unpacked(any, decoded) : decoded
  return Object.entries(given).flatMap(([name, value]) =>
    name === '@type' ? [] : lost(value, (inner as Record<string, unknown> | undefined)?.[name], `${at}/${name}`),
  )
}

function unpacked(url: string, decoded: object): unknown {
  const { value } = decoded as { readonly value?: Buffer }
  const name = Object.keys(definitions).find((candidate) => typeUrl(candidate) === url)
  return name === undefined ? undefined : decode(name, Buffer.from(value ?? []))
}
