import { Sha256 } from '@aws-crypto/sha256-js'
import { SignatureV4 } from '@smithy/signature-v4'
import type { Proof } from './proof.ts'

/** Calls are signed, by Envoy itself. */
export const awsSigV4: Proof<'aws_sigv4'> = {
  async headers({ accessKey: accessKeyId, region, service }, { secretKey = '', sessionToken }, url) {
    const credentials = { accessKeyId, secretAccessKey: secretKey, ...(sessionToken ? { sessionToken } : {}) }
    const signed = await new SignatureV4({ credentials, region, service, sha256: Sha256 }).sign({
      method: 'GET',
      protocol: url.protocol,
      hostname: url.hostname,
      path: url.pathname,
      query: Object.fromEntries(url.searchParams),
      headers: { host: url.host },
    })
    return signed.headers
  },
  stored: ({ secretKey, sessionToken }) => ({
    ...(secretKey === undefined ? {} : { secretKey }),
    ...(sessionToken === undefined ? {} : { sessionToken }),
  }),
}
