// Encryption at rest: AES-256-GCM. A ciphertext names its key and is bound to the table and row it was made for, so one
// that is moved to another row does not open.
import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto'
import { FadoError } from './domain/errors.ts'

/** The row that a ciphertext belongs to. */
export type SealedFor = { readonly table: string; readonly id: string }
export type SecretBox = {
  seal(text: string, place: SealedFor): string
  /** Whether it was this key that made it. */
  made(sealed: string): boolean
  /** Throws UNSAFE when another key made it, or it is not this row's. */
  open(sealed: string, place: SealedFor): string
}

const algorithm = 'aes-256-gcm'
const version = 'v1'
const keyBytes = 32
const ivBytes = 12

/** Tells keys apart and says nothing of them. */
const keyIdOf = (key: Buffer): string =>
  createHash('sha256').update('fado key id').update(key).digest('hex').slice(0, 8)

const boundTo = ({ table, id }: SealedFor): Buffer => Buffer.from(`fado\0${table}\0${id}`)

const lossMeans =
  'Without that key they cannot be read again: put it back (FADO_SECRET_KEY, or the file secret.key in the state directory), ' +
  'or give the credentials of each store and function deployment again (StorageDeploymentUpdate, FaasDeploymentUpdate).'

export function createSecretBox(key: Buffer): SecretBox {
  if (key.length !== keyBytes) throw new FadoError('VALIDATION_FAILED', `The secret key must have ${keyBytes} bytes`)
  const keyId = keyIdOf(key)
  return {
    seal(text, place) {
      const iv = randomBytes(ivBytes)
      const cipher = createCipheriv(algorithm, key, iv).setAAD(boundTo(place))
      const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
      return [version, keyId, ...[iv, sealed, cipher.getAuthTag()].map((part) => part.toString('base64url'))].join('.')
    },
    made(sealed) {
      const [form, by] = sealed.split('.')
      return form === version && by === keyId
    },
    open(sealed, place) {
      const [made, by = '', iv = '', text = '', tag = ''] = sealed.split('.')
      if (made !== version)
        throw new FadoError('UNSAFE', 'Stored credentials are of a form that this version cannot read')
      if (by !== keyId)
        throw new FadoError(
          'UNSAFE',
          `The secret key (${keyId}) is not the one that the stored credentials were encrypted with (${by}). ${lossMeans}`,
        )
      try {
        const decipher = createDecipheriv(algorithm, key, Buffer.from(iv, 'base64url'))
          .setAAD(boundTo(place))
          .setAuthTag(Buffer.from(tag, 'base64url'))
        return Buffer.concat([decipher.update(Buffer.from(text, 'base64url')), decipher.final()]).toString('utf8')
      } catch (cause) {
        throw new FadoError('UNSAFE', `The stored credentials were changed or belong to another row. ${lossMeans}`, {
          cause,
        })
      }
    },
  }
}

/** 64 hex digits, or base64 of 32 bytes. */
export function parseSecretKey(text: string): Buffer {
  const trimmed = text.trim()
  const key = /^[0-9a-f]{64}$/i.test(trimmed) ? Buffer.from(trimmed, 'hex') : Buffer.from(trimmed, 'base64')
  if (key.length !== keyBytes)
    throw new FadoError('VALIDATION_FAILED', 'The secret key must be 32 bytes, as 64 hex digits or as base64')
  return key
}

export type StoreCredentials = {
  readonly accessKey: string
  readonly secretKey: string
  /** Goes with keys that were lent for a time. */
  readonly sessionToken?: string | null
}

const placeOf = (storageId: string): SealedFor => ({ table: 'storage_deployment', id: storageId })

export const sealCredentials = (
  box: SecretBox,
  storageId: string,
  { accessKey, secretKey, sessionToken }: StoreCredentials,
): string =>
  box.seal(JSON.stringify({ accessKey, secretKey, ...(sessionToken ? { sessionToken } : {}) }), placeOf(storageId))

export function openCredentials(box: SecretBox, storageId: string, sealed: string): StoreCredentials {
  const { accessKey, secretKey, sessionToken } = JSON.parse(box.open(sealed, placeOf(storageId))) as StoreCredentials
  return { accessKey, secretKey, ...(sessionToken ? { sessionToken } : {}) }
}
