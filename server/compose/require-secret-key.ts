// The wrong secret key is told at the start, not by each deployment that then cannot be reached.

import { sealedCredentials } from '../db/catalogue/store-access.ts'
import type { Sql } from '../db/core/pool.ts'
import { FadoError } from '../domain/errors.ts'
import { counted } from '../domain/reason.ts'
import type { SecretBox } from '../secrets.ts'

/**
 * Throws UNSAFE when the credentials of stores and functions were all encrypted with another key. `newKey` says that the user knows: the old
 * one is lost, and the credentials will be given again.
 */
export async function requireSecretKey(sql: Sql, secrets: SecretBox, newKey: boolean): Promise<void> {
  const sealed = await sealedCredentials(sql)
  if (newKey || sealed.length === 0 || sealed.some(secrets.made)) return
  throw new FadoError(
    'UNSAFE',
    `The secret key is not the one that the credentials of ${counted(sealed.length, 'deployment')} were encrypted with: put that ` +
      'one back (FADO_SECRET_KEY, or the file secret.key in the state directory); where it is lost, start once with ' +
      'FADO_NEW_SECRET_KEY=1 and give the credentials of each store and function deployment again',
  )
}
