// @ts-check
// What npm leaves out of package-lock.json. A registry that lacks another platform's build of an optional package makes
// `npm install` drop it from the lock without a word, and `npm ci` then refuses that lock everywhere.

/**
 * @typedef {object} LockEntry
 * @property {string} [version]
 * @property {boolean} [dev]
 * @property {boolean} [optional]
 * @property {string[]} [os]
 * @property {string[]} [cpu]
 * @property {string[]} [libc]
 * @property {Record<string, string>} [dependencies]
 * @property {Record<string, string>} [devDependencies]
 * @property {Record<string, string>} [optionalDependencies]
 * @typedef {Record<string, LockEntry>} LockEntries by path, e.g. `node_modules/a/node_modules/b`; '' is ourselves
 */

const platform =
  /(android|darwin|freebsd|linux|openharmony|win32|wasm32)[-_]?(arm64|x64|arm|ia32|ppc64|riscv64|s390x|wasi)?/

/**
 * Whether the package that sits at `from` finds `name`, looked for as Node does: inside it, then further up.
 * @param {LockEntries} entries
 * @param {string} from
 * @param {string} name
 * @returns {boolean}
 */
function resolves(entries, from, name) {
  if (entries[`${from === '' ? '' : `${from}/`}node_modules/${name}`] !== undefined) return true
  if (from === '') return false
  const up = from.lastIndexOf('node_modules/')
  return resolves(entries, up <= 0 ? '' : from.slice(0, up - 1), name)
}

/**
 * The entry of a build for another platform, as far as its name tells; npm takes it without its hash.
 * @param {string} name
 * @param {string} version
 * @param {boolean} dev
 * @returns {LockEntry}
 */
function platformEntry(name, version, dev) {
  const [, os = 'none', cpu] = name.match(platform) ?? []
  return {
    version,
    ...(dev ? { dev } : {}),
    optional: true,
    os: [os === 'wasm32' ? 'none' : os],
    ...(cpu !== undefined && cpu !== 'wasi' ? { cpu: [cpu] } : {}),
    ...(name.includes('musl') ? { libc: ['musl'] } : {}),
  }
}

/**
 * The entries that are missing. Only exact versions can be completed, which all platform builds have.
 * @param {LockEntries} entries
 * @returns {LockEntries}
 */
export function missingEntries(entries) {
  const missing = Object.entries(entries).flatMap(([from, { dev = false, optionalDependencies = {} }]) =>
    Object.entries(optionalDependencies)
      .filter(([name, version]) => from !== '' && /^\d/.test(version) && !resolves(entries, from, name))
      .map(([name, version]) => [`node_modules/${name}`, platformEntry(name, version, dev)]),
  )
  return Object.fromEntries(missing)
}

const kinds = /** @type {const} */ (['dependencies', 'devDependencies', 'optionalDependencies'])

/**
 * The direct dependencies for which package.json and the lock differ.
 * @param {LockEntry} manifest package.json
 * @param {LockEntries} entries
 * @returns {string[]}
 */
export function differing(manifest, entries) {
  return kinds.flatMap((kind) => {
    const wanted = manifest[kind] ?? {}
    const locked = entries['']?.[kind] ?? {}
    return [...new Set([...Object.keys(wanted), ...Object.keys(locked)])].filter(
      (name) => wanted[name] !== locked[name],
    )
  })
}
