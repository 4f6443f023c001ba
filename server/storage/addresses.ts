// Where a request for a bucket goes: host, path and the region that it is signed for.
import type { Addressing } from '../domain/fleet/store-access.ts'
import { isAddress } from '../domain/is-address.ts'
import { objectPath } from './object-path.ts'

type Address = {
  /** Scheme, name and port. */
  readonly origin: string
  /** As the header `host` has it. */
  readonly host: string
  /** The path that the endpoint itself has; empty where it has none. */
  readonly prefix: string
  /** What comes after it, encoded. */
  readonly path: string
  readonly region: string
}

export type Addresses = { readonly of: (bucket: string | null, key: string | null) => Address }

/** In which regions the buckets of a store lie, as far as it has said so. */
export type Regions = {
  /** The store's own. */
  home(): string
  of(bucket: string | null): string
  /** What an answer named; false when that was known. */
  learn(bucket: string | null, named: string): boolean
}

/** Where a store names none: what S3 servers outside AWS take. */
export const commonRegion = 'us-east-1'

const aws = /^(s3[a-z-]*?)(?:[.-](dualstack))?(?:[.-]([a-z]{2}(?:-[a-z]+)+-\d))?\.(amazonaws\.com(?:\.cn)?)$/
const isRegion = (text: string) => /^[A-Za-z0-9-]{1,64}$/.test(text)

export function createRegions(endpoint: URL, region: string | null): Regions {
  const atAws = aws.exec(endpoint.hostname)
  let home = region ?? atAws?.[3] ?? commonRegion
  const others = new Map<string, string>()
  const of = (bucket: string | null) => (bucket === null ? home : (others.get(bucket) ?? home))
  return {
    home: () => home,
    of,
    learn(bucket, named) {
      if (!isRegion(named) || of(bucket) === named) return false
      // Only AWS has buckets of several regions behind one name.
      if (bucket === null || atAws === null) home = named
      else others.set(bucket, named)
      return true
    },
  }
}

/** A name that can stand before a host's. With dots a certificate for *.host is not good for it. */
const canBeHost = (bucket: string, { protocol }: URL): boolean =>
  /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket) && !(protocol === 'https:' && bucket.includes('.'))

export function createAddresses(endpoint: URL, style: Addressing, regions: Regions): Addresses {
  const atAws = aws.exec(endpoint.hostname)
  const virtual = style === 'virtual-hosted' || (style === 'auto' && atAws !== null)
  const prefix = endpoint.pathname.replace(/\/+$/, '')

  /** AWS serves a bucket at its own region only. */
  function hostIn(region: string): string {
    if (atAws === null || region === (atAws[3] ?? regions.home())) return endpoint.host
    const [, name, dualstack, , domain] = atAws
    return [name, dualstack, region, domain].filter((part) => part !== undefined).join('.')
  }

  return {
    of(bucket, key) {
      const region = regions.of(bucket)
      const inHost = virtual && bucket !== null && canBeHost(bucket, endpoint)
      const host = inHost ? `${bucket}.${hostIn(region)}` : hostIn(region)
      const full = objectPath(bucket, key)
      const path = inHost ? full.slice(bucket.length + 1) || '/' : full
      return { origin: `${endpoint.protocol}//${host}`, host, prefix, path, region }
    },
  }
}

/** Null unless it is `http://host:port` or `https://host`, with no more after it than a path. */
export function parseEndpoint(text: string): URL | null {
  const url = URL.parse(text)
  if (url === null || `${url.search}${url.hash}${url.username}${url.password}` !== '') return null
  return url.protocol === 'http:' || url.protocol === 'https:' ? url : null
}

/** Whether each bucket can have a name of its own below this host: not below an IP address. */
export const canBeVirtual = ({ hostname }: URL): boolean => !isAddress(hostname)
