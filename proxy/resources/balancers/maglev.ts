// RANDOM and the hash policies: a table in which each deployment has as many places as its weight says.
import type { WireObject } from '../wire.ts'
import { hostChoice, type UnorderedBalancer } from './balancer.ts'

/**
 * It starts nothing slowly: Envoy's Maglev has no such thing. The size is a prime: it keeps a weight within a percent and costs
 * 16 KB for each class.
 */
const table = () => hostChoice('maglev', 'Maglev', { table_size: { value: 4093 } })

/** Envoy's own Random ignores weights. Without a hash to look up Maglev draws a random one. */
export const random: UnorderedBalancer = { policy: table }

/**
 * When a deployment goes its keys move, and back when it returns. Of the others' half a percent move (of eight; of a ring of
 * 64 to 1024 entries it were 17, and shares lay between 8 and 18 % in place of 12 and 13).
 */
const hashOf = (hashPolicy: WireObject): UnorderedBalancer => ({ policy: table, hashPolicy })

/** The address of whoever is connected to Envoy. */
export const ipHash = hashOf({ connection_properties: { source_ip: true } })
/** Path and query, as they were sent. */
export const uriHash = hashOf({ header: { header_name: ':path' } })
