// The certificates that SNS signs with: fetched once, kept while they are valid.
import { type KeyObject, X509Certificate } from 'node:crypto'

/** Asks for an address and resolves to its body; rejects unless the answer is 200. */
export type Fetch = (url: URL) => Promise<string>

export type SnsCertificates = {
  /** The key in the certificate at this address. Rejects when it cannot be had now. */
  keyAt(url: URL, now: number): Promise<KeyObject>
}

/** Who posts nonsense makes no more traffic than this. */
const mostAtOnce = 4

export function createSnsCertificates(fetchText: Fetch): SnsCertificates {
  /** What could not be had is not kept, so this is only what lies at AWS: one for a region, another one once a year or so. */
  const kept = new Map<string, Promise<X509Certificate>>()
  let loading = 0

  async function load(url: URL): Promise<X509Certificate> {
    if (loading >= mostAtOnce) throw new Error('too many certificates are asked for at once')
    loading++
    try {
      return new X509Certificate(await fetchText(url))
    } finally {
      loading--
    }
  }

  function certificateAt(url: URL): Promise<X509Certificate> {
    const known = kept.get(url.href)
    if (known !== undefined) return known
    const loaded = load(url)
    kept.set(url.href, loaded)
    loaded.catch(() => kept.delete(url.href))
    return loaded
  }

  return {
    async keyAt(url, now) {
      const { validFromDate, validToDate, publicKey } = await certificateAt(url)
      if (now >= validFromDate.getTime() && now <= validToDate.getTime()) return publicKey
      kept.delete(url.href)
      throw new Error(`the certificate at ${url.href} is not valid now`)
    },
  }
}

const timeoutMs = 10_000
const longest = 100_000

/** The one way out: no redirects, a bounded answer. */
export const fetchFromAws: Fetch = async (url) => {
  const response = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(timeoutMs) })
  if (response.status !== 200) throw new Error(`${url.host} answers ${response.status}`)
  let body = ''
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    body += Buffer.from(chunk).toString('latin1')
    if (body.length > longest) throw new Error(`${url.host} answers more than was asked for`)
  }
  return body
}
