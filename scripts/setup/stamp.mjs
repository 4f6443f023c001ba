// @ts-check
// Work that is done once per state of its inputs: a hash of them, written after the work, says what was done last.
import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'

/**
 * The files below the given files and folders, sorted; what does not exist is left out.
 * @param {string} root
 * @param {readonly string[]} inputs relative to root
 * @returns {string[]} relative to root
 */
export function filesOf(root, inputs) {
  /** @param {string} input @returns {string[]} */
  const expand = (input) => {
    const found = statSync(path.join(root, input), { throwIfNoEntry: false })
    if (found === undefined) return []
    if (!found.isDirectory()) return [input]
    return readdirSync(path.join(root, input)).flatMap((name) => expand(path.join(input, name)))
  }
  return inputs.flatMap(expand).sort()
}

/**
 * @param {string} root
 * @param {readonly string[]} inputs
 */
export function fingerprint(root, inputs) {
  const hash = createHash('sha256').update(`${process.platform} ${process.arch}`)
  for (const file of filesOf(root, inputs)) {
    const content = readFileSync(path.join(root, file))
    hash.update(`\0${file}\0${content.length}\0`).update(content)
  }
  return hash.digest('hex')
}

/**
 * @param {string} stampFile
 * @param {string} print
 */
export function isDone(stampFile, print) {
  try {
    return readFileSync(stampFile, 'utf8') === print
  } catch {
    return false
  }
}

/**
 * @param {string} stampFile
 * @param {string} print
 */
export function markDone(stampFile, print) {
  mkdirSync(path.dirname(stampFile), { recursive: true })
  writeFileSync(stampFile, print)
}
