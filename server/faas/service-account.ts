import { createPrivateKey } from 'node:crypto'
import { z } from 'zod'

/** The key file of a service account of Google, as far as FaDO reads it. */
export type ServiceAccount = {
  readonly client_email: string
  /** PEM. */
  readonly private_key: string
  readonly private_key_id?: string | undefined
  /** Where tokens are asked for. */
  readonly token_uri: string
}

const shape = z.object({
  type: z.literal('service_account'),
  client_email: z.string().min(1),
  private_key: z.string().refine(isKey),
  private_key_id: z.string().optional(),
  token_uri: z.url({ protocol: /^https?$/ }).default('https://oauth2.googleapis.com/token'),
})

function isKey(pem: string): boolean {
  try {
    return createPrivateKey(pem).asymmetricKeyType === 'rsa'
  } catch {
    return false
  }
}

/** undefined: not such a file. */
export function parseServiceAccount(text: string): ServiceAccount | undefined {
  try {
    return shape.parse(JSON.parse(text))
  } catch {
    return undefined
  }
}
