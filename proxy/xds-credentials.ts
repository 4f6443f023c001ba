// How a control plane shows who it is: nothing, or a certificate from files that are read again as they change.
import { readFile } from 'node:fs/promises'
import { createSecureContext } from 'node:tls'
import { experimental, ServerCredentials } from '@grpc/grpc-js'
import { FadoError } from '../server/domain/errors.ts'
import { fileFailure } from '../server/file-failure.ts'
import type { Log } from '../server/log.ts'
import { rereadMs, watchFiles } from './watch-files.ts'

/** Files in PEM. */
export type XdsTlsFiles = {
  /** What the control plane shows, with the authorities between it and those that Envoys know. */
  readonly certificate: string
  readonly key: string
  /** The authorities whose certificates prove who an Envoy is; null: a token does. */
  readonly clientCa: string | null
}

export type XdsCredentials = { readonly credentials: ServerCredentials; readonly stop: () => void }

type Read = { readonly certificate: Buffer; readonly privateKey: Buffer; readonly caCertificate: Buffer | null }
type Identity = experimental.IdentityCertificateUpdateListener
type Authorities = experimental.CaCertificateUpdateListener

/** Throws VALIDATION_FAILED where the files cannot be used. Later such a file is told in the log, and the last good ones hold. */
export async function xdsCredentials(
  files: XdsTlsFiles | null,
  log: Log,
  everyMs: number = rereadMs,
): Promise<XdsCredentials> {
  if (files === null) return { credentials: ServerCredentials.createInsecure(), stop: () => undefined }
  const identity = new Set<Identity>()
  const authorities = new Set<Authorities>()
  const tell = (current: Read) => {
    for (const listener of authorities)
      listener(current.caCertificate === null ? null : { caCertificate: current.caCertificate })
    for (const listener of identity) listener(current)
  }
  const watched = await watchFiles({
    what: 'the certificate of xDS',
    read: () => readAll(files),
    same,
    changed: tell,
    log,
    everyMs,
  })
  /** The server listens for the first ones while it is being made, and takes them only after that. */
  const add = <Listener>(listeners: Set<Listener>, listener: Listener) => {
    listeners.add(listener)
    queueMicrotask(() => tell(watched.current()))
  }
  const provider: experimental.CertificateProvider = {
    addIdentityCertificateListener: (listener) => add(identity, listener),
    removeIdentityCertificateListener: (listener) => void identity.delete(listener),
    addCaCertificateListener: (listener) => add(authorities, listener),
    removeCaCertificateListener: (listener) => void authorities.delete(listener),
  }
  return {
    credentials: experimental.createCertificateProviderServerCredentials(
      provider,
      files.clientCa === null ? null : provider,
      // One that shows none is told so in words, and its address goes to the log.
      false,
    ),
    stop: watched.stop,
  }
}

async function readAll({ certificate, key, clientCa }: XdsTlsFiles): Promise<Read> {
  const read = (file: string) =>
    readFile(file).catch((cause: unknown) => {
      throw unusable(`${file} cannot be read (${fileFailure(cause)}).`, cause)
    })
  const [own, privateKey, caCertificate] = await Promise.all([
    read(certificate),
    read(key),
    clientCa === null ? null : read(clientCa),
  ])
  try {
    createSecureContext({ cert: own, key: privateKey, ...(caCertificate === null ? {} : { ca: caCertificate }) })
  } catch (cause) {
    const files = [certificate, key, ...(clientCa === null ? [] : [clientCa])].join(', ')
    throw unusable(`${files}: these are no certificate, its key and authorities in PEM.`, cause)
  }
  if (caCertificate?.includes('-----BEGIN CERTIFICATE-----') === false)
    throw unusable(`${clientCa} holds no certificate of an authority.`)
  return { certificate: own, privateKey, caCertificate }
}

const unusable = (what: string, cause?: unknown) =>
  new FadoError('VALIDATION_FAILED', `xDS cannot be served over TLS: ${what}`, { cause })

const same = (a: Read, b: Read) =>
  a.certificate.equals(b.certificate) &&
  a.privateKey.equals(b.privateKey) &&
  (a.caCertificate === null || b.caCertificate === null
    ? a.caCertificate === b.caCertificate
    : a.caCertificate.equals(b.caCertificate))
