/** What is stored of each way to prove to a platform that a call is FaDO's; without the secrets. */
type Ways = {
  /** Signature version 4. `service`: `lambda`, unless the url leads elsewhere. */
  readonly aws_sigv4: { readonly accessKey: string; readonly region: string; readonly service: string }
  /** ID tokens of a service account. `account`: its e-mail address. */
  readonly google_service_account: { readonly account: string }
  /** A secret in a header of this name. */
  readonly key: { readonly header: string }
  readonly bearer: unknown
}
export type FaasAuthKind = keyof Ways

/** How a platform knows that a call is FaDO's. */
export type FaasAuth<K extends FaasAuthKind = FaasAuthKind> = { [P in K]: { readonly kind: P } & Ways[P] }[K]

type Way<K extends FaasAuthKind> = {
  /** As whom, or where, for people; null: there is nothing to say. */
  readonly as: (auth: FaasAuth<K>) => string | null
  /** What is stored is itself sent, so whoever is called can read it. */
  readonly sendsSecret: boolean
  /** Who reads a call on its way can call as FaDO. */
  readonly isOpen: boolean
  /** It proves calls of one address alone. */
  readonly byAddress: boolean
}

const ways: { readonly [K in FaasAuthKind]: Way<K> } = {
  // A signature tells nothing of its key.
  aws_sigv4: { as: ({ accessKey }) => accessKey, sendsSecret: false, isOpen: false, byAddress: false },
  google_service_account: { as: ({ account }) => account, sendsSecret: false, isOpen: true, byAddress: true },
  key: { as: ({ header }) => header, sendsSecret: true, isOpen: true, byAddress: false },
  bearer: { as: () => null, sendsSecret: true, isOpen: true, byAddress: false },
}

export const shownAs = <K extends FaasAuthKind>(auth: FaasAuth<K>): string | null => ways[auth.kind].as(auth)
export const sendsSecret = ({ kind }: Pick<FaasAuth, 'kind'>): boolean => ways[kind].sendsSecret
export const isOpen = ({ kind }: Pick<FaasAuth, 'kind'>): boolean => ways[kind].isOpen
export const isByAddress = ({ kind }: Pick<FaasAuth, 'kind'>): boolean => ways[kind].byAddress

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
