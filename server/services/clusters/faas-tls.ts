// How a function deployment and FaDO prove to each other by TLS who they are, as it is given: checked, and as it is stored.
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { type FaasTls, plainTls } from '../../domain/fleet/faas-auth.ts'
import type { FaasCredentials } from '../../faas/credentials.ts'
import { checkCertificates } from '../shared/check-certificates.ts'
import { invalid, type Optional } from '../shared/check-input.ts'

export type FaasTlsInput = {
  readonly ca?: Optional<string>
  readonly clientCertificate?: Optional<string>
  /** Null: as left out. */
  readonly clientKey?: Optional<string>
  readonly skipVerify: boolean
}
type Before = FaasTls & { readonly credentials: () => FaasCredentials }
type CheckedTls = { readonly tls: FaasTls; readonly credentials: FaasCredentials }

export function keptTls({ caCertificates, skipVerify, clientCertificate, credentials }: Before): CheckedTls {
  const { clientKey } = clientCertificate === null ? {} : credentials()
  return {
    tls: { caCertificates, skipVerify, clientCertificate },
    credentials: clientKey === undefined ? {} : { clientKey },
  }
}

export function checkTls(before: Before, input: FaasTlsInput | null): CheckedTls {
  if (input === null) return { tls: plainTls, credentials: {} }
  const given = (field: 'ca' | 'clientCertificate', had: string | null) =>
    input[field] === undefined ? had : checkCertificates(input[field], ['tls', field])
  const caCertificates = given('ca', before.caCertificates)
  const clientCertificate = given('clientCertificate', before.clientCertificate)
  const tls = { caCertificates, skipVerify: input.skipVerify, clientCertificate }
  const clientKey = (input.clientKey || keptKey(before, clientCertificate))?.trim()
  if (clientCertificate === null) {
    if (clientKey) throw invalid('clientKey is of no use without clientCertificate', ['tls', 'clientKey'])
    return { tls, credentials: {} }
  }
  if (!clientKey || !fits(clientCertificate, clientKey))
    throw invalid('clientKey must be the private key of the certificate, in PEM, without a passphrase', [
      'tls',
      'clientKey',
    ])
  return { tls, credentials: { clientKey: `${clientKey}\n` } }
}

/** A certificate that was renewed may have the key of the one before. */
const keptKey = (before: Before, clientCertificate: string | null): string | undefined =>
  clientCertificate === null || before.clientCertificate === null ? undefined : before.credentials().clientKey

function fits(certificate: string, key: string): boolean {
  try {
    return new X509Certificate(certificate).checkPrivateKey(createPrivateKey(key))
  } catch {
    return false
  }
}
