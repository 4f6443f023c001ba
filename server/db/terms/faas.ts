// What statements of several rooms read of a function deployment in one way. SQL, for a row of `faas_deployment`.
import type { FaasTls } from '../../domain/fleet/faas-auth.ts'
import { isDown } from './health.ts'

/** SQL: the names of the clusters all of whose function deployments are down, as an array. */
export const silentClusters = `ARRAY(SELECT c.name FROM cluster c JOIN faas_deployment f ON f.cluster_id = c.id
  GROUP BY c.name HAVING bool_and(${isDown('f')}))`

/** SQL: the functions that the platform of the deployment called `alias` lists; null: it does not tell. */
export const listedFunctions = (alias: string): string =>
  `CASE WHEN ${alias}.lists_functions THEN ${alias}.listed_functions END`

/** SQL: the columns of FaasTls, of the deployment called `alias`. */
export const faasTlsColumns = (alias: string): string =>
  `${alias}.ca_certificates AS "caCertificates", ${alias}.skip_tls_verify AS "skipVerify",
   ${alias}.client_certificate AS "clientCertificate"`

/** A row that has these columns, as what has them in `tls`. */
export const withTls = <R extends FaasTls>({ caCertificates, skipVerify, clientCertificate, ...row }: R) => ({
  ...row,
  tls: { caCertificates, skipVerify, clientCertificate },
})
