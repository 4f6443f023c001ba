// By what an Envoy may read the configuration: a token, or a certificate that names it.
import { X509Certificate } from 'node:crypto'

/** Of a gRPC call: its headers, and the certificate that the other end showed and the server could verify. */
type Call = {
  readonly metadata: { readonly get: (header: string) => readonly (string | Buffer)[] }
  readonly getAuthContext: () => { readonly sslPeerCertificate?: { readonly raw: Buffer } | undefined }
}

/** What one call shows of who it is. */
export type Shown = {
  /** Asked again while the stream lasts. Rejects where it cannot be found out. */
  readonly isGood: () => Promise<boolean>
  /** The same where the same is shown. */
  readonly key: string
  /** Whether it may call itself so. */
  readonly names: (nodeId: string) => boolean
  /** For who is refused: what is needed. */
  readonly needed: string
  /** For who configured the Envoy: what is wrong. The token itself never stands there. */
  readonly trouble: string
}

export type Proof = (call: Call) => Shown

/** `authenticate`: whether this bearer token may read the configuration. Its node may have any id. */
export const byToken =
  (authenticate: (token: string) => Promise<boolean>): Proof =>
  (call) => {
    const token = bearer(call)
    return {
      isGood: async () => token !== undefined && authenticate(token),
      key: token ?? '',
      names: () => true,
      needed: 'a valid token of role PROXY is needed: authorization: Bearer <token>',
      trouble: token === undefined ? 'it sends no token' : 'its token is not known, or not of the role PROXY',
    }
  }

/** The authorities that the server knows have signed it, it has not expired, and one of its DNS names is the node's id. */
export const byCertificate: Proof = (call) => {
  const raw = call.getAuthContext().sslPeerCertificate?.raw
  const certificate = raw && new X509Certificate(raw)
  return {
    isGood: async () =>
      certificate !== undefined &&
      certificate.validFromDate.getTime() <= Date.now() &&
      Date.now() < certificate.validToDate.getTime(),
    key: certificate?.fingerprint256 ?? '',
    names: (nodeId) => certificate !== undefined && hasName(certificate, nodeId),
    needed: 'a certificate is needed that an authority of FADO_XDS_CLIENT_CA has signed, and that has not expired',
    trouble: certificate
      ? 'its certificate has expired, or is not valid yet'
      : 'it shows no certificate that an authority of FADO_XDS_CLIENT_CA has signed',
  }
}

/** To the letter: no wildcards, and no subdomains of a name that begins with a dot. */
function hasName(certificate: X509Certificate, name: string): boolean {
  if (!/^[\w.-]+$/.test(name)) return false
  return certificate.checkHost(name, { subject: 'never', wildcards: false, partialWildcards: false }) === name
}

function bearer(call: Call): string | undefined {
  const [value] = call.metadata.get('authorization')
  return typeof value === 'string' ? /^Bearer +(\S+)$/i.exec(value)?.[1] : undefined
}
