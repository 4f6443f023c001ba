/** What goes into a header to prove who calls. */
export const headerSecret = (name: string) => `secret/${name}`
/** FaDO's own certificate and its key, by the name of the TLS settings that it is shown with. */
export const certificateSecret = (tlsKey: string) => `certificate/${tlsKey}`
/** What the ingress shows to callers, and its key. No TLS settings are called so. */
export const ingressSecret = 'certificate/ingress'
