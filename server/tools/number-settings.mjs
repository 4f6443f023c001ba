// @ts-check
// Which settings of the environment are whole numbers, and between what. Plain JavaScript, because the set-up looks at them
// before it makes what takes minutes.

/** @typedef {{ readonly least: number, readonly most: number, readonly what: string }} WholeNumber */

/** Fewer leave a mover without a second one for its transactions. */
const fewestConnections = 14

const lastPort = 65_535
/** @type {WholeNumber} */
const port = { least: 0, most: lastPort, what: `a port number, 0 to ${lastPort}` }

/** How many ports the demo uses after its first. */
const demoPorts = 99
/** Below lie the system's own ports, above those that it gives to whoever opens a connection. */
const [firstFree, lastFree] = [1024, 32_767]
const lastBase = lastFree - demoPorts

export const numberSettings = {
  FADO_DATABASE_CONNECTIONS: {
    least: fewestConnections,
    most: 999_999_999,
    what: `a whole number of connections: a control plane and its mover need at least ${fewestConnections}`,
  },
  FADO_HTTP_PORT: port,
  FADO_MOVER_PORT: port,
  FADO_XDS_PORT: port,
  FADO_INGRESS_PORT: port,
  FADO_INGRESS_TLS_PORT: port,
  FADO_ENVOY_ADMIN_PORT: port,
  FADO_POSTGRES_PORT: port,
  FADO_DEMO_PORT_BASE: {
    least: firstFree,
    most: lastBase,
    what: `a whole number from ${firstFree} to ${lastBase}: the demo uses it and the ${demoPorts} ports after it, which must be no system ports (below ${firstFree}) and none that the system gives to outgoing connections (above ${lastFree})`,
  },
  FADO_PROXY_LEASE: { least: 0, most: 999_999_999, what: 'a whole number of seconds, 0 or more' },
}

/**
 * What is wrong with a number as text; undefined: nothing.
 * @param {string} text
 * @param {WholeNumber} rule
 * @returns {string | undefined}
 */
export const numberFault = (text, { least, most, what }) =>
  /^\d{1,9}$/.test(text) && Number(text) >= least && Number(text) <= most
    ? undefined
    : `${JSON.stringify(text)} is not ${what}`

/** @param {string} name @param {string} fault */
export const unusable = (name, fault) => `The environment variable ${name} is not usable: ${fault}`

/**
 * The first number of an environment that cannot be, as one sentence. One that is empty counts as absent.
 * @param {Readonly<Record<string, string | undefined>>} env
 * @returns {string | undefined}
 */
export function firstWrongNumber(env) {
  for (const [name, rule] of Object.entries(numberSettings)) {
    const fault = env[name] ? numberFault(env[name], rule) : undefined
    if (fault !== undefined) return unusable(name, fault)
  }
  return undefined
}
