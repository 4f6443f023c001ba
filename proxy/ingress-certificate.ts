// What the ingress shows to callers over TLS, from files that are read again as they change.
import { readFile } from 'node:fs/promises'
import { createSecureContext } from 'node:tls'
import { FadoError } from '../server/domain/errors.ts'
import { fileFailure } from '../server/file-failure.ts'
import type { Log } from '../server/log.ts'
import type { IngressCertificate } from './resources/secret.ts'
import { type Watched, watchFiles } from './watch-files.ts'

/** Files in PEM. */
export type IngressTlsFiles = { readonly certificate: string; readonly key: string }

/** Throws VALIDATION_FAILED where the files cannot be used. */
export const watchIngressCertificate = (
  files: IngressTlsFiles,
  options: {
    readonly log: Log
    readonly everyMs: number
    readonly changed: (fresh: IngressCertificate) => void
  },
): Promise<Watched<IngressCertificate>> =>
  watchFiles({
    what: 'the certificate of the ingress',
    read: () => readPair(files),
    same: (a, b) => a.certificate === b.certificate && a.key === b.key,
    ...options,
  })

async function readPair(files: IngressTlsFiles): Promise<IngressCertificate> {
  const read = (file: string) =>
    readFile(file, 'utf8').catch((cause: unknown) => {
      throw unusable(`${file} cannot be read (${fileFailure(cause)}).`, cause)
    })
  const [certificate, key] = await Promise.all([read(files.certificate), read(files.key)])
  try {
    createSecureContext({ cert: certificate, key })
  } catch (cause) {
    throw unusable(`${files.certificate}, ${files.key}: these are no certificate and its key in PEM.`, cause)
  }
  return { certificate, key }
}

const unusable = (what: string, cause: unknown) =>
  new FadoError('VALIDATION_FAILED', `The ingress cannot speak TLS: ${what}`, { cause })
