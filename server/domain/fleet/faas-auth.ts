/** How a platform knows that a call is FaDO's; without the secrets. */
export type FaasAuth =
  /** Signature version 4. `service`: `lambda`, unless the url leads elsewhere. */
  | {
      readonly kind: 'aws_sigv4'
      readonly accessKey: string
      readonly region: string
      readonly service: string
    }
  /** ID tokens of a service account. `account`: its e-mail address. */
  | { readonly kind: 'google_service_account'; readonly account: string }
  /** A secret in a header of this name. */
  | { readonly kind: 'key'; readonly header: string }
  | { readonly kind: 'bearer' }

/** Whether what a deployment answers as, and how it is asked, is proven by TLS. */
export type FaasTls = {
  /** PEM of authorities that are trusted beside the machine's; null: none. */
  readonly caCertificates: string | null
  /** Any certificate is taken. */
  readonly skipVerify: boolean
  /** PEM of FaDO's own certificate, with its chain; null: none is shown. */
  readonly clientCertificate: string | null
}

export const plainTls: FaasTls = { caCertificates: null, skipVerify: false, clientCertificate: null }
